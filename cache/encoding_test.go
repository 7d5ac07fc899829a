package cache_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// A file whose texts are in UTF-16, as another program may have made it, is read and filled like any.
func TestFilesInUTF16(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
	require.NoError(t, study.EditRecord(study.RecordIDs()[0], "NOTE", "Größe 𝄞"))
	path := filepath.Join(t.TempDir(), "records_cache.sqlite3")
	other := otherProgram(t, path)
	_, err := other.Exec(`PRAGMA encoding = 'UTF-16'; ` + referenceSchema)
	require.NoError(t, err)
	want, ok := study.Record(study.RecordIDs()[0])
	require.True(t, ok)
	_, err = other.Exec(referenceUpsert, study.Key(), want.RecordID, "DM", "2024-01-02 00:00:00", string(want.Raw))
	require.NoError(t, err)

	l := openAt(t, imednettest.NewServer(study).Client(), path)
	for got, err := range l.IterCachedRecords(t.Context(), study.Key()) {
		require.NoError(t, err)
		require.Equal(t, string(want.Raw), string(got.Raw))
	}
	sync(t, l, study.Key())
	requireEqual(t, study, l)
	for got, err := range l.Records(t.Context(), study.Key(), imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Equal, want.RecordID)}) {
		require.NoError(t, err)
		require.Equal(t, string(want.Raw), string(got.Raw))
	}
	var encoding string
	require.NoError(t, other.QueryRow(`PRAGMA encoding`).Scan(&encoding))
	require.Equal(t, "UTF-16le", encoding)
}
