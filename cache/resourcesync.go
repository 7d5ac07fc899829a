package cache

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shortfall"
)

// resourceRun brings one resource of one study up to date.
type resourceRun struct {
	loader *CachedRecordsLoader
	st     *study
	kind   resourceKind
	state  resourceState
	loaded resourceState
	opts   SyncOptions
	asOf   time.Time // server time before the first request
	report *ResourceReport
	gone   map[any]bool
	dated  int64 // rows that came by their date, and are not dated after asOf
	latest int64 // greatest dateModified seen, in microseconds
}

// fewPages is how many pages are read as a whole, always: as many requests as the shorter way takes,
// and it finds everything.
const fewPages = 3

// run reads what is new and proves by the server's count that nothing else is missing, or reads
// everything.
func (r *resourceRun) run(ctx context.Context) error {
	var err error
	if r.state, err = r.loader.loadResource(ctx, r.st.id, r.kind.name); err != nil {
		return err
	}
	r.loaded, r.report.first = r.state, !r.state.since.Valid
	r.latest = r.state.mark.Int64
	whole := false
	if r.state.since.Valid && r.kind.grows && !r.opts.Sweep && r.state.listed > fewPages*pageRows {
		if whole, err = r.incremental(ctx); err != nil {
			return err
		}
	}
	if !whole {
		if err := r.readAll(ctx); err != nil {
			return err
		}
	}
	if r.report.Received == 0 && r.report.first { // a first answer without rows, of which no count tells
		if err := r.readAll(ctx); err != nil {
			return err
		}
	}
	return r.finish(ctx)
}

