//go:build cgo

package postgres_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/internal/sqljournal"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// TestStoresAreCopiedToFilesAndBack: after two copies every row of every table is what it was, work goes
// on, and what is not empty is not copied to.
func TestStoresAreCopiedToFilesAndBack(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	from := []chained{reviewed(t), configured(t), submitted(t)}
	url := from[0].url
	worked(t, url)
	// One schema with everything.
	one := postgrestest.URL(t)
	all := openAll(t, one)
	source := []stores{openAll(t, from[0].url), openAll(t, from[1].url), openAll(t, from[2].url)}

	file, err := triage.NewTriageStore(ctx, filepath.Join(dir, "t.sqlite3"))
	require.NoError(t, err)
	defer file.Close()
	_, err = file.CopyFrom(ctx, source[0].queue)
	require.NoError(t, err)
	rows, err := all.queue.CopyFrom(ctx, file)
	require.NoError(t, err)
	require.Positive(t, rows)
	again, err := all.queue.CopyFrom(ctx, file)
	require.NoError(t, err, "what is there already is not copied twice")
	require.Equal(t, rows, again)
	noItems, err := triage.NewTriageStore(ctx, filepath.Join(dir, "none-t.sqlite3"))
	require.NoError(t, err)
	defer noItems.Close()
	_, err = all.queue.CopyFrom(ctx, noItems)
	require.ErrorIs(t, err, triage.ErrNotEmpty)

	history, err := versioning.NewConfigVersionStore(ctx, filepath.Join(dir, "c.sqlite3"))
	require.NoError(t, err)
	defer history.Close()
	_, err = history.CopyFrom(ctx, source[1].versions)
	require.NoError(t, err)
	for range 2 {
		_, err = all.versions.CopyFrom(ctx, history)
		require.NoError(t, err)
	}
	noHistory, err := versioning.NewConfigVersionStore(ctx, filepath.Join(dir, "none-c.sqlite3"))
	require.NoError(t, err)
	defer noHistory.Close()
	_, err = all.versions.CopyFrom(ctx, noHistory)
	require.ErrorIs(t, err, versioning.ErrNotEmpty)

	journal, err := sqlitejournal.Open(ctx, filepath.Join(dir, "j.sqlite3"))
	require.NoError(t, err)
	defer journal.Close()
	_, err = sqljournal.Copy(ctx, journal.Journal, source[2].journal)
	require.NoError(t, err)
	for range 2 {
		_, err = sqljournal.Copy(ctx, all.journal, journal.Journal)
		require.NoError(t, err)
	}
	none, err := sqlitejournal.Open(ctx, filepath.Join(dir, "none.sqlite3"))
	require.NoError(t, err)
	defer none.Close()
	_, err = sqljournal.Copy(ctx, all.journal, none.Journal)
	require.ErrorIs(t, err, audit.ErrNotEmpty)

	ledgers := []ledger.Store{}
	first, err := source[0].db.Ledger(ctx)
	require.NoError(t, err)
	jsonFile, err := ledger.OpenFile(filepath.Join(dir, "l.json"))
	require.NoError(t, err)
	sqlite, err := ledger.OpenSQLite(ctx, filepath.Join(dir, "l.sqlite3"))
	require.NoError(t, err)
	defer sqlite.Close()
	last, err := all.db.Ledger(ctx)
	require.NoError(t, err)
	ledgers = append(ledgers, first, jsonFile, sqlite, last)
	for i := range 3 {
		n, err := ledger.Copy(ctx, ledgers[i+1], ledgers[i])
		require.NoError(t, err)
		require.Positive(t, n)
		again, err := ledger.Copy(ctx, ledgers[i+1], ledgers[i])
		require.NoError(t, err)
		require.Equal(t, n, again)
		none, err := ledger.NewMemoryStore()
		require.NoError(t, err)
		_, err = ledger.Copy(ctx, ledgers[i+1], none)
		require.ErrorIs(t, err, ledger.ErrNotEmpty)
	}
	all.verify(t)
	for i, tables := range [][]string{{"triage_events", "triage_items", "triage_annotations", "triage_history", "ledger_entry", "ledger_run"}, {"config_entries", "config_commits", "dictionary_files"}, {"submission_events", "submissions", "submission_items"}} {
		for _, table := range tables {
			query := `SELECT t::text FROM ` + table + ` t ORDER BY 1`
			require.Equal(t, postgrestest.Column(t, from[i].url, query), postgrestest.Column(t, one, query), table)
		}
	}
	require.Empty(t, all.write(t, "goes-on"))
	all.verify(t)
	entries, err := all.journal.Entries(ctx, submissions.Query{})
	require.NoError(t, err)
	require.Len(t, entries, 2)

	// What is damaged is not copied.
	postgrestest.WithoutGuards(t, from[0].url, from[0].tables, `UPDATE triage_events SET user_id = 'x' WHERE sequence = 2`)
	empty := openTriage(t, postgrestest.URL(t))
	_, err = empty.CopyFrom(ctx, source[0].queue)
	require.ErrorIs(t, err, triage.ErrIntegrity)
	for _, refused := range []func() error{
		func() error { _, err := empty.CopyFrom(ctx, nil); return err },
		func() error { _, err := history.CopyFrom(ctx, nil); return err },
		func() error { _, err := ledger.Copy(ctx, nil, first); return err },
		func() error { _, err := ledger.Copy(ctx, first, nil); return err },
	} {
		require.ErrorAs(t, refused(), new(*imednet.ValidationError))
	}
}
