package cache_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// TestStatusSaysWhenEachResourceWasRead, by quiet runs too, to a process that only reads the file.
func TestStatusSaysWhenEachResourceWasRead(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
	clock := &stillClock{time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)}
	client := &filteredClient{Client: imednettest.NewServer(study).Client(), forbidden: map[imednet.Resource]bool{imednet.Codings: true}}
	l := open(t, client, cache.WithClock(clock))
	require.Empty(t, mustStatus(t, l, study.Key()).Fresh)
	first := clock.now
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	before := fingerprint(t, l.Path())

	clock.now = clock.now.Add(time.Hour)
	sync(t, l, study.Key())
	syncResource(t, l, study.Key(), imednet.Queries)
	require.Equal(t, before, fingerprint(t, l.Path()), "a quiet run wrote")
	reader, err := cache.NewCachedRecordsLoader(t.Context(), nil, l.Path())
	require.NoError(t, err)
	defer reader.Close()
	want := map[imednet.Resource]time.Time{imednet.Records: clock.now}
	for _, name := range cache.MirroredResources() {
		want[name] = first
	}
	want[imednet.Queries] = clock.now
	delete(want, imednet.Codings)
	require.Equal(t, want, mustStatus(t, reader, study.Key()).Fresh)
	client.forbidden = nil
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	require.Equal(t, clock.now, mustStatus(t, reader, study.Key()).Fresh[imednet.Codings])
}

// TestStatusBelievesNoNotesOfAnotherFile: an older copy of the mirror was not read when the newer one was.
func TestStatusBelievesNoNotesOfAnotherFile(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	l := open(t, imednettest.NewServer(study).Client())
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	copied := filepath.Join(t.TempDir(), "copy.sqlite3")
	require.NoError(t, l.Backup(t.Context(), copied))
	require.NoError(t, study.EditRecord(study.RecordIDs()[0], "X", 1))
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	require.NoError(t, l.Close())
	require.NoError(t, os.Rename(copied, l.Path()))
	for _, leftover := range []string{"-wal", "-shm"} {
		_ = os.Remove(l.Path() + leftover)
	}
	restored, err := cache.NewCachedRecordsLoader(t.Context(), nil, l.Path())
	require.NoError(t, err)
	defer restored.Close()
	status := mustStatus(t, restored, study.Key())
	require.True(t, status.Whole)
	require.Empty(t, status.Fresh)
}

// TestNotesThatCannotBeUnderstoodAreNone and the next run writes new ones.
func TestNotesThatCannotBeUnderstoodAreNone(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
	l := open(t, imednettest.NewServer(study).Client())
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	locks, err := filepath.Glob(l.Path() + ".*.lock")
	require.NoError(t, err)
	var notes string
	for _, path := range locks {
		if !strings.HasSuffix(path, ".open.lock") {
			notes = path
		}
	}
	for _, text := range []string{"", "500", "-7", "x\nversion y\nrecords z", "1\nrecords", "\x00\xff"} {
		require.NoError(t, os.WriteFile(notes, []byte(text), 0o600))
		require.Empty(t, mustStatus(t, l, study.Key()).Fresh, "%q", text)
		syncStudy(t, l, study.Key(), cache.SyncOptions{})
		require.Len(t, mustStatus(t, l, study.Key()).Fresh, 1+len(cache.MirroredResources()), "%q", text)
	}
}

// TestOneResourceThatVanishesHoldsUpNoOther: it keeps its rows, and the others are brought up to date.
func TestOneResourceThatVanishesHoldsUpNoOther(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	client := &filteredClient{Client: imednettest.NewServer(study).Client()}
	l := open(t, client)
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	all := rowsOf(t, l.Client(), study.Key(), imednet.Variables)
	client.variables = 1
	client.queries = func(int) bool { return false }
	require.NoError(t, study.EditRecord(study.RecordIDs()[0], "X", 1)) // and so a new revision
	for range 2 {
		_, err := l.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{})
		require.ErrorAs(t, err, new(*cache.MassDeletionError))
		require.ErrorContains(t, err, "variables held")
		require.ErrorContains(t, err, "lists no queries")
		require.Equal(t, all, rowsOf(t, l.Client(), study.Key(), imednet.Variables))
		require.Equal(t, rowsOf(t, client, study.Key(), imednet.RecordRevisions), rowsOf(t, l.Client(), study.Key(), imednet.RecordRevisions))
	}
	client.queries = nil
	_, err := l.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{AllowMassDeletion: true})
	require.NoError(t, err)
	requireEqualResources(t, client, l, study.Key())
}
