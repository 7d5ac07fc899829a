package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/sqljournal"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

func newMigrate(a *app) *cobra.Command {
	var back bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Copy state from files into a database, or back",
		Long: `Copy mirror, ledger, review queue, configurations and journal from their files into the
database that --database or the configuration file names, or with --back from the
database into files that do not exist yet. Each is verified before, copied row by row
with its hashes, and compared and verified afterwards. A store of the database must be
empty, or have the same rows already: after an interruption the same command goes on.
What is not there is left out. The source stays as it is. Stop whatever writes to it
first.`,
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
			return a.migrate(cmd.Context(), db, back)
		},
	}
	cmd.Flags().BoolVar(&back, "back", false, "copy from the database to files")
	return cmd
}

// movable is a store that is copied between its file and the database.
type movable struct {
	name, path string
	move       func(ctx context.Context, db *postgres.DB, path string, back bool) (rows int64, err error)
}

// movedJSON is what became of one store.
type movedJSON struct {
	Store string `json:"store"`
	File  string `json:"file"`
	Rows  int64  `json:"rows"`
}

func (a *app) migrate(ctx context.Context, db *postgres.DB, back bool) error {
	moved := []movedJSON{}
	for _, m := range []movable{
		{"mirror", a.settings.Cache, moveMirror}, {"ledger", a.settings.Ledger, moveLedger}, {"review queue", a.settings.Triage, moveTriage},
		{"configurations", a.settings.Configurations, moveVersions}, {"journal", a.settings.Journal, moveJournal},
	} {
		_, err := os.Stat(m.path)
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		case back && err == nil:
			return usagef("%s exists already: nothing is written over; if a copy that did not end has left it, remove it and what else that has made", m.path)
		case !back && err != nil:
			continue
		}
		rows, err := m.move(ctx, db, m.path, back)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		moved = append(moved, movedJSON{m.name, m.path, rows})
	}
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
