package versioning

import (
	"context"
	"database/sql"
	"errors"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// ConfigVersionStore is the history of study configurations in a SQLite file. It is safe for
// concurrent use, and several processes can use the same file.
type ConfigVersionStore struct {
	settings
	file *audit.Store
}

// NewConfigVersionStore opens or creates the file at path (mode 0600, missing directories 0700).
// Opening does not change an existing file: a file of the Python package is [ErrNotImported] unless
// [WithImport] is used. Other errors: [ErrIntegrity] for an empty file, [ErrForeignFile],
// [ErrNewerSchema] and [ErrBusy].
func NewConfigVersionStore(ctx context.Context, path string, opts ...Option) (*ConfigVersionStore, error) {
	s := &ConfigVersionStore{}
	if err := argument.Options("versioning.NewConfigVersionStore", &s.settings, opts); err != nil {
		return nil, wrap("open", "", "", err)
	}
	var importer actor
	if s.importer != "" {
		var err error
		if importer, err = s.author(ctx, &audit.Checker{}, s.importer, "config.import", ""); err != nil {
			return nil, wrap("open", "", "", err)
		}
	}
	file, err := audit.Open(ctx, audit.Config{SQLite: fileConfig(path, s.importer != ""), Clock: s.clock, NewID: s.newID, Wait: s.wait, Tolerance: s.tolerance,
		Adopted: func(ctx context.Context, file *audit.Store, tx *sql.Tx) error {
			opening := &ConfigVersionStore{settings: s.settings, file: file}
			_, err := opening.importAll(ctx, tx, importer)
			return err
		}})
	if err != nil {
		return nil, openError(err)
	}
	s.file = file
	if s.importer == "" {
		return s, nil
	}
	if _, err := s.ImportCommits(ctx, ImportOptions{Author: s.importer}); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

func openError(err error) error {
	switch {
	case errors.Is(err, ErrNotImported):
		err = refuse(err, "ConfigVersionStore.ImportCommits, versioning.WithImport and `imednet config import` take it over")
	case audit.Emptied(err):
		err = refuse(errors.Join(ErrIntegrity, err), "bring it back from a copy that `imednet backup` made")
	}
	return wrap("open", "", "", err)
}

// Backup copies the file, as of one moment, to a new file with mode 0600 while others read and
// write. It is an error if the new file already exists.
func (s *ConfigVersionStore) Backup(ctx context.Context, path string) error {
	return wrap("backup", "", "", s.file.Backup(ctx, path))
}

// Close closes the file. Calls under way end with an error.
func (s *ConfigVersionStore) Close() error { return s.file.Close() }
