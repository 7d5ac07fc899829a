package lake

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/program"
	"github.com/imednetgo/imednet/workflows/tables"
)

// maxAttempts bounds how often a run begins again because other writers were faster.
const maxAttempts = 10

// SyncOptions configures [Lake.Sync].
type SyncOptions struct {
	// Plan fixes the columns of forms; nil means one made from the variables of the mirror's version.
	Plan *tables.Plan
	// Version is the version of the mirror to write; 0 means the newest.
	Version imednet.MirrorVersion
	// Rewrite writes every row of every table again, as into a new lake, in the same tables. It is the
	// way out of [ErrOtherMirror] and of a purge that removed changes which the lake has not seen.
	Rewrite bool
	// ReplaceColumns drops a column that Iceberg cannot turn into what the study has now, and adds
	// another one with its name. By default that is a [SchemaError]. Earlier snapshots and tags keep
	// the old column.
	ReplaceColumns bool
}

// Sync brings the tables of a study to a version of the mirror, with at most one commit a table and
// one that names the moment. Only files with rows that changed since the version that a table's
// snapshot names are written again. A run that finds nothing new commits nothing.
//
// A run that ends at any point, or that loses to another writer, leaves each table at its old or its
// new snapshot; the next run continues from what each of them names. Readers of [Lake.Current] see
// the old moment until the whole new one stands. A table whose form the study no longer has is emptied, and is
// in no new moment; earlier moments and tags keep its rows.
//
// Errors, in an *[imednet.Error]: [ErrDamaged], [ErrFenced], [ErrConflict], [ErrOtherMirror], *[SchemaError] (all
// that were found, joined; nothing was written then), cache.ErrNotSynced, cache.ErrPurged, and those
// of the catalog and the files.
func (l *Lake) Sync(ctx context.Context, studyKey string, opts SyncOptions) (Report, error) {
	report := Report{StudyKey: studyKey}
	if err := errors.Join(argument.Required("lake.Lake.Sync", "mirror", l.mirror), argument.Named("lake.Lake.Sync", "studyKey", studyKey)); err != nil {
		return report, failure("sync", studyKey, "", err, "")
	}
	written := map[string]int64{}
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		r := &run{Lake: l, ctx: ctx, study: studyKey, opts: opts, written: written, report: Report{StudyKey: studyKey, Attempts: attempt, Tables: []TableReport{}}}
		err := r.do()
		if !errors.Is(err, errMoved) || ctx.Err() != nil {
			return r.report, failure("sync", studyKey, r.place, err, hintFor(err))
		}
		report = r.report
	}
	return report, failure("sync", studyKey, "", ErrConflict, "run it again, or let one writer at a time hold a lease on the study")
}

func hintFor(err error) string {
	switch {
	case errors.Is(err, ErrDamaged):
		return "put the files back from a backup, or write every table again (--rewrite); tags and earlier moments keep what they have lost"
	case errors.Is(err, ErrOtherMirror):
		return "sync from the mirror that wrote it, or write every table again (--rewrite)"
	case errors.As(err, new(*SchemaError)):
		return "nothing was written; to keep the old column in earlier snapshots only, replace it (--replace-columns)"
	case errors.Is(err, cache.ErrPurged):
		return "the lake is behind a purge of the mirror; write every table again (--rewrite)"
	}
	return ""
}

// run is one attempt of a sync.
type run struct {
	*Lake
	ctx     context.Context
	study   string
	opts    SyncOptions
	written map[string]int64 // snapshots of earlier attempts by table

	view   *cache.View
	mapper *tables.RecordMapper
	moment moment
	plan   *tables.Plan
	forms  []tables.FormSchema

	list    *Listing     // the newest moment in the lake; nil if none
	listTbl *table.Table // the table of tables; nil if none
	tables  []*tableState
	left    []TableReport // of tables whose forms are gone
	place   string
	report  Report
}

