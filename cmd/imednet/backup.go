package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/fsync"
	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

func newBackup(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "backup DIR",
		GroupID: groupState,
		Short:   "Back up all local files while they are in use",
		Long: `Copy the mirror, the ledger, the review queue, the configuration history, the write
journal and the warehouse, as far as they exist, to a new directory. Each copy is as
of one moment, while workers and reviewers continue, and no copy is ahead of the
mirror that it depends on. A file of the Python package that was not imported yet is
copied as it is. Only the warehouse must not be written meanwhile: exit code 5 means
that it was, and that it is not among the copies. What is in a database is copied by
the tools of its server, such as pg_dump.`,
		Example:     "  imednet backup /backup/$(date +%F)",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "the copies are incomplete: remove them and run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return errors.Join(a.backup(cmd.Context(), args[0]), a.noteDatabase())
		},
	}
}

// keeper is a store that can copy its file.
type keeper interface {
	Backup(ctx context.Context, path string) error
	Close() error
}

// keptFile is a file of the settings, the name of its copy, and how it is copied.
type keptFile struct {
	path, name string
	copyTo     func(to string) error
}

// keptFiles lists them in the order in which they are copied: what is told second is copied first. The
// ledger and the warehouse follow the mirror, so no copy of theirs is ahead of the mirror's.
func (a *app) keptFiles(ctx context.Context) []keptFile {
	s := a.settings
	history := s.Ledger + ".history.jsonl"
	if store, err := ledger.OpenFile(s.Ledger); err == nil {
		history = store.HistoryPath() // beside what a symbolic link leads to
	}
	return []keptFile{
		{s.Ledger, "pipeline_ledger.json", evenDamaged(ctx, s.Ledger)},
		{history, "pipeline_ledger.json.history.jsonl", asItIs(history)},
		{s.Warehouse, "warehouse.duckdb", func(to string) error { return warehouse.Backup(ctx, s.Warehouse, to) }},
		{s.Triage, "triage.sqlite3", alsoNotImported(ctx, s.Triage, byKeeper(ctx, func() (keeper, error) { return triage.NewTriageStore(ctx, s.Triage, triage.WithoutCheck()) }))},
		{s.Configurations, "config_versions.sqlite3", alsoNotImported(ctx, s.Configurations, byKeeper(ctx, func() (keeper, error) { return versioning.NewConfigVersionStore(ctx, s.Configurations) }))},
		{s.Journal, "submissions.sqlite3", byKeeper(ctx, func() (keeper, error) { return sqlitejournal.Open(ctx, s.Journal) })},
		{s.Cache, "records_cache.sqlite3", byKeeper(ctx, func() (keeper, error) { return cache.NewCachedRecordsLoader(ctx, nil, s.Cache) })},
	}
}

// byKeeper copies a file by the store that keeps it.
func byKeeper(ctx context.Context, open func() (keeper, error)) func(to string) error {
	return func(to string) error {
		store, err := open()
		if err != nil {
			return err
		}
		return errors.Join(store.Backup(ctx, to), store.Close())
	}
}

// alsoNotImported copies a file of the Python package too that has not been imported: the backup comes first.
func alsoNotImported(ctx context.Context, path string, copyTo func(to string) error) func(to string) error {
	return func(to string) error {
		err := copyTo(to)
		if isAny(err, triage.ErrNotImported, versioning.ErrNotImported) {
			return sqlite.CopyUntouched(ctx, path, to)
		}
		return err
	}
}

// evenDamaged copies the ledger as it is, and says if it is damaged: a copy of that restores nothing.
func evenDamaged(ctx context.Context, path string) func(to string) error {
	return func(to string) error {
		store, err := ledger.OpenFile(path)
		if err == nil {
			_, err = store.Load(ctx)
		}
		if err != nil && !errors.Is(err, ledger.ErrDamaged) {
			return err
		}
		return cmp.Or(asItIs(path)(to), err)
	}
}

// asItIs copies a file that is replaced as a whole, or only grows.
func asItIs(path string) func(to string) error {
	return func(to string) error {
		text, err := readRegular("file", path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			return err
		}
		return fsync.File(to)
	}
}

// noteDatabase says on standard error that files are not all that there is.
func (a *app) noteDatabase() error {
	if a.settings.Database == "" {
		return nil
	}
	_, err := fmt.Fprintln(a.errOut, "what is in the database is not among the copies, and files that a migration left are as they were then: copy the database with pg_dump")
	return err
}

// copiedJSON is one file of a backup.
type copiedJSON struct {
	File  string `json:"file"`
	From  string `json:"from"`
	Bytes int64  `json:"bytes"`
}

func (a *app) backup(ctx context.Context, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	copied := []copiedJSON{}
	var told error // of a copy that is missing, or of what is damaged; the others are copied all the same
	for _, file := range a.keptFiles(ctx) {
		if _, err := os.Stat(file.path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		to := filepath.Join(dir, file.name)
		err := file.copyTo(to)
		if errors.Is(err, warehouse.ErrBusy) && ctx.Err() == nil {
			told = errors.Join(told, err)
			continue
		}
		if errors.Is(err, ledger.ErrDamaged) {
			told, err = errors.Join(told, err), nil
		}
		if err != nil {
			return err
		}
		info, err := os.Stat(to)
		if err != nil {
			return err
		}
		copied = append(copied, copiedJSON{file.name, file.path, info.Size()})
	}
	if len(copied) == 0 && told == nil {
		return errors.Join(&imednet.Error{Package: "imednet", Op: "backup", Err: fmt.Errorf("there is nothing to copy: %w", errNotFound),
			Hint: "none of the files named by the settings exists; check --config and the home directory"}, os.Remove(dir))
	}
	if a.json {
		return errors.Join(told, a.writeJSON(copied))
	}
	t := newTable(a.out, "FILE", "BYTES")
	for _, c := range copied {
		if err := t.add(c.File, number(c.Bytes)); err != nil {
			return err
		}
	}
	return errors.Join(told, t.flush())
}
