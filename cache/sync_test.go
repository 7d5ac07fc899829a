package cache_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// open opens a mirror in a file of its own.
func open(t testing.TB, client cache.Client, opts ...cache.Option) *cache.CachedRecordsLoader {
	return openAt(t, client, filepath.Join(t.TempDir(), "mirror.sqlite3"), opts...)
}

func openAt(t testing.TB, client cache.Client, path string, opts ...cache.Option) *cache.CachedRecordsLoader {
	l, err := cache.NewCachedRecordsLoader(context.Background(), client, path, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// mirrored fills a mirror of a study once. What it returns copies the closed file to where a test needs one.
func mirrored(t testing.TB, study *imednettest.Study, fill func(*cache.CachedRecordsLoader)) (copyTo func(path string) string) {
	t.Helper()
	original := filepath.Join(t.TempDir(), "mirror.sqlite3")
	l, err := cache.NewCachedRecordsLoader(context.Background(), imednettest.NewServer(study).Client(), original)
	require.NoError(t, err)
	fill(l)
	require.NoError(t, l.Close())
	require.NoFileExists(t, original+"-wal")
	return func(path string) string {
		file, err := os.ReadFile(original)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, file, 0o600))
		return path
	}
}

// requireEqual demands that the mirror yields the server's records, byte for byte, and that the
// report adds up.
func requireEqual(t testing.TB, study *imednettest.Study, l *cache.CachedRecordsLoader) {
	t.Helper()
	ids := study.RecordIDs()
	i := 0
	for got, err := range l.Records(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		i = requireNext(t, study, ids, i, got.RecordID, got.Raw)
	}
	require.Equal(t, len(ids), i)
}

// requireEqualPayloads is requireEqual without decoding what the mirror holds.
func requireEqualPayloads(t testing.TB, study *imednettest.Study, l *cache.CachedRecordsLoader) {
	t.Helper()
	ids := study.RecordIDs()
	i := 0
	for id, payload := range l.Payloads(t.Context(), study.Key()) {
		i = requireNext(t, study, ids, i, id, payload)
	}
	require.Equal(t, len(ids), i)
}

// requireNext demands that the record with index i of the server is the one that the mirror holds, and returns
// the next index. It calls require only to say what is wrong: the records are many.
func requireNext(t testing.TB, study *imednettest.Study, ids []int64, i int, id int64, payload []byte) int {
	if i >= len(ids) {
		require.Fail(t, "a record is too many", id)
	}
	want, ok := study.Record(ids[i])
	if !ok || id != ids[i] || string(want.Raw) != string(payload) {
		require.True(t, ok)
		require.Equal(t, ids[i], id)
		require.Equal(t, string(want.Raw), string(payload))
	}
	return i + 1
}

func sync(t testing.TB, l *cache.CachedRecordsLoader, study string) cache.Report {
	t.Helper()
	report, err := l.SyncRecords(t.Context(), study, cache.SyncOptions{})
	require.NoError(t, err)
	requireBalanced(t, report)
	return report
}

func requireBalanced(t testing.TB, r cache.Report) {
	t.Helper()
	require.Equal(t, r.Received, r.Added+r.Updated+r.Deleted+r.Restored+r.Unchanged, "%+v", r)
	require.Equal(t, r.After.Total(), r.Before.Total()+r.Added+r.Adopted, "%+v", r)
}

func TestReadingsDoNotSort(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 600})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	sync(t, l, study.Key())
	plans, err := l.Plans(t.Context(), study.Key())
	require.NoError(t, err)
	for name, plan := range plans {
		require.NotContains(t, plan, "TEMP B-TREE FOR ORDER BY", name)
		require.NotContains(t, plan, "SCAN r", name)
	}
	require.Contains(t, plans["subjectFilter"], "imednet_record_subject")
	require.Contains(t, plans["bySubject"], "imednet_record_subject (study=? AND (subject_id,record_id)>(?,?))")
	require.Contains(t, plans["changes"], "imednet_record_version")
	require.Contains(t, plans["revisionsOfRecord"], "imednet_row_record (resource=? AND record_id=?)", "every record would read all saves of the study")
}