func (r *run) do() error {
	for _, step := range []func() error{r.open, r.findTables, r.writeRecords, r.writeResources, r.writeChanges, r.emptyLeft, r.finish} {
		if err := step(); err != nil {
			return err
		}
		if r.report.Superseded {
			return nil
		}
	}
	return nil
}

// open reads the newest moment of the lake before the mirror's newest version, which therefore is
// not less unless the lake was written from elsewhere.
func (r *run) open() (err error) {
	if r.listTbl, r.list, err = r.moments(r.ctx, r.study); err != nil {
		return err
	}
	if r.list != nil {
		r.report.Before = r.list.Version
		if err := r.mayWrite(r.listTbl); err != nil {
			return err
		}
		if !r.opts.Rewrite {
			if err := r.requireFiles(r.ctx, r.listTbl, r.list); err != nil {
				return err
			}
		}
	}
	latest, err := r.mirror.LatestVersion(r.ctx, r.study)
	if err != nil {
		return err
	}
	version := r.opts.Version
	if version == 0 {
		version = latest
	}
	if r.view, err = r.mirror.AsOf(r.ctx, r.study, version); err != nil {
		return err
	}
	origin, err := r.view.Origin(r.ctx, r.study)
	if err != nil {
		return err
	}
	r.moment = moment{study: r.study, version: origin.Version, serverTime: origin.ServerTime.Truncate(time.Microsecond), release: program.Info().Version}
	r.report.Version, r.report.ServerTime = r.moment.version, r.moment.serverTime
	if err := r.compareMirrors(latest); err != nil {
		return err
	}
	return r.makePlan()
}

// compareMirrors refuses a lake whose newest moment is none of this mirror.
func (r *run) compareMirrors(latest imednet.MirrorVersion) error {
	if r.list == nil || r.opts.Rewrite {
		return nil
	}
	if r.list.Version > latest {
		return ErrOtherMirror
	}
	if r.list.Version > r.moment.version {
		r.report.Superseded = true
		return nil
	}
	return r.sameMirror(r.list.Version, r.list.ServerTime)
}

// sameMirror compares the server's time of a version with what the lake was told. A version whose
// states were purged cannot be compared.
func (r *run) sameMirror(version imednet.MirrorVersion, serverTime time.Time) error {
	view, err := r.mirror.AsOf(r.ctx, r.study, version)
	switch {
	case errors.Is(err, cache.ErrPurged):
		return nil
	case errors.Is(err, cache.ErrNotSynced):
		return ErrOtherMirror
	case err != nil:
		return err
	}
	origin, err := view.Origin(r.ctx, r.study)
	if err != nil {
		return err
	}
	if !origin.ServerTime.Truncate(time.Microsecond).Equal(serverTime) {
		return ErrOtherMirror
	}
	return nil
}

func (r *run) makePlan() (err error) {
	var opts []tables.Option
	if r.progress != nil {
		opts = append(opts, tables.WithProgress(r.progress))
	}
	if r.mapper, err = tables.NewRecordMapper(r.view, opts...); err != nil {
		return err
	}
	if r.plan = r.opts.Plan; r.plan == nil {
		if r.plan, err = r.mapper.Plan(r.ctx, r.study, tables.PlanOptions{}); err != nil {
			return err
		}
	}
	r.forms, err = r.mapper.MapForms(r.ctx, r.study, tables.MapOptions{Plan: r.plan}).Schemas()
	return err
}

