package cache_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// TestVerifyLeavesNothingBesideACopy, where no run has left a lock file.
func TestVerifyLeavesNothingBesideACopy(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	sync(t, l, study.Key())
	dir := t.TempDir()
	path := filepath.Join(dir, "copy.sqlite3")
	require.NoError(t, l.Backup(t.Context(), path))
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	copied, err := cache.NewCachedRecordsLoader(t.Context(), server.Client(), path)
	require.NoError(t, err)
	r, err := copied.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.True(t, r.OK(), r)
	require.Equal(t, int64(60), r.Equal)
	require.NoError(t, copied.Close())
	require.Equal(t, []string{"copy.sqlite3"}, fileNames(t, dir))
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// TestARunThatVerifyCouldNotExclude is said: what was compared is not one state.
func TestARunThatVerifyCouldNotExclude(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	sync(t, l, study.Key())
	path := filepath.Join(t.TempDir(), "copy.sqlite3")
	require.NoError(t, l.Backup(t.Context(), path))
	id := study.RecordIDs()[7]
	study.Advance(24 * time.Hour)
	require.NoError(t, study.EditRecord(id, "NOTE", "changed"))

	verifying := imednettest.NewServer(study)
	copied, err := cache.NewCachedRecordsLoader(t.Context(), verifying.Client(), path)
	require.NoError(t, err)
	defer copied.Close()
	ran := false
	verifying.OnRequest(func(imednettest.Request) {
		if ran {
			return
		}
		ran = true
		other, err := cache.NewCachedRecordsLoader(t.Context(), server.Client(), path)
		assert.NoError(t, err)
		_, err = other.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{})
		assert.NoError(t, err)
		assert.NoError(t, other.Close())
	})
	_, err = copied.Verify(t.Context(), study.Key())
	require.ErrorIs(t, err, cache.ErrSyncRunning)

	busy, err := cache.NewCachedRecordsLoader(t.Context(), verifying.Client(), path, cache.WithLockTimeout(0))
	require.NoError(t, err)
	defer busy.Close()
	inside := false
	server.OnRequest(func(imednettest.Request) {
		if !inside {
			inside = true
			_, err := busy.Verify(t.Context(), study.Key())
			assert.ErrorIs(t, err, cache.ErrSyncRunning, "the run has left its lock file")
		}
	})
	other, err := cache.NewCachedRecordsLoader(t.Context(), server.Client(), path)
	require.NoError(t, err)
	sync(t, other, study.Key())
	require.NoError(t, other.Close())
	require.True(t, inside)
}
