package lake_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/lake"
	"github.com/imednetgo/imednet/workflows/tables"
)

func withoutForm(plan *tables.Plan, key string) *tables.Plan {
	less := *plan
	less.Forms = slices.DeleteFunc(slices.Clone(plan.Forms), func(f tables.FormPlan) bool { return f.FormKey == key })
	return &less
}

// newestRows reads a table as one does who does not ask which snapshot a moment has.
func (w *world) newestRows(name string) []string {
	w.t.Helper()
	tbl, err := w.lake.Table(w.t.Context(), w.study.Key(), name)
	require.NoError(w.t, err)
	return readRows(w.t, tbl, tbl.CurrentSnapshot().SnapshotID)
}

// TestTheTableOfAFormThatIsGoneIsEmptied: whoever reads it alone finds no row that the study no longer has, the report
// says so, a tag keeps the rows, and a form that comes back has them again.
func TestTheTableOfAFormThatIsGoneIsEmptied(t *testing.T) {
	w := newWorld(t, 200)
	plan := w.plan()
	require.NoError(t, w.syncPlan(plan, false))
	rows := w.newestRows("VS")
	require.NotEmpty(t, rows)
	_, err := w.lake.Tag(t.Context(), w.study.Key(), "before", 0)
	require.NoError(t, err)
	tagged := w.tagRows("before")

	report, err := w.lake.Sync(t.Context(), w.study.Key(), lake.SyncOptions{Plan: withoutForm(plan, "VS")})
	require.NoError(t, err)
	require.True(t, report.Changed)
	require.Contains(t, report.String(), "VS: emptied, 0 rows (0 written, ")
	require.Empty(t, w.newestRows("VS"))
	list := w.requireEqual(withoutForm(plan, "VS"))
	require.False(t, slices.ContainsFunc(list.Tables, func(l lake.ListedTable) bool { return l.Table == "VS" }))
	require.Equal(t, tagged, w.tagRows("before"))

	report, err = w.lake.Sync(t.Context(), w.study.Key(), lake.SyncOptions{Plan: withoutForm(plan, "VS")})
	require.NoError(t, err)
	require.False(t, report.Changed, "it is empty already")

	require.NoError(t, w.syncPlan(plan, false))
	w.requireEqual(plan)
	require.Equal(t, rows, w.newestRows("VS"))
	require.Equal(t, tagged, w.tagRows("before"))
}

// TestAnotherMirrorEmptiesAFormThatIsGone: a lake that is written again from a mirror whose version is lower, such as one
// that was made anew, has no row of a form that only the former one had.
func TestAnotherMirrorEmptiesAFormThatIsGone(t *testing.T) {
	w := newWorld(t, 200)
	plan := withoutForm(w.plan(), "VS")
	before, err := w.mirror.LatestVersion(t.Context(), w.study.Key())
	require.NoError(t, err)
	w.meddle(10)
	w.pull()
	w.sync()
	require.NotEmpty(t, w.newestRows("VS"))
	report, err := w.lake.Sync(t.Context(), w.study.Key(), lake.SyncOptions{Plan: plan, Version: before, Rewrite: true})
	require.NoError(t, err)
	require.Equal(t, before, report.Version)
	require.Empty(t, w.newestRows("VS"))
}

// TestExpiryReachesAFormThatIsGone: no file is left with rows of a form that neither the study nor a moment has.
func TestExpiryReachesAFormThatIsGone(t *testing.T) {
	w := newWorld(t, 200)
	plan := withoutForm(w.plan(), "VS")
	w.sync()
	require.NoError(t, w.syncPlan(plan, false))
	_, err := w.lake.Expire(t.Context(), w.study.Key(), lake.ExpirePolicy{Keep: time.Millisecond}, time.Now().Add(time.Hour))
	require.NoError(t, err)
	tbl, err := w.lake.Table(t.Context(), w.study.Key(), "VS")
	require.NoError(t, err)
	require.Len(t, tbl.Metadata().Snapshots(), 1)
	for path := range w.dataFilesOnDisk() {
		require.True(t, w.named()[path], "nothing names %s", path)
		require.NotContains(t, path, w.tableDir("VS"))
	}
	w.requireEqual(plan)
}
