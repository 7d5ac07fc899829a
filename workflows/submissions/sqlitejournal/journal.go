package sqlitejournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// applicationID marks our files: "imjn".
const applicationID = 0x696D6A6E

// ErrConflict means that an entry is not in the state that a step begins with: another process
// took the step, or the entry is not there.
var ErrConflict = errors.New("the journal entry is in another state")

// Journal is a write journal in one SQLite file. It is safe for concurrent use, also by several
// processes.
type Journal struct {
	db    *sqlite.DB
	clock imednet.Clock
}

// Option changes a setting of Open.
type Option func(*Journal) error

// WithClock sets the clock that dates the steps. Default: the system's.
func WithClock(c imednet.Clock) Option {
	return func(j *Journal) error {
		j.clock = c
		return argument.Required("sqlitejournal.WithClock", "c", c)
	}
}

var migrations = []string{`
CREATE TABLE submissions (
	sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, study_key TEXT NOT NULL, state TEXT NOT NULL,
	payload BLOB NOT NULL, items INTEGER NOT NULL, prepared_at TEXT NOT NULL, sent_at TEXT NOT NULL, server_time INTEGER NOT NULL,
	batch_id TEXT NOT NULL, job_state TEXT NOT NULL, refusal INTEGER NOT NULL, read_back INTEGER NOT NULL, closed INTEGER NOT NULL
) STRICT;
CREATE INDEX submissions_open ON submissions (study_key, sequence) WHERE closed = 0;
CREATE TABLE submission_steps (
	step INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, state TEXT NOT NULL, closed INTEGER NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE TRIGGER submission_steps_no_update BEFORE UPDATE ON submission_steps BEGIN SELECT RAISE(ABORT, 'the steps of a journal are immutable'); END;
CREATE TRIGGER submission_steps_no_delete BEFORE DELETE ON submission_steps BEGIN SELECT RAISE(ABORT, 'the steps of a journal are immutable'); END;
`}

// Open opens or creates the journal at path.
func Open(ctx context.Context, path string, opts ...Option) (*Journal, error) {
	j := &Journal{clock: imednet.SystemClock()}
	for _, o := range opts {
		if err := o(j); err != nil {
			return nil, fmt.Errorf("journal: open: %w", err)
		}
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path, ApplicationID: applicationID, Migrations: migrations, Synchronous: "FULL"})
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j.db = db
	return j, nil
}

// Backup writes a copy of the file, as it stands at one moment, to a new file of mode 0600, while others
// read and write. An existing file is an error.
func (j *Journal) Backup(ctx context.Context, path string) error {
	if err := j.db.Backup(ctx, path); err != nil {
		return fmt.Errorf("journal: backup: %w", err)
	}
	return nil
}

// Close closes the file.
func (j *Journal) Close() error { return j.db.Close() }

// Prepare stores new entries, all or none.
func (j *Journal) Prepare(ctx context.Context, entries []submissions.Entry) error {
	err := j.db.Write(ctx, func(tx *sql.Tx) error {
		for _, e := range entries {
			_, err := tx.ExecContext(ctx, `INSERT INTO submissions (id, study_key, state, payload, items, prepared_at, sent_at, server_time, batch_id, job_state, refusal, read_back, closed)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append([]any{e.ID, e.StudyKey, string(e.State), []byte(e.Payload), e.Items, formatTime(e.PreparedAt)}, progress(e)...)...)
			if err != nil {
				return fmt.Errorf("entry %s: %w", e.ID, err)
			}
			if err := j.step(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("journal: prepare: %w", err)
	}
	return nil
}

// progress are the columns that a step can change, in the order of the table.
func progress(e submissions.Entry) []any {
	return []any{formatTime(e.SentAt), e.ServerTime, e.BatchID, e.JobState, e.Refusal, e.ReadBack, e.Closed}
}

func (j *Journal) step(ctx context.Context, tx *sql.Tx, e submissions.Entry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO submission_steps (id, state, closed, at) VALUES (?, ?, ?, ?)`, e.ID, string(e.State), e.Closed, formatTime(j.clock.Now()))
	return err
}

// Advance replaces what a step can change of an entry if it is in state from and not closed, and
// fails with ErrConflict otherwise. Id, study and payload never change.
func (j *Journal) Advance(ctx context.Context, e submissions.Entry, from submissions.EntryState) error {
	err := j.db.Write(ctx, func(tx *sql.Tx) error {
		args := append([]any{string(e.State)}, progress(e)...)
		result, err := tx.ExecContext(ctx, `UPDATE submissions SET state = ?, sent_at = ?, server_time = ?, batch_id = ?, job_state = ?, refusal = ?, read_back = ?, closed = ?
			WHERE id = ? AND state = ? AND (closed = 0 OR state = 'confirmed')`, append(args, e.ID, string(from))...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, ErrConflict)
		}
		return j.step(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("journal: entry %s from %s to %s: %w", e.ID, from, e.State, err)
	}
	return nil
}

const selectEntries = `SELECT id, study_key, state, payload, items, prepared_at, sent_at, server_time, batch_id, job_state, refusal, read_back, closed FROM submissions `

// Open returns a study's entries that are not closed, in the order of preparation.
func (j *Journal) Open(ctx context.Context, studyKey string) ([]submissions.Entry, error) {
	return j.entries(ctx, `WHERE study_key = ? AND closed = 0 ORDER BY sequence`, studyKey)
}

// Entry returns one entry, or an error that is imednet.ErrNotFound.
func (j *Journal) Entry(ctx context.Context, id string) (submissions.Entry, error) {
	entries, err := j.entries(ctx, `WHERE id = ?`, id)
	if err == nil && len(entries) == 0 {
		err = fmt.Errorf("journal: entry %s: %w", id, imednet.ErrNotFound)
	}
	if err != nil {
		return submissions.Entry{}, err
	}
	return entries[0], nil
}

func (j *Journal) entries(ctx context.Context, where string, args ...any) ([]submissions.Entry, error) {
	rows, err := j.db.Reader().QueryContext(ctx, selectEntries+where, args...)
	if err != nil {
		return nil, fmt.Errorf("journal: read: %w", err)
	}
	defer rows.Close()
	var entries []submissions.Entry
	for rows.Next() {
		var e submissions.Entry
		var prepared, sent string
		var payload []byte
		if err := rows.Scan(&e.ID, &e.StudyKey, &e.State, &payload, &e.Items, &prepared, &sent, &e.ServerTime, &e.BatchID, &e.JobState, &e.Refusal, &e.ReadBack, &e.Closed); err != nil {
			return nil, fmt.Errorf("journal: read: %w", err)
		}
		e.Payload = payload
		if e.PreparedAt, err = parseTime(prepared); err != nil {
			return nil, fmt.Errorf("journal: entry %s: %w", e.ID, err)
		}
		if e.SentAt, err = parseTime(sent); err != nil {
			return nil, fmt.Errorf("journal: entry %s: %w", e.ID, err)
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// timeLayout has a fixed width, so that text order is time order.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeLayout)
}

func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(timeLayout, s)
}
