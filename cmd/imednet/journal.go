package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/mattn/go-sqlite3"

	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// withJournal runs do with the journal. Only what submits something creates one.
func (a *app) withJournal(ctx context.Context, path string, do func(submissions.Journal) error, opts ...sqlitejournal.Option) error {
	if a.inDatabase(path) {
		return a.withSharedJournal(ctx, len(opts) > 0, do)
	}
	path = cmp.Or(path, a.settings.Journal)
	kept, err := sqlitejournal.Open(ctx, path, opts...)
	if len(opts) > 0 && errors.Is(err, fs.ErrNotExist) {
		return &notFoundError{"journal", path, "nothing was submitted with this journal yet; `--journal` names another one"}
	}
	if err == nil {
		err = errors.Join(do(kept), kept.Close())
	}
	if damaged(err) {
		return &damagedError{err, path}
	}
	return err
}

func (a *app) withSharedJournal(ctx context.Context, mustExist bool, do func(submissions.Journal) error) error {
	open := a.database
	if mustExist {
		open = func(ctx context.Context) (*postgres.DB, error) {
			return a.databaseWith(ctx, "journal", "nothing was submitted with this journal yet")
		}
	}
	db, err := open(ctx)
	if err != nil {
		return err
	}
	kept, err := db.Journal(ctx)
	if err != nil {
		return err
	}
	return do(kept)
}

// damagedError is a journal that is not what was written to it.
type damagedError struct {
	err  error
	path string
}

func (e *damagedError) Error() string { return e.err.Error() }

func (e *damagedError) Unwrap() error { return e.err }

// damaged reports whether an error means that a journal lost its content, or has another. Its queries are
// always the same, so that one that SQLite does not understand means that tables are gone.
func damaged(err error) bool {
	var file sqlite3.Error
	if errors.As(err, &file) && (file.Code == sqlite3.ErrNotADB || file.Code == sqlite3.ErrCorrupt || file.Code == sqlite3.ErrError) {
		return true
	}
	return isAny(err, submissions.ErrDamaged, sqlite.ErrEmpty)
}

// hint says how to go on. A new journal would not know what was sent, so none is to be made in its place.
func (e *damagedError) hint() string {
	restore := fmt.Sprintf("keep %s as it is and put the newest copy made by `imednet backup` in its place; before anything is sent again, look in the study for what was sent after that copy", e.path)
	if errors.Is(e.err, submissions.ErrDamaged) && !errors.As(e.err, new(*journalFaults)) {
		return "`imednet submit verify` lists what is not as it was written; " + restore
	}
	return restore
}

// journalFaults is what a verification found.
type journalFaults struct{ error }

func (f *journalFaults) Unwrap() error { return f.error }
