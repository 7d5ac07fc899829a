package lake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/lake"
	"github.com/imednetgo/imednet/workflows/tables"
)

// task is what a child process does: it syncs a lake from a mirror that is there.
type task struct {
	Mirror, Catalog, Warehouse, Study string
	Compact                           bool
	KillAt                            time.Duration // after it is ready
}

func TestMain(m *testing.M) {
	lake.UsePrivateFiles()
	childtest.Main(m, func(ctx context.Context, work task, say childtest.Say) error {
		mirror, err := cache.NewCachedRecordsLoader(ctx, nil, work.Mirror)
		if err != nil {
			return err
		}
		cat, _, err := lake.OpenCatalog(ctx, work.Catalog, lake.CatalogOptions{Warehouse: work.Warehouse})
		if err != nil {
			return err
		}
		l, err := lake.New(mirror, cat)
		if err != nil {
			return err
		}
		time.AfterFunc(work.KillAt, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })
		if work.Compact {
			_, err = l.Compact(ctx, work.Study, lake.CompactPolicy{MinFiles: 2, MaxManifests: 1})
		} else {
			_, err = l.Sync(ctx, work.Study, lake.SyncOptions{})
		}
		return err
	})
}

func long() bool { return os.Getenv("IMEDNET_LONG") != "" }

// world is a server, a mirror and a lake of one study.
type world struct {
	t         *testing.T
	study     *imednettest.Study
	mirror    *cache.CachedRecordsLoader
	path      string // of the mirror
	catalog   string // URL
	warehouse string
	cat       catalog.Catalog
	lake      *lake.Lake
	rng       *rand.Rand
}

func newWorld(t *testing.T, records int) *world {
	t.Helper()
	return worldOf(t, imednettest.Generate(imednettest.GenerateOptions{Records: records}), "")
}

// worldOf makes a world with a mirror in a file, and a catalog at a URL or in a file.
func worldOf(t *testing.T, study *imednettest.Study, catalogURL string) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mirror", "mirror.sqlite3")
	mirror, err := cache.NewCachedRecordsLoader(t.Context(), imednettest.NewServer(study).Client(), path)
	require.NoError(t, err)
	t.Cleanup(func() { mirror.Close() })
	w := worldOver(t, study, mirror, catalogURL)
	w.path = path
	return w
}

// worldOver makes a world with a mirror that stands anywhere.
func worldOver(t *testing.T, study *imednettest.Study, mirror *cache.CachedRecordsLoader, catalogURL string) *world {
	t.Helper()
	dir := t.TempDir()
	if catalogURL == "" {
		catalogURL = "sqlite://" + filepath.Join(dir, "catalog.sqlite3")
	}
	w := &world{t: t, study: study, mirror: mirror, catalog: catalogURL, warehouse: filepath.Join(dir, "lake"), rng: rand.New(rand.NewPCG(1, 2))}
	w.pull()
	w.lake, w.cat = w.open()
	return w
}

// open returns another writer of the same lake.
func (w *world) open(opts ...lake.Option) (*lake.Lake, catalog.Catalog) {
	w.t.Helper()
	cat, closeCatalog, err := lake.OpenCatalog(w.t.Context(), w.catalog, lake.CatalogOptions{Warehouse: w.warehouse})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, closeCatalog()) })
	l, err := lake.New(w.mirror, cat, opts...)
	require.NoError(w.t, err)
	return l, cat
}

// pull brings the mirror up to date.
func (w *world) pull() {
	w.t.Helper()
	_, err := w.mirror.SyncStudy(w.t.Context(), w.study.Key(), cache.SyncOptions{Sweep: true, AllowMassDeletion: true})
	require.NoError(w.t, err)
}

func (w *world) sync() lake.Report {
	w.t.Helper()
	report, err := w.lake.Sync(w.t.Context(), w.study.Key(), lake.SyncOptions{})
	require.NoError(w.t, err)
	return report
}

// meddle changes the study in some random ways.
func (w *world) meddle(times int) {
	w.t.Helper()
	for range times {
		ids := w.study.RecordIDs()
		id := ids[w.rng.IntN(len(ids))]
		switch w.rng.IntN(8) {
		case 0:
			_ = w.study.DeleteRecord(id, w.rng.IntN(2) == 0)
		case 1:
			_ = w.study.RestoreRecord(id, true)
		case 2:
			_ = w.study.RemoveRecord(id)
		case 3, 4:
			rec, _ := w.study.Record(id)
			w.study.InsertRecord(rec)
		case 5:
			_ = w.study.SetStatus(id, "Record Incomplete")
		default:
			rec, _ := w.study.Record(id)
			for name := range rec.RecordData.All() {
				_ = w.study.EditRecord(id, name, fmt.Sprint("changed ", w.rng.IntN(1000)))
				break
			}
		}
	}
}

// rows are the rows of batches as texts, in order.
func rowTexts(batch arrow.RecordBatch) (rows []string) {
	for i := range int(batch.NumRows()) {
		cells := make([]string, batch.NumCols())
		for c := range cells {
			value := batch.Column(c).ValueStr(i)
			cells[c] = batch.ColumnName(c) + "=" + value
		}
		slices.Sort(cells) // columns are told by name
		rows = append(rows, strings.Join(cells, "|"))
	}
	return rows
}

