package lake_test

import (
	"math/rand/v2"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/apache/iceberg-go/table"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/lake"
)

// TestKilled kills processes (SIGKILL) at random moments of first and later syncs and of compactions.
// Each table is then at a version that it was brought to whole, old or new, the newest moment is the
// old or the new one with all of its rows, and the next run ends equal to the mirror.
func TestKilled(t *testing.T) {
	moments := 6
	if long() {
		moments = 100
	}
	w := newWorld(t, 300)
	child := task{Mirror: w.path, Catalog: w.catalog, Warehouse: w.warehouse, Study: w.study.Key()}
	rng := rand.New(rand.NewPCG(5, 6))
	longest, killed := 2*time.Second, 0
	before := map[string][]string{}
	for i := range moments {
		child.Compact = i%4 == 3
		child.KillAt = time.Duration(rng.Int64N(int64(longest)))
		start := time.Now()
		if err := childtest.Start(t, child).Wait(); err == nil {
			longest = max(time.Since(start), 50*time.Millisecond)
		} else {
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			require.Equal(t, -1, exit.ExitCode(), "it failed, and was not killed")
			killed++
		}
		w.requireOldOrNew(before)
		if i%2 == 1 {
			w.sync()
			before = w.rowsByTable(w.requireEqual(nil))
			w.meddle(15)
			w.pull()
		}
	}
	t.Logf("%d of %d were killed before they were done", killed, moments)
	w.sync()
	w.requireEqual(nil)
}

func (w *world) rowsByTable(list *lake.Listing) map[string][]string {
	rows := map[string][]string{}
	for _, t := range list.Tables {
		rows[t.Table] = w.held(w.lake, t)
	}
	return rows
}

// requireOldOrNew demands that the newest moment is whole, and that the newest snapshot of each table has
// the rows of before or those of the mirror.
func (w *world) requireOldOrNew(before map[string][]string) {
	w.t.Helper()
	ctx := w.t.Context()
	list, err := w.lake.Current(ctx, w.study.Key())
	if err == nil {
		rows := w.rowsByTable(list)
		latest, err := w.mirror.LatestVersion(ctx, w.study.Key())
		require.NoError(w.t, err)
		if list.Version == latest {
			w.requireEqual(nil)
		} else {
			require.Equal(w.t, before, rows)
		}
	} else {
		require.ErrorIs(w.t, err, lake.ErrNoStudy)
		require.Empty(w.t, before)
	}
	names := lake.TableNames(w.formKeys())
	want := w.mapped(nil)
	for form, name := range names {
		tbl, err := w.cat.LoadTable(ctx, table.Identifier{lake.Namespace(w.study.Key()), name})
		if err != nil || tbl.CurrentSnapshot() == nil {
			require.Empty(w.t, before[name])
			continue
		}
		rows := readRows(w.t, tbl, tbl.CurrentSnapshot().SnapshotID)
		require.True(w.t, slices.Equal(rows, before[name]) || slices.Equal(rows, want[form]), "table %s is neither old nor new", name)
	}
}

func (w *world) formKeys() (keys []string) {
	for f, err := range w.mirror.Client().Forms(w.t.Context(), w.study.Key(), imednet.ListOptions{}) {
		require.NoError(w.t, err)
		keys = append(keys, f.FormKey.Or(""))
	}
	return keys
}
