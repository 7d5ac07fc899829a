package lake_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/iceberg-go/table"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/lake"
)

// rawCells are the JSON of rows as they arrived, or their ids where a table has none.
func rawCells(rows []string) (cells []string) {
	for _, row := range rows {
		found := ""
		for _, cell := range strings.Split(row, "|") {
			if encoded, ok := strings.CutPrefix(cell, "raw="); ok {
				document, err := base64.StdEncoding.DecodeString(encoded)
				if err != nil {
					panic(err)
				}
				found = string(document)
			}
			if id, ok := strings.CutPrefix(cell, "annotationId="); ok && found == "" {
				found = id
			}
		}
		cells = append(cells, found)
	}
	slices.Sort(cells)
	return cells
}

// TestTablesFollowTheMirror changes a study in random ways, again and again: after each sync every
// table is what a fresh mapping of the mirror gives, row by row and cell by cell.
func TestTablesFollowTheMirror(t *testing.T) {
	rounds := 4
	if long() {
		rounds = 40
	}
	w := newWorld(t, 400)
	first := w.sync()
	for _, table := range first.Tables {
		require.Equal(t, lake.ModeCreated, table.Mode)
	}
	w.requireEqual(nil)
	for round := range rounds {
		w.meddle(1 + round*7)
		w.pull()
		report := w.sync()
		list := w.requireEqual(nil)
		require.Equal(t, report.Version, list.Version)
		require.Equal(t, first.Version, report.Before)
		for _, table := range report.Tables {
			require.NotEqual(t, lake.ModeRewritten, table.Mode, table.Table)
		}
		first = report
	}
}

// TestNothingNewCommitsNothing: a run over the same version leaves every table's metadata as it is.
func TestNothingNewCommitsNothing(t *testing.T) {
	w := newWorld(t, 200)
	w.sync()
	before := w.metadata()
	report := w.sync()
	require.False(t, report.Changed)
	require.Equal(t, before, w.metadata())
}

// metadata is the metadata file of each table.
func (w *world) metadata() map[string]string {
	files := map[string]string{}
	for id, err := range w.cat.ListTables(w.t.Context(), table.Identifier{lake.Namespace(w.study.Key())}) {
		require.NoError(w.t, err)
		tbl, err := w.cat.LoadTable(w.t.Context(), id)
		require.NoError(w.t, err)
		files[id[1]] = tbl.MetadataLocation()
	}
	return files
}