// held reads a table of a moment from the lake.
func (w *world) held(l *lake.Lake, listed lake.ListedTable) []string {
	w.t.Helper()
	tbl, err := l.Table(w.t.Context(), w.study.Key(), listed.Table)
	require.NoError(w.t, err)
	rows := readRows(w.t, tbl, listed.Snapshot)
	require.Len(w.t, rows, int(listed.Rows), listed.Table)
	return rows
}

func readRows(t *testing.T, tbl *table.Table, snapshot int64) (rows []string) {
	t.Helper()
	scan := tbl.Scan(table.WithSnapshotID(snapshot))
	_, batches, err := scan.ToArrowRecords(t.Context())
	require.NoError(t, err)
	for batch, err := range batches {
		require.NoError(t, err)
		rows = append(rows, rowTexts(batch)...)
		batch.Release()
	}
	slices.Sort(rows)
	return rows
}

// mapped maps the mirror afresh: the rows of each form, and the rejects.
func (w *world) mapped(plan *tables.Plan) map[string][]string {
	w.t.Helper()
	view := w.mirror.Client()
	mapper, err := tables.NewRecordMapper(view)
	require.NoError(w.t, err)
	want := map[string][]string{}
	var rejects tables.RejectList
	run := mapper.MapForms(w.t.Context(), w.study.Key(), tables.MapOptions{Plan: plan, OnReject: func(r tables.Reject) error {
		r.Raw = slices.Clone(r.Raw)
		return rejects.Add(r)
	}})
	schemas, err := run.Schemas()
	require.NoError(w.t, err)
	for _, s := range schemas {
		want[s.FormKey] = nil
	}
	for batch, err := range run.Batches() {
		require.NoError(w.t, err)
		converted, err := arrow18.Record(batch.Record)
		require.NoError(w.t, err)
		want[batch.FormKey] = append(want[batch.FormKey], rowTexts(converted)...)
		converted.Release()
	}
	reader := rejects.Reader(memory.DefaultAllocator)
	defer reader.Release()
	for reader.Next() {
		converted, err := arrow18.Record(reader.Record())
		require.NoError(w.t, err)
		want[lake.RejectsTable] = append(want[lake.RejectsTable], rowTexts(converted)...)
		converted.Release()
	}
	for name := range want {
		slices.Sort(want[name])
	}
	return want
}

// requireEqual compares every table of the newest moment with the mirror, row by row and cell by cell.
func (w *world) requireEqual(plan *tables.Plan) *lake.Listing {
	w.t.Helper()
	list, err := w.lake.Current(w.t.Context(), w.study.Key())
	require.NoError(w.t, err)
	latest, err := w.mirror.LatestVersion(w.t.Context(), w.study.Key())
	require.NoError(w.t, err)
	require.Equal(w.t, latest, list.Version)
	want := w.mapped(plan)
	for _, listed := range list.Tables {
		rows := w.held(w.lake, listed)
		switch {
		case listed.FormKey != "":
			require.Equal(w.t, want[listed.FormKey], rows, listed.Table)
			delete(want, listed.FormKey)
		case listed.Table == lake.RejectsTable:
			require.Equal(w.t, want[lake.RejectsTable], rows)
			delete(want, lake.RejectsTable)
		case listed.Table == lake.ChangesTable:
			require.Equal(w.t, w.changes(), changeCells(rows), listed.Table)
		default:
			require.Equal(w.t, w.rawRows(listed.Table), rawCells(rows), listed.Table)
		}
	}
	require.Empty(w.t, want, "forms without a table")
	return list
}

// changes are the changes that the mirror knows, as changeCells gives them.
func (w *world) changes() (cells []string) {
	for c, err := range w.mirror.Changes(w.t.Context(), w.study.Key(), 0) {
		require.NoError(w.t, err)
		cells = append(cells, fmt.Sprint(c.Kind, " ", len(c.Revisions), " ", c.RowID, " ", c.Version))
	}
	slices.Sort(cells)
	return cells
}

// changeCells are the kind, the number of saves, the row and the version of each row.
func changeCells(rows []string) (cells []string) {
	for _, row := range rows {
		all := strings.Split(row, "|")
		var found []string
		for _, name := range []string{"kind", "revisions", "rowId", "version"} {
			i := slices.IndexFunc(all, func(cell string) bool { return strings.HasPrefix(cell, name+"=") })
			found = append(found, strings.TrimPrefix(all[i], name+"="))
		}
		cells = append(cells, strings.Join(found, " "))
	}
	slices.Sort(cells)
	return cells
}

// rawRows are the ids of the rows of a resource, or of the comments of queries.
func (w *world) rawRows(name string) (rows []string) {
	view, ctx := w.mirror.Client(), w.t.Context()
	switch name {
	case lake.RevisionsTable:
		for v, err := range view.RecordRevisions(ctx, w.study.Key(), imednet.ListOptions{}) {
			require.NoError(w.t, err)
			rows = append(rows, string(v.Raw))
		}
	case lake.QueriesTable, lake.QueryCommentsTable:
		for q, err := range view.Queries(ctx, w.study.Key(), imednet.ListOptions{}) {
			require.NoError(w.t, err)
			if name == lake.QueriesTable {
				rows = append(rows, string(q.Raw))
				continue
			}
			for range q.QueryComments {
				rows = append(rows, fmt.Sprint(q.AnnotationID))
			}
		}
	}
	slices.Sort(rows)
	return rows
}
