package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Mode determines what happens to existing rows.
type Mode string

const (
	// Append adds new rows. It is the default, and repeating it changes nothing.
	Append Mode = "append"
	// Replace first removes the rows of this study and stream, in the same transaction.
	Replace Mode = "replace"
)

// Run is the report of one run. Read = Inserted + Unchanged + Rejected.
type Run struct {
	StudyKey  string
	Stream    string
	Mode      Mode
	Started   time.Time
	Finished  time.Time
	Read      int64 // rows read from the source
	Inserted  int64 // new rows
	Unchanged int64 // existing rows
	Rejected  int64 // rows in bronze_rejects, with the reason
	// CellsChanged counts the rows added to bronze_cells.
	CellsChanged int64
	// Removed counts rows that the source no longer lists: metadata rows removed and records marked
	// as vanished.
	Removed int64
	// Position is the mark of the stream in the warehouse after the run: a revision id or a
	// version.
	Position int64
	// LeftOut is the reason why the stream was not read: the API keys are not permitted to, or the
	// source does not hold it (see [StudyOptions].Absent). The tables keep what they held before.
	LeftOut string
}

// String returns one line of counts, such as "records: 500 read = 12 new + 488 unchanged + 0
// rejected; 0 removed, 31 cells changed".
func (r Run) String() string {
	if r.LeftOut != "" {
		return fmt.Sprintf("%s: left out: %s", r.Stream, r.LeftOut)
	}
	return fmt.Sprintf("%s: %d read = %d new + %d unchanged + %d rejected; %d removed, %d cells changed",
		r.Stream, r.Read, r.Inserted, r.Unchanged, r.Rejected, r.Removed, r.CellsChanged)
}

// work is one run inside its transaction.
type work struct {
	*Run
	conn     *sql.Conn
	feeds    *feeds
	progress func(imednet.Progress)
	slice    int    // rows that are compared at a time
	kind     string // of source: positions of different kinds cannot be compared
	rejects  []reject
	newest   time.Time // greatest server time seen, for the ledger
	do       func(context.Context, *work) error
}

// step is one stream's part of a transaction.
type step struct {
	stream string
	mode   Mode
	do     func(context.Context, *work) error
}

// run does one step in a transaction of its own.
func (d *DuckDBIngestion) run(ctx context.Context, studyKey, stream string, mode Mode, do func(context.Context, *work) error) (Run, error) {
	runs, err := d.runAll(ctx, studyKey, []step{{stream, mode, do}})
	if len(runs) == 0 {
		return Run{}, err
	}
	return runs[0], err
}

// runAll does all steps in one transaction, together with their marks, their rejects and their log
// entries. The marks' rows are written first, so that a second writer on the same stream fails at
// once. With an error before the commit there are no runs to report.
func (d *DuckDBIngestion) runAll(ctx context.Context, studyKey string, steps []step) ([]Run, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []*work
	for _, s := range steps {
		run := &Run{StudyKey: studyKey, Stream: s.stream, Mode: s.mode, Started: d.settings.clock.Now().UTC()}
		if err := checkRun(studyKey, run); err != nil {
			return nil, err
		}
		all = append(all, &work{Run: run, feeds: &d.feeds, progress: d.settings.progress, slice: d.settings.sliceRows, do: s.do})
	}
	if stream, err := d.transact(ctx, all); err != nil {
		err = explain(ctx, err)
		return nil, failure(ctx, "ingest", studyKey, stream, err, hint(err))
	}
	var runs []Run
	for _, w := range all {
		runs = append(runs, *w.Run)
	}
	return runs, d.afterCommit(ctx, studyKey, all)
}

// afterCommit does what must not undo a commit.
func (d *DuckDBIngestion) afterCommit(ctx context.Context, studyKey string, all []*work) error {
	if err := makePrivate(d.path); err != nil {
		return failure(ctx, "make the file private", studyKey, "", err, "the data are committed")
	}
	for _, w := range all {
		if d.settings.ledger == nil || w.newest.IsZero() {
			continue
		}
		if err := d.settings.ledger.Advance(ctx, studyKey, LedgerPrefix+w.Stream, imednet.Watermark{Time: w.newest, Records: w.Inserted}); err != nil {
			return failure(ctx, "advance the ledger", studyKey, w.Stream, err, "the data are committed; only the ledger lags behind")
		}
	}
	return nil
}

func checkRun(studyKey string, run *Run) error {
	if run.Mode == "" {
		run.Mode = Append
	}
	if err := argument.Named("warehouse.DuckDBIngestion", "studyKey", studyKey); err != nil {
		return err
	}
	if run.Mode != Append && run.Mode != Replace {
		return argument.Invalid("warehouse.DuckDBIngestion", "Mode", "must be one of: 'append', 'replace'")
	}
	return nil
}

