//go:build cgo

package cache_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// A first pass that is cut short after any batch goes on, and leaves the schema that every other file has. Before that
// searches have no indexes, and other programs' writes are noted all the same.
func TestAFirstPassMakesTheIndexesOfSearchesAtItsEnd(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 620})
	server := imednettest.NewServer(study)
	empty := filepath.Join(t.TempDir(), "mirror.sqlite3")
	openAt(t, nil, empty)
	want := schemaOf(t, empty)
	whole := false
	for cut := 1; !whole; cut++ {
		t.Run(fmt.Sprintf("after %d batches", cut), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "mirror.sqlite3")
			ctx, cancel := context.WithCancel(t.Context())
			batches := 0
			l := openAt(t, server.Client(), path, cache.WithBatchRows(50), cache.WithProgress(func(imednet.Progress) {
				if batches++; batches == cut {
					cancel()
				}
			}))
			_, err := l.SyncRecords(ctx, study.Key(), cache.SyncOptions{})
			if whole = err == nil; !whole {
				require.ErrorIs(t, err, context.Canceled)
				requireUnsearchable(t, path, want)
				requireNoted(t, path)
				held, err := l.CachedRecords(t.Context(), study.Key())
				require.NoError(t, err)
				require.NotEmpty(t, held)
				r := sync(t, openAt(t, server.Client(), path, cache.WithBatchRows(50)), study.Key())
				require.True(t, r.Resumed)
			}
			require.Equal(t, want, schemaOf(t, path))
			requireEqual(t, study, l)
			requireSearchable(t, study, l)
		})
	}
}

func TestAFirstPassKeepsTheIndexesOfOtherStudies(t *testing.T) {
	one := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "ONE", Records: 60})
	two := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "TWO", Records: 620})
	path := filepath.Join(t.TempDir(), "mirror.sqlite3")
	l := openAt(t, imednettest.NewServer(one).Client(), path)
	sync(t, l, one.Key())
	want := schemaOf(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := openAt(t, imednettest.NewServer(two).Client(), path, cache.WithBatchRows(50), cache.WithProgress(func(imednet.Progress) { cancel() })).
		SyncRecords(ctx, two.Key(), cache.SyncOptions{})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, want, schemaOf(t, path))
	requireSearchable(t, one, l)
}

// schemaOf returns the statements that made the tables, indexes and triggers of a file, in order.
func schemaOf(t *testing.T, path string) (statements []string) {
	rows, err := otherProgram(t, path).Query(`SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY type, name`)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var sql string
		require.NoError(t, rows.Scan(&sql))
		statements = append(statements, sql)
	}
	require.NoError(t, rows.Err())
	return statements
}

// requireUnsearchable demands that nothing is missing in a file but the indexes of searches.
func requireUnsearchable(t *testing.T, path string, want []string) {
	left := []string{}
	for _, sql := range want {
		if !strings.Contains(sql, "INDEX imednet_record_subject") && !strings.Contains(sql, "INDEX imednet_record_version") {
			left = append(left, sql)
		}
	}
	require.Len(t, left, len(want)-2)
	require.Equal(t, left, schemaOf(t, path))
}

// requireNoted demands that what another program writes is noted.
func requireNoted(t *testing.T, path string) {
	db := otherProgram(t, path)
	_, err := db.Exec(`INSERT INTO record_cache VALUES ('OTHER', 1, '', '', '{}')`)
	require.NoError(t, err)
	var noted int
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM imednet_foreign WHERE study_key = 'OTHER' AND record_id = 1`).Scan(&noted))
	require.Equal(t, 1, noted)
}

// requireSearchable demands that searches by subject and by version find everything.
func requireSearchable(t *testing.T, study *imednettest.Study, l *cache.CachedRecordsLoader) {
	ids := map[int64]bool{}
	for rec, err := range l.RecordsBySubject(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		ids[rec.RecordID] = true
		if subject, ok := rec.SubjectID.Get(); ok && len(ids)%100 == 1 {
			found := false
			for same, err := range l.Records(t.Context(), study.Key(), imednet.ListOptions{Filter: imednet.Where("subjectId", imednet.Equal, subject)}) {
				require.NoError(t, err)
				found = found || same.RecordID == rec.RecordID
			}
			require.True(t, found)
		}
	}
	require.Len(t, ids, len(study.RecordIDs()))
	for v, err := range l.ChangesSince(t.Context(), study.Key(), 0) {
		require.NoError(t, err)
		delete(ids, v.Record.RecordID)
	}
	require.Empty(t, ids)
}