// incremental reads rows by id and by date, and reports whether the server's count agrees then. A
// server that refuses the condition on the date, and a client that cannot count, need all rows.
func (r *resourceRun) incremental(ctx context.Context) (whole bool, err error) {
	prober, able := r.loader.client.(imednet.RowProber)
	if !able || r.kind.dated && !r.state.mark.Valid {
		return false, nil
	}
	id := r.kind.name.ID()
	oldTop := r.state.top
	if err := r.take(ctx, imednet.Where(id, imednet.Greater, max(0, oldTop-r.kind.window)), false); err != nil {
		return false, err
	}
	if r.kind.dated {
		since := time.UnixMicro(r.state.mark.Int64).UTC().Add(-r.loader.cfg.overlap)
		err := r.takeDated(ctx, imednet.Where("dateModified", imednet.GreaterOrEqual, since).And(id, imednet.LessOrEqual, oldTop))
		if errors.Is(err, imednet.ErrBadRequest) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	probe, err := prober.ProbeRows(ctx, r.st.key, r.kind.name, imednet.Filter{})
	if err != nil {
		return false, err
	}
	return probe.Total == r.state.listed, nil
}

// takeDated stores the rows that were changed. An answer that there are none is asked for again when the
// mark will move past what it left out.
func (r *resourceRun) takeDated(ctx context.Context, f imednet.Filter) error {
	before := r.report.Received
	err := r.take(ctx, f, true)
	if err != nil || r.report.Received > before || !r.changed() {
		return err
	}
	return r.take(ctx, f, true)
}

// changed reports whether the run has stored anything.
func (r *resourceRun) changed() bool { return r.report.Added+r.report.Updated+r.report.Restored > 0 }

// take stores the rows that match.
func (r *resourceRun) take(ctx context.Context, f imednet.Filter, dated bool) error {
	return r.eachBatch(ctx, f, func(rows []sourceRow) error {
		if dated {
			r.dated += datedUntil(rows, r.asOf)
		}
		return r.store(ctx, rows)
	})
}

// datedUntil counts the rows whose dateModified is not after an instant.
func datedUntil(rows []sourceRow, end time.Time) (n int64) {
	for _, row := range rows {
		if at, dated := row.dated.(int64); dated && at <= end.UnixMicro() {
			n++
		}
	}
	return n
}

// readAll reads every row. What is held and does not come is gone.
func (r *resourceRun) readAll(ctx context.Context) error {
	if !r.kind.ascends() {
		return r.readSmall(ctx)
	}
	var last any = int64(-maxID)
	err := r.eachBatch(ctx, imednet.Filter{}, func(rows []sourceRow) error {
		end := rows[len(rows)-1].id
		if err := r.missing(ctx, last, end, rows); err != nil {
			return err
		}
		last = end
		return r.store(ctx, rows)
	})
	if err != nil {
		return err
	}
	return r.missing(ctx, last, int64(maxID), nil)
}

// readSmall reads a resource that is small, and whose ids may be texts in an order of the server's own.
func (r *resourceRun) readSmall(ctx context.Context) error {
	var all []sourceRow
	err := r.eachBatch(ctx, imednet.Filter{}, func(rows []sourceRow) error {
		all = append(all, rows...)
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.missing(ctx, int64(-maxID), afterAll, all); err != nil {
		return err
	}
	return r.store(ctx, all)
}

// afterAll sorts behind every id, numbers and texts alike.
const afterAll = "\U0010ffff"

// eachBatch lists what matches in batches. Reading stops at the first error.
func (r *resourceRun) eachBatch(ctx context.Context, f imednet.Filter, each func([]sourceRow) error) error {
	rows, able := r.kind.list(ctx, r.loader.client, r.st.key, imednet.ListOptions{Filter: f, PageSize: r.loader.cfg.pageSize})
	if !able {
		return errUnable
	}
	return batches(rows, r.loader.cfg.batchRows, func(batch []sourceRow) error {
		r.report.Received += int64(len(batch))
		return each(batch)
	})
}

var errUnable = errors.New("the client does not list this resource")

func batches(rows iter.Seq2[sourceRow, error], most int, each func([]sourceRow) error) error {
	var batch []sourceRow
	for row, err := range rows {
		if err != nil {
			return err
		}
		if batch = append(batch, row); len(batch) < most {
			continue
		}
		if err := each(batch); err != nil {
			return err
		}
		batch = nil
	}
	if len(batch) == 0 {
		return nil
	}
	return each(batch)
}

// missing adds to what is gone: rows held as listed, after lo and up to hi, that were not returned.
func (r *resourceRun) missing(ctx context.Context, lo, hi any, returned []sourceRow) error {
	found, err := byID(returned, r.kind.name)
	if err != nil {
		return err
	}
	db := r.loader.db
	var held []any
	err = db.look(ctx, func(q querier) (err error) {
		held, err = queryColumn[any](ctx, q, `SELECT row_id FROM imednet_row WHERE resource = ? AND row_id > ? AND row_id <= ? AND state = 0`,
			r.state.id, db.rowID(lo), db.rowID(hi))
		return err
	})
	for _, stored := range held {
		id := db.readRowID(stored)
		if _, listed := found[id]; !listed {
			r.gone[id] = true
		}
	}
	return err
}

// finish removes what is gone and moves the marks: the run is whole. Nothing is written when nothing
// changed.
func (r *resourceRun) finish(ctx context.Context) error {
	if err := r.guard(); err != nil {
		return err
	}
	if err := r.loader.db.stillThere(); err != nil {
		return err
	}
	if err := r.bury(ctx); err != nil {
		return err
	}
	r.state.mark = r.nextMark()
	r.state.refused = sql.NullInt64{}
	r.report.Held = r.state.listed
	r.report.Removed = int64(len(r.gone))
	if r.state == r.loaded && r.state.since.Valid {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	if !r.state.since.Valid {
		r.state.since = sql.NullInt64{Int64: int64(r.st.version), Valid: true}
		r.state.changed = sql.NullInt64{Int64: r.loader.cfg.clock.Now().UnixMicro(), Valid: true}
	}
	return r.change(ctx, func(tx *sql.Tx, st *study, state *resourceState) error {
		if err := st.register(ctx, tx); err != nil {
			return err
		}
		return state.save(ctx, tx, st.id)
	})
}

// nextMark is where the next run's reading by date begins, before its overlap: the earlier of the
// server's time and the greatest dateModified held, and the former when more rows than a page lie between
// the overlap and that time. A run that changed nothing leaves it, so that it need not write. Without the server's time there
// is none, and the next run reads everything.
func (r *resourceRun) nextMark() sql.NullInt64 {
	crowded := r.dated > pageRows
	quiet := !r.changed() && !crowded
	if !r.kind.dated || r.latest == 0 || r.asOf.IsZero() || quiet && r.loaded.mark.Valid {
		return r.loaded.mark
	}
	mark := r.asOf.UnixMicro()
	if !crowded {
		mark = min(mark, r.latest)
	}
	return sql.NullInt64{Int64: mark, Valid: true}
}

// guard refuses to remove a suspicious share of the resource.
func (r *resourceRun) guard() error {
	missing, held := int64(len(r.gone)), r.state.listed
	e := &MassDeletionError{StudyKey: r.st.key, Resource: r.kind.name, Held: held, Missing: missing, Empty: missing >= held}
	if r.opts.AllowMassDeletion || !shortfall.Suspicious(held, missing) {
		return nil
	}
	return e
}