func hint(err error) string {
	switch {
	case errors.Is(err, ErrSourceReset):
		return "ingest with mode replace"
	case errors.Is(err, ErrMassDeletion):
		return "check the key's permissions; allow it with AllowMassDeletion if it is meant"
	case errors.Is(err, ErrDamaged):
		return damageHint
	case errors.Is(err, ErrMemory):
		return memoryHint
	case errors.Is(err, syscall.ENOSPC):
		return "make room on the disk and run again; nothing was changed"
	}
	return "nothing was changed"
}

// transact does all steps in one transaction and returns the stream of the one that failed.
func (d *DuckDBIngestion) transact(ctx context.Context, all []*work) (stream string, err error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	for _, w := range all {
		w.conn = conn
		if err := w.ensureMark(ctx); err != nil {
			keepFile(ctx, conn)
			return w.Stream, err
		}
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	committed := false
	defer func() {
		if !committed {
			err = errors.Join(err, ignoreDone(tx.Rollback()))
		}
	}()
	for _, w := range all {
		if err := w.claim(ctx); err != nil {
			return w.Stream, err
		}
		if err := w.forgetOrigin(ctx); err != nil {
			return w.Stream, err
		}
	}
	for _, w := range all {
		if err := w.do(ctx, w); err != nil {
			return w.Stream, err
		}
		w.Finished = d.settings.clock.Now().UTC()
		if w.LeftOut != "" {
			continue
		}
		if err := w.finish(ctx); err != nil {
			return w.Stream, err
		}
	}
	committed = true
	if err := tx.Commit(); err != nil {
		keepFile(ctx, conn)
		return "", err
	}
	return "", nil
}

// keepFile makes closing leave the file and its log as they are. After a commit that could not be written, as on a full
// disk, DuckDB's indexes in memory can differ from its tables, and closing would write them into the file for good; the
// next opening reads the last good commit instead.
func keepFile(ctx context.Context, conn *sql.Conn) {
	_, _ = conn.ExecContext(context.WithoutCancel(ctx), `PRAGMA disable_checkpoint_on_shutdown`)
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// ensureMark makes sure that the stream's mark is there before the transaction begins: two
// transactions that update the same row collide at once, two that insert it only at the end.
func (w *work) ensureMark(ctx context.Context) error {
	_, err := w.conn.ExecContext(ctx, `INSERT INTO imednet_marks VALUES (?, ?, 0, '', ?) ON CONFLICT DO NOTHING`, w.StudyKey, w.Stream, w.Started)
	return err
}

// claim writes the stream's mark before anything else and reads where the last run ended. It updates without RETURNING,
// with which DuckDB replaces the row in the primary key, and cannot undo that if the commit finds no room. The time always
// moves on: an update that changes nothing does not collide with another writer's.
func (w *work) claim(ctx context.Context) error {
	_, err := w.conn.ExecContext(ctx, `UPDATE imednet_marks SET updated_at = greatest(?::TIMESTAMP, updated_at + INTERVAL 1 MICROSECOND) WHERE study_key = ? AND stream = ?`, w.Started, w.StudyKey, w.Stream)
	if err != nil {
		return err
	}
	return w.conn.QueryRowContext(ctx, `SELECT position, kind FROM imednet_marks WHERE study_key = ? AND stream = ?`, w.StudyKey, w.Stream).Scan(&w.Position, &w.kind)
}

func (w *work) finish(ctx context.Context) error {
	if err := w.writeRejects(ctx); err != nil {
		return err
	}
	w.Unchanged = w.Read - w.Inserted - w.Rejected
	_, err := w.conn.ExecContext(ctx, `UPDATE imednet_marks SET position = ?, kind = ? WHERE study_key = ? AND stream = ?`, w.Position, w.kind, w.StudyKey, w.Stream)
	if err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, `INSERT INTO imednet_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.StudyKey, w.Stream, string(w.Mode), w.Started, w.Finished, w.Read, w.Inserted, w.Unchanged, w.Rejected, w.CellsChanged, w.Removed, w.Position)
	return err
}

// count is called for every row that the source serves.
func (w *work) count() {
	w.Read++
	if w.Read%progressRows == 0 {
		w.progress(imednet.Progress{Op: "ingest " + w.Stream, StudyKey: w.StudyKey, Done: w.Read})
	}
}

const progressRows = 10_000

// see remembers the greatest server time.
func (w *work) see(t imednet.Opt[imednet.Time]) {
	if v, ok := t.Get(); ok && v.After(w.newest) {
		w.newest = v.Time
	}
}
