package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/go-json-experiment/json"
)

// transactor is a database that has a ledger's tables.
type transactor interface {
	Read(ctx context.Context, fn func(*sql.Tx) error) error
	Write(ctx context.Context, fn func(*sql.Tx) error) error
}

// tables is a ledger in the tables ledger_entry and ledger_run. Its SQL is that of SQLite and PostgreSQL
// alike.
type tables struct {
	db    transactor
	limit int // of the history; 0: none
}

func (t tables) load(ctx context.Context) (state LedgerState, err error) {
	err = t.db.Read(ctx, func(tx *sql.Tx) error {
		state = LedgerState{Studies: map[string]StudyState{}}
		rows, err := tx.QueryContext(ctx, `SELECT study_key, stream_name, body FROM ledger_entry`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k Key
			var body []byte
			if err := rows.Scan(&k.StudyKey, &k.Stream, &body); err != nil {
				return err
			}
			e, err := decodeEntry(k, body)
			if err != nil {
				return err
			}
			state.Put(k, e)
		}
		return rows.Err()
	})
	if err != nil {
		return LedgerState{}, err
	}
	return state, nil
}

func decodeEntry(k Key, body []byte) (StreamState, error) {
	var e StreamState
	if err := json.Unmarshal(body, &e); err != nil {
		return e, fmt.Errorf("study %s, stream %s: %w: %w", k.StudyKey, k.Stream, ErrDamaged, err)
	}
	return e, nil
}

func (t tables) commit(ctx context.Context, c Commit) error {
	return t.db.Write(ctx, func(tx *sql.Tx) error {
		for _, change := range c.Changes {
			if err := applyChange(ctx, tx, change); err != nil {
				return err
			}
		}
		return t.appendRuns(ctx, tx, c.Runs)
	})
}

func applyChange(ctx context.Context, tx *sql.Tx, c Change) error {
	var body []byte
	var current StreamState
	err := tx.QueryRowContext(ctx, `SELECT body FROM ledger_entry WHERE study_key = ? AND stream_name = ?`, c.StudyKey, c.Stream).Scan(&body)
	exists := !errors.Is(err, sql.ErrNoRows)
	if exists && err != nil {
		return err
	}
	if exists {
		if current, err = decodeEntry(c.Key, body); err != nil {
			return err
		}
	}
	if err := c.check(current, exists); err != nil {
		return err
	}
	if c.New == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM ledger_entry WHERE study_key = ? AND stream_name = ?`, c.StudyKey, c.Stream)
		return err
	}
	next, err := c.New.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO ledger_entry (study_key, stream_name, body) VALUES (?, ?, ?)
		ON CONFLICT (study_key, stream_name) DO UPDATE SET body = excluded.body`, c.StudyKey, c.Stream, string(next))
	return err
}

func (t tables) appendRuns(ctx context.Context, tx *sql.Tx, runs []Run) error {
	if len(runs) == 0 {
		return nil
	}
	last, err := readTail(ctx, tx)
	if err != nil {
		return err
	}
	_, lines, err := chain(last, last.oldest(surplus(last.runs+len(runs), t.limit)), runs)
	if err != nil {
		return err
	}
	for i, r := range runs {
		if _, err := tx.ExecContext(ctx, `INSERT INTO ledger_run (study_key, stream_name, body) VALUES (?, ?, ?)`, r.StudyKey, r.Stream, string(lines[i])); err != nil {
			return err
		}
	}
	if t.limit == 0 {
		return nil
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM ledger_run WHERE run_id <= (SELECT run_id FROM ledger_run ORDER BY run_id DESC LIMIT 1 OFFSET ?)`, t.limit)
	return err
}

// readTail reads the end of the history.
func readTail(ctx context.Context, tx *sql.Tx) (t tail, err error) {
	var there int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM ledger_run`).Scan(&there); err != nil {
		return t, err
	}
	if t, err = readTailOf(ctx, tx, 1, there); err != nil || t.number > 1 || there <= 1 {
		return t, err
	}
	return readTailOf(ctx, tx, there, there) // the newest has no number
}

// readTailOf reads no more than the newest runs.
func readTailOf(ctx context.Context, tx *sql.Tx, newest, there int) (t tail, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT body FROM ledger_run ORDER BY run_id DESC LIMIT ?`, newest)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	t = tailOf(func(yield func(Run) bool) {
		for rows.Next() {
			var body []byte
			if err = rows.Scan(&body); err != nil {
				return
			}
			var r Run
			if json.Unmarshal(body, &r) != nil {
				r = Run{} // it breaks the chain, and Verify says so
			}
			if !yield(r) {
				return
			}
		}
	}, there)
	return t, errors.Join(err, rows.Err())
}

// runPage is how many runs are read at a time.
const runPage = 500

// runs yields the runs that a filter selects, newest first. It reads a page at a time, so that nothing is
// held while the caller has a run; runs that are appended meanwhile are newer and not shown.
func (t tables) runs(ctx context.Context, f RunFilter, wrap func(op string, err error) error) iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		before, given := int64(1<<62), 0
		for {
			limit := runPage
			if f.Limit > 0 {
				limit = min(limit, f.Limit-given)
			}
			page, last, err := t.runPage(ctx, f, before, limit)
			if err != nil {
				yield(Run{}, wrap("runs", err))
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			before, given = last, given+len(page)
			if len(page) < limit || given == f.Limit {
				return
			}
		}
	}
}

// runPage reads the newest runs before one, and returns the number of the last that it read.
func (t tables) runPage(ctx context.Context, f RunFilter, before int64, limit int) (page []Run, last int64, err error) {
	err = t.db.Read(ctx, func(tx *sql.Tx) error {
		page = nil
		rows, err := tx.QueryContext(ctx, `SELECT run_id, study_key, stream_name, body FROM ledger_run WHERE (?1 = '' OR study_key = ?1) AND (?2 = '' OR stream_name = ?2)
			AND run_id < ?3 ORDER BY run_id DESC LIMIT ?4`, f.StudyKey, f.Stream, before, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k Key
			var body []byte
			if err := rows.Scan(&last, &k.StudyKey, &k.Stream, &body); err != nil {
				return err
			}
			var r Run
			if err := json.Unmarshal(body, &r); err != nil {
				return fmt.Errorf("%w: %w", ErrDamaged, err)
			}
			if k != (Key{r.StudyKey, r.Stream}) {
				return fmt.Errorf("%w: a run stands under another stream than its own", ErrDamaged)
			}
			page = append(page, r)
		}
		return rows.Err()
	})
	return page, last, err
}
