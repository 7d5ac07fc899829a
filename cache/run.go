package cache

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/imednetgo/imednet"
)

// run is one run of one study, from its first request to the commit of its marks.
type run struct {
	loader *CachedRecordsLoader
	server *server
	opts   SyncOptions
	op     string
	report *Report

	loaded  study           // as the run found it
	st      study           // as it is committed now
	began   time.Time       // by the mirror's clock
	asOf    time.Time       // server time of the run's first request, zero when it reported none
	ceiling time.Time       // the next mark is no later than this: asOf, or what serves instead
	oldTop  int64           // greatest id held when the legs began
	names   map[int64]flag  // records that revisions name, to what the newest says of deletion
	unread  map[int64]bool  // records to be read by the walk
	gone    map[int64]bool  // records held that the server did not return
	pending map[int64]flag  // the pending list as the run found it
	foreign map[int64]int64 // ids that another program wrote, and how often
	unnoted bool            // record_cache may have rows of the study of which there is no note
	next    position        // where the revision leg will stand
	total   int64           // records expected in all, for progress; 0 is unknown
	dated   int64           // records that came by their date or as new ones

	unrevised  bool // the keys may not read revisions
	nothingNew bool // the first leg brought nothing
	overlooked bool // there may be new records that the first leg should have brought

	compared bool  // the block whose turn it is was compared
	turn     int64 // the id after which the next run's block begins
}

// run takes the legs in order. The first pass of a new study comes before them.
func (r *run) run(ctx context.Context) error {
	if err := r.load(ctx); err != nil {
		return err
	}
	defer r.conclude()
	if r.st.phase != phaseWhole {
		r.report.First = true
		if err := r.firstPass(ctx); err != nil {
			return err
		}
		if err := r.loader.db.makeSearchable(ctx); err != nil {
			return err
		}
	}
	legs := []func(context.Context) error{r.newRows, r.listRevisions, r.overlookedRows, r.changedRows, r.walk, r.prove}
	if r.opts.Sweep && !r.readAll() {
		legs = []func(context.Context) error{r.newRows, r.listRevisions, r.overlookedRows, r.sweep, r.prove}
	}
	for _, leg := range legs {
		if err := leg(ctx); err != nil {
			return err
		}
	}
	return r.finish(ctx)
}

// readAll reports whether a first pass of this very run read every record.
func (r *run) readAll() bool { return r.report.First && !r.report.Resumed }

// load reads where the study stands.
func (r *run) load(ctx context.Context) (err error) {
	err = r.loader.db.look(ctx, func(q querier) error {
		if r.loaded, err = loadStudy(ctx, q, r.server.study); err != nil {
			return err
		}
		if r.pending, err = loadPending(ctx, q, r.loaded.id); err != nil {
			return err
		}
		if r.foreign, err = loadForeign(ctx, q, r.loaded.key); err != nil || r.loaded.phase == phaseWhole {
			return err
		}
		return q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM record_cache WHERE study_key = ?)`, r.loaded.key).Scan(&r.unnoted)
	})
	r.st, r.began = r.loaded, r.loader.cfg.clock.Now()
	r.report.Before = r.st.counts()
	r.names, r.unread, r.gone = map[int64]flag{}, map[int64]bool{}, map[int64]bool{}
	return err
}

// conclude fills in what the report says of the state, whether or not the run was whole.
func (r *run) conclude() {
	r.report.After = r.st.counts()
	r.report.Swept = r.report.Swept || r.readAll() && r.st.phase == phaseWhole
	r.report.AsOf = r.asOf
	r.report.Mark = r.st.mark
	r.report.Revision = imednet.RevisionID(r.st.revision)
	r.report.Version = r.st.version
	r.report.Changed = r.st.version != r.loaded.version
}

// batchBytes ends a batch, if config.batchRows does not come first.
const batchBytes = 4 << 20

// consume hands a listing to each, batch by batch. Reading and storing overlap; what had arrived
// before an error is still handed on. until, when positive, ends the listing at greater ids.
func (r *run) consume(ctx context.Context, records iter.Seq2[imednet.Record, error], until int64, each func(context.Context, []row) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan []row)
	var failure error
	go func() {
		defer close(batches)
		failure = collect(ctx, records, until, r.loader.cfg.batchRows, batches)
	}()
	var stored error
	for rows := range batches {
		if stored != nil {
			continue
		}
		if stored = each(ctx, rows); stored != nil {
			cancel()
		}
	}
	if stored != nil {
		return stored
	}
	return failure
}

// collect cuts a listing into batches of at most so many rows. The last one is handed on even when an error ends the listing.
func collect(ctx context.Context, records iter.Seq2[imednet.Record, error], until int64, most int, batches chan<- []row) error {
	var rows []row
	var last int64
	bytes := 0
	send := func() error {
		if len(rows) == 0 {
			return nil
		}
		select {
		case batches <- rows:
			rows, bytes = make([]row, 0, len(rows)), 0 // the next is as large as a rule
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for rec, err := range records {
		one, err := checkedRow(&rec, err, last)
		if err != nil {
			return errors.Join(err, send())
		}
		if last = one.id; until > 0 && last > until {
			break
		}
		rows = append(rows, one)
		if bytes += len(one.payload); len(rows) < most && bytes < batchBytes {
			continue
		}
		if err := send(); err != nil {
			return err
		}
	}
	return send()
}

// checkedRow turns a record into a row, unless the listing failed or does not rise.
func checkedRow(rec *imednet.Record, err error, last int64) (row, error) {
	if err == nil && rec.RecordID <= last {
		err = fmt.Errorf("%w: record ids do not rise after %d", imednet.ErrProtocol, last)
	}
	if err != nil {
		return row{}, err
	}
	return newRow(rec)
}

// store commits one batch and takes its ids off the lists of what is still to be read.
func (r *run) store(ctx context.Context, rows []row, advance func(*study)) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	done, err := r.loader.apply(ctx, &r.st, r.asOf, rows, advance)
	if err != nil {
		return err
	}
	r.report.Received += int64(len(rows))
	r.report.add(done)
	for _, one := range rows {
		delete(r.unread, one.id)
		delete(r.gone, one.id)
	}
	r.loader.cfg.progress(imednet.Progress{Op: r.op, StudyKey: r.st.key, Done: r.report.Received, Total: r.total})
	return nil
}

// storePage commits the records of one page, leaving out ids beyond the greatest held: those are
// the next run's new rows.
func (r *run) storePage(ctx context.Context, records []imednet.Record) ([]row, error) {
	rows := make([]row, 0, len(records))
	for i := range records {
		if records[i].RecordID > r.st.top {
			break
		}
		one, err := newRow(&records[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, one)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows, r.store(ctx, rows, stay)
}

// stay leaves the state where it is.
func stay(*study) {}