// TestOneCommitAVersion: a table has one snapshot for each version in which its rows changed, and only
// tables whose rows changed have a new one.
func TestOneCommitAVersion(t *testing.T) {
	w := newWorld(t, 300)
	w.sync()
	before := w.metadata()
	id := w.study.RecordIDs()[100]
	rec, _ := w.study.Record(id)
	form := rec.FormKey.Or("")
	require.NoError(t, w.study.SetStatus(id, "Record Incomplete"))
	w.pull()
	report := w.sync()
	w.requireEqual(nil)
	var changed []string
	for name, location := range w.metadata() {
		if before[name] != location {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	require.Equal(t, []string{form, lake.ChangesTable, lake.RevisionsTable, lake.TablesTable}, sortedNames(changed))
	tbl, err := w.lake.Table(t.Context(), w.study.Key(), form)
	require.NoError(t, err)
	require.Len(t, tbl.Metadata().Snapshots(), 2)
	props := tbl.CurrentSnapshot().Summary.Properties
	require.Equal(t, w.study.Key(), props["imednet.study"])
	require.NotEmpty(t, props["imednet.server-time"])
	require.NotEmpty(t, props["imednet.program"])
	require.NotEmpty(t, props["imednet.plan"])
	require.Equal(t, props["total-records"], props["imednet.rows"])
	require.True(t, report.Changed)
}

func sortedNames(names []string) []string {
	slices.SortFunc(names, func(a, b string) int {
		if strings.HasPrefix(a, "_") != strings.HasPrefix(b, "_") {
			if strings.HasPrefix(a, "_") {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	return names
}

// TestOnlyFilesWithChangesAreWritten: files that hold none of the records that changed stay in the new
// snapshot.
func TestOnlyFilesWithChangesAreWritten(t *testing.T) {
	w := newWorld(t, 3000)
	small, _ := w.open(lake.WithFileBytes(4 << 10))
	w.lake = small
	_, err := small.Sync(t.Context(), w.study.Key(), lake.SyncOptions{})
	require.NoError(t, err)
	rec, _ := w.study.Record(w.study.RecordIDs()[1500])
	form := rec.FormKey.Or("")
	before := w.files(form)
	require.Greater(t, len(before), 0)
	require.NoError(t, w.study.SetStatus(rec.RecordID, "Record Incomplete"))
	w.pull()
	_, err = small.Sync(t.Context(), w.study.Key(), lake.SyncOptions{})
	require.NoError(t, err)
	w.requireEqual(nil)
	kept := 0
	for _, f := range w.files(form) {
		if slices.Contains(before, f) {
			kept++
		}
	}
	require.Equal(t, len(before)-1, kept)
}

func (w *world) files(name string) (paths []string) {
	tbl, err := w.lake.Table(w.t.Context(), w.study.Key(), name)
	require.NoError(w.t, err)
	tasks, err := tbl.Scan().PlanFiles(w.t.Context())
	require.NoError(w.t, err)
	for _, task := range tasks {
		paths = append(paths, task.File.FilePath())
	}
	return paths
}

// TestTwoWritersNeverDouble lets writers of one lake run at the same time, over first and later runs:
// each ends well or says that the others were faster, and the rows stand once.
func TestTwoWritersNeverDouble(t *testing.T) {
	rounds := 2
	if long() {
		rounds = 30
	}
	w := newWorld(t, 200)
	other, _ := w.open()
	for range rounds {
		var both sync.WaitGroup
		errs := make([]error, 2)
		for i, l := range []*lake.Lake{w.lake, other} {
			both.Go(func() { _, errs[i] = l.Sync(t.Context(), w.study.Key(), lake.SyncOptions{}) })
		}
		both.Wait()
		for _, err := range errs {
			if err != nil {
				require.ErrorIs(t, err, lake.ErrConflict)
			}
		}
		require.False(t, errs[0] != nil && errs[1] != nil)
		w.requireEqual(nil)
		w.meddle(20)
		w.pull()
	}
}

// TestAStaleTokenIsRefused: what a writer with a greater token has written, one with a lower does not.
func TestAStaleTokenIsRefused(t *testing.T) {
	w := newWorld(t, 150)
	old, _ := w.open(lake.WithFence(1))
	new, _ := w.open(lake.WithFence(2))
	_, err := old.Sync(t.Context(), w.study.Key(), lake.SyncOptions{})
	require.NoError(t, err)
	w.meddle(10)
	w.pull()
	_, err = new.Sync(t.Context(), w.study.Key(), lake.SyncOptions{})
	require.NoError(t, err)
	before := w.metadata()
	w.meddle(10)
	w.pull()
	_, err = old.Sync(t.Context(), w.study.Key(), lake.SyncOptions{})
	require.ErrorIs(t, err, lake.ErrFenced)
	require.Equal(t, before, w.metadata())
	_, err = new.Sync(t.Context(), w.study.Key(), lake.SyncOptions{})
	require.NoError(t, err)
	w.requireEqual(nil)
}

// TestAnotherMirrorIsRefused: versions of one mirror say nothing about another's, so a lake that was
// written from it is refused, and is written again only if that is asked for.
func TestAnotherMirrorIsRefused(t *testing.T) {
	w := newWorld(t, 150)
	w.sync()
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 150})
	study.Advance(time.Hour)
	other := worldOf(t, study, "")
	other.catalog, other.warehouse = w.catalog, w.warehouse
	other.lake, other.cat = other.open()
	before := w.metadata()
	_, err := other.lake.Sync(t.Context(), w.study.Key(), lake.SyncOptions{})
	require.ErrorIs(t, err, lake.ErrOtherMirror)
	require.Equal(t, before, w.metadata())
	_, err = other.lake.Sync(t.Context(), w.study.Key(), lake.SyncOptions{Rewrite: true})
	require.NoError(t, err)
	other.requireEqual(nil)
}
