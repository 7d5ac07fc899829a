package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/journal"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/spf13/cobra"
)

func newBackup(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "backup DIR",
		GroupID: groupState,
		Short:   "Copy the files of this computer while they are in use",
		Long: `Copy the mirror, the ledger, the review queue, the configuration history and the write
journal, as far as there are any, into a new directory. Each copy is as of one moment,
while workers and reviewers go on. The warehouse is not among them: copy its file when no
program has it open.`,
		Example:     "  imednet backup /backup/$(date +%F)",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "the copies are not complete: remove them, and run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.backup(cmd.Context(), args[0])
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
	open       func() (keeper, error) // nil for a file that is replaced as a whole
}

func (a *app) keptFiles(ctx context.Context) []keptFile {
	s := a.settings
	return []keptFile{
		{s.Cache, "records_cache.sqlite3", func() (keeper, error) { return cache.NewCachedRecordsLoader(ctx, nil, s.Cache) }},
		{s.Ledger, "pipeline_ledger.json", nil},
		{s.Ledger + ".history.jsonl", "pipeline_ledger.json.history.jsonl", nil},
		{s.Triage, "triage.sqlite3", func() (keeper, error) { return triage.NewTriageStore(ctx, s.Triage) }},
		{s.Configurations, "config_versions.sqlite3", func() (keeper, error) { return versioning.NewConfigVersionStore(ctx, s.Configurations) }},
		{s.Journal, "submissions.sqlite3", func() (keeper, error) { return journal.Open(ctx, s.Journal) }},
	}
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
	for _, file := range a.keptFiles(ctx) {
		if _, err := os.Stat(file.path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		to := filepath.Join(dir, file.name)
		if err := file.copyTo(ctx, to); err != nil {
			return err
		}
		info, err := os.Stat(to)
		if err != nil {
			return err
		}
		copied = append(copied, copiedJSON{file.name, file.path, info.Size()})
	}
	if a.json {
		return a.writeJSON(copied)
	}
	t := newTable(a.out, "FILE", "BYTES")
	for _, c := range copied {
		if err := t.add(c.File, number(c.Bytes)); err != nil {
			return err
		}
	}
	return t.flush()
}

func (f keptFile) copyTo(ctx context.Context, to string) error {
	if f.open == nil {
		text, err := os.ReadFile(f.path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o600)
	}
	store, err := f.open()
	if err != nil {
		return err
	}
	return errors.Join(store.Backup(ctx, to), store.Close())
}