// findTables reads what stands, refuses what cannot be, and decides what each table needs. Nothing is
// written before every table is known to be possible.
func (r *run) findTables() error {
	targets, err := r.targets()
	if err != nil {
		return err
	}
	var problems []error
	for _, t := range targets {
		state, err := r.find(t)
		if errors.As(err, new(*SchemaError)) {
			problems = append(problems, err)
			continue
		}
		if err != nil {
			r.place = "table " + t.name
			return err
		}
		r.tables = append(r.tables, state)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	exists, err := r.catalog.CheckNamespaceExists(r.ctx, table.Identifier{Namespace(r.study)})
	if err != nil || exists {
		return err
	}
	err = r.catalog.CreateNamespace(r.ctx, table.Identifier{Namespace(r.study)}, nil)
	if errors.Is(err, catalog.ErrNamespaceAlreadyExists) {
		return nil
	}
	return err
}

func (r *run) find(t target) (*tableState, error) {
	state := &tableState{target: t, mode: ModeCreated, known: r.list.digests(t.name), report: TableReport{Table: t.name, FormKey: t.form}}
	tbl, err := r.load(r.ctx, r.study, t.name)
	if err != nil || tbl == nil {
		return state, err
	}
	if err := owned(tbl, r.study, kindSynced); err != nil {
		return nil, err
	}
	state.tbl = tbl
	if state.evo, err = evolve(tbl, t.name, t.schema, r.opts.ReplaceColumns); err != nil {
		return nil, err
	}
	if state.head, err = momentOf(tbl.CurrentSnapshot()); err != nil || tbl.CurrentSnapshot() == nil {
		return state, err
	}
	state.report.Rows = state.head.rows
	return state, r.decide(state)
}

// decide says what a table that is there needs.
func (r *run) decide(t *tableState) error {
	if t.head.fence > r.fence {
		return ErrFenced
	}
	snapshot := t.tbl.CurrentSnapshot().SnapshotID
	serverTime := t.head.serverTime
	t.base = t.head.version
	if r.list != nil {
		if listed, ok := r.list.of(t.name); ok && listed.Snapshot == snapshot {
			t.base, serverTime = r.list.Version, r.list.ServerTime
		}
	}
	switch {
	case r.written[t.name] == snapshot:
		t.base, t.mode = r.moment.version, ModeUnchanged
	case r.opts.Rewrite:
		t.mode = ModeRewritten
	case t.base > r.moment.version:
		return errMoved
	case t.base == r.moment.version && t.head.plan == t.plan && !t.evo.moves():
		t.mode = ModeUnchanged
	case t.head.plan != t.plan || t.head.release != r.moment.release || t.evo.moves():
		t.mode = ModeRewritten
	default:
		t.mode = ModeChanged
		return r.sameMirror(t.base, serverTime)
	}
	return nil
}

// finish names the moment, once every table of it stands.
func (r *run) finish() error {
	want := &Listing{StudyKey: r.study, Version: r.moment.version, ServerTime: r.moment.serverTime}
	for _, t := range r.tables {
		t.report.Mode, t.report.Rows, t.report.Snapshot = t.mode, t.head.rows, t.tbl.CurrentSnapshot().SnapshotID
		r.report.Tables = append(r.report.Tables, t.report)
		r.report.Changed = r.report.Changed || t.mode != ModeUnchanged
		want.Tables = append(want.Tables, ListedTable{t.name, t.form, t.report.Snapshot, t.head.rows})
	}
	r.report.Tables = append(r.report.Tables, r.left...)
	r.report.Changed = r.report.Changed || len(r.left) > 0
	want.Tables = append(want.Tables, r.writtenTables()...)
	r.place = "table " + TablesTable
	return r.Lake.list(r.ctx, want, r.list, r.listTbl, r.moment)
}

// writtenTables are those of [Lake.WriteTable] at the same moment.
func (r *run) writtenTables() (kept []ListedTable) {
	if r.list == nil || r.list.Version != r.moment.version {
		return nil
	}
	for _, listed := range r.list.Tables {
		if listed.FormKey == "" && !slices.ContainsFunc(r.tables, func(t *tableState) bool { return t.name == listed.Table }) {
			kept = append(kept, listed)
		}
	}
	return kept
}

// commitTable commits one table and remembers that it did.
func (r *run) commitTable(t *tableState, remove []dataFile, add fileList) error {
	m := r.moment
	m.plan = t.plan
	r.place = "table " + t.name
	if err := r.commit(r.ctx, t, m, plain(remove), add); err != nil {
		return err
	}
	r.written[t.name] = t.tbl.CurrentSnapshot().SnapshotID
	r.place = ""
	return nil
}
