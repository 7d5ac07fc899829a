package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/sqljournal"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

func newMigrate(a *app) *cobra.Command {
	var back, tablesOnly bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Copy state from files into a database, or back",
		Long: `Copy mirror, ledger, review queue, configurations and journal from their files into the
database that --database or the configuration file names, or with --back from the
database into files that do not exist yet. Each is verified before, copied row by row
with its hashes, and compared and verified afterwards. A store of the database must be
empty, or have the same rows already: after an interruption the same command goes on.
What is not there is left out. The source stays as it is. Stop whatever writes to it
first. --tables copies nothing: it makes the tables of every store, or brings them up to
date, which their owner does once and after each new version of this program.`,
		Example: "  imednet migrate --database 'postgres://imednet@db/imednet?sslmode=verify-full'\n  imednet migrate --back --config shared.yaml",
		Args:    cobra.NoArgs,
		GroupID: groupState,
		Annotations: map[string]string{afterInterrupt: "the source is unchanged; " +
			"run the command again, with --back after removing the new files"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !a.inDatabase("") {
				return usagef("name the database with --database or in the configuration file")
			}
			db, err := a.database(cmd.Context())
			if err != nil {
				return err
			}
			if tablesOnly {
				return a.makeTables(cmd.Context(), db)
			}
			return a.migrate(cmd.Context(), db, back)
		},
	}
	cmd.Flags().BoolVar(&back, "back", false, "copy from the database to files")
	cmd.Flags().BoolVar(&tablesOnly, "tables", false, "only make the database's tables, or bring them up to date")
	cmd.MarkFlagsMutuallyExclusive("back", "tables")
	return cmd
}

// makeTables opens every store, each of which makes its tables or brings them up to date.
func (a *app) makeTables(ctx context.Context, db *postgres.DB) error {
	for _, open := range []func() error{
		func() error { _, err := db.Mirror(ctx, nil); return err },
		func() error { _, err := db.Ledger(ctx); return err },
		func() error { _, err := db.Triage(ctx, triage.WithoutCheck()); return err },
		func() error { _, err := db.Versions(ctx); return err },
		func() error { _, err := db.Journal(ctx); return err },
		func() error { _, err := db.Leases(ctx); return err },
	} {
		if err := open(); err != nil {
			return err
		}
	}
	if a.json {
		return a.writeJSON([]movedJSON{})
	}
	return a.printf("the tables of every store are in schema %s\n", db.Schema())
}

// movable is a store that is copied between its file and the database.
type movable struct {
	name, path string
	store      string // of the database
	move       func(ctx context.Context, db *postgres.DB, path string, back bool) (rows int64, err error)
}

// movedJSON is what became of one store.
type movedJSON struct {
	Store string `json:"store"`
	File  string `json:"file"`
	Rows  int64  `json:"rows"`
}

// migrate says what was copied, also if a later store fails.
func (a *app) migrate(ctx context.Context, db *postgres.DB, back bool) error {
	moved, err := a.moveStores(ctx, db, back)
	switch {
	case len(moved) > 0:
		return errors.Join(a.printMoved(moved), err)
	case err != nil:
		return err
	}
	return nothingToMove(db, back)
}

func (a *app) moveStores(ctx context.Context, db *postgres.DB, back bool) (moved []movedJSON, err error) {
	for _, m := range []movable{
		{"mirror", a.settings.Cache, "mirror", moveMirror}, {"ledger", a.settings.Ledger, "ledger", moveLedger},
		{"review queue", a.settings.Triage, "triage", moveTriage}, {"configurations", a.settings.Configurations, "versioning", moveVersions},
		{"journal", a.settings.Journal, "journal", moveJournal},
	} {
		there, err := m.there(ctx, db, back)
		if err != nil {
			return moved, err
		}
		if !there {
			continue
		}
		rows, err := m.move(ctx, db, m.path, back)
		if err != nil {
			return moved, fmt.Errorf("%s: %w", m.name, err)
		}
		moved = append(moved, movedJSON{m.name, m.path, rows})
	}
	return moved, nil
}

func (a *app) printMoved(moved []movedJSON) error {
	if a.json {
		return a.writeJSON(moved)
	}
	for _, m := range moved {
		if err := a.printf("%s: %d rows copied and compared, %s\n", m.Store, m.Rows, m.File); err != nil {
			return err
		}
	}
	return nil
}

// there reports whether there is something to copy. What is to be written must not be there as a file.
func (m movable) there(ctx context.Context, db *postgres.DB, back bool) (bool, error) {
	_, err := os.Stat(m.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if !back {
		return err == nil, nil
	}
	if err == nil {
		return false, usagef("%s exists already: nothing is written over; if a copy that did not end has left it, remove it and what else that has made", m.path)
	}
	return db.Has(ctx, m.store)
}

// nothingToMove is no success: a mistyped schema or home directory holds nothing either.
func nothingToMove(db *postgres.DB, back bool) error {
	missing, hint := "none of the files exists", "check --config and the home directory"
	if back {
		missing, hint = "the database has no store in schema "+db.Schema(), "is the URL's search_path right?"
	}
	return &imednet.Error{Package: "imednet", Op: "migrate", Err: fmt.Errorf("%s: %w", missing, errNotFound), Hint: hint}
}

// either gives what is copied to, and what is copied from.
func either[T any](back bool, file, database T) (to, from T) {
	if back {
		return file, database
	}
	return database, file
}

func moveMirror(ctx context.Context, db *postgres.DB, path string, back bool) (rows int64, err error) {
	shared, err := db.Mirror(ctx, nil)
	if err != nil {
		return 0, err
	}
	file, err := cache.NewCachedRecordsLoader(ctx, nil, path)
	if err != nil {
		return 0, err
	}
	to, from := either(back, file, shared)
	rows, err = to.CopyFrom(ctx, from)
	return rows, errors.Join(err, file.Close())
}

func moveLedger(ctx context.Context, db *postgres.DB, path string, back bool) (int64, error) {
	file, err := ledger.OpenFile(path, ledger.WithWholeHistory())
	if err != nil {
		return 0, err
	}
	shared, err := db.Ledger(ctx, ledger.WithWholeHistory())
	if err != nil {
		return 0, err
	}
	to, from := either[ledger.Store](back, file, shared)
	return ledger.Copy(ctx, to, from)
}

func moveTriage(ctx context.Context, db *postgres.DB, path string, back bool) (rows int64, err error) {
	shared, err := db.Triage(ctx)
	if err != nil {
		return 0, err
	}
	file, err := triage.NewTriageStore(ctx, path)
	if err != nil {
		return 0, err
	}
	to, from := either(back, file, shared)
	rows, err = to.CopyFrom(ctx, from)
	return rows, errors.Join(err, file.Close())
}

func moveVersions(ctx context.Context, db *postgres.DB, path string, back bool) (rows int64, err error) {
	shared, err := db.Versions(ctx)
	if err != nil {
		return 0, err
	}
	file, err := versioning.NewConfigVersionStore(ctx, path)
	if err != nil {
		return 0, err
	}
	to, from := either(back, file, shared)
	rows, err = to.CopyFrom(ctx, from)
	return rows, errors.Join(err, file.Close())
}

func moveJournal(ctx context.Context, db *postgres.DB, path string, back bool) (rows int64, err error) {
	shared, err := db.Journal(ctx)
	if err != nil {
		return 0, err
	}
	file, err := sqlitejournal.Open(ctx, path)
	if err != nil {
		return 0, err
	}
	to, from := either(back, file.Journal, shared)
	rows, err = sqljournal.Copy(ctx, to, from)
	return rows, errors.Join(err, file.Close())
}
