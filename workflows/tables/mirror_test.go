//go:build cgo

package tables_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/workflows/tables"
)

// mirrorOf fills a mirror of a study.
func mirrorOf(t *testing.T, client imednet.Client, studyKey string) *cache.CachedRecordsLoader {
	t.Helper()
	mirror, err := cache.NewCachedRecordsLoader(t.Context(), client, filepath.Join(t.TempDir(), "mirror.sqlite3"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, mirror.Close()) })
	_, err = mirror.SyncRecords(t.Context(), studyKey, cache.SyncOptions{})
	require.NoError(t, err)
	_, err = mirror.SyncStructure(t.Context(), studyKey, cache.SyncOptions{})
	require.NoError(t, err)
	return mirror
}

func TestEveryPilotValueIsInExactlyOnePlaceFromTheMirror(t *testing.T) {
	client := pilotSource(t).(imednet.Client)
	proof := pilotProof{"mirror", true, tables.InferOptions{ExtraColumns: true, KeepTypes: true}, 718_606, 3_576}
	proof.check(t, mirrorOf(t, client, "CDISCPILOT01"))
}
