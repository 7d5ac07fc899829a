package versioning

import (
	"context"
	"database/sql"
	"errors"

	"github.com/imednetgo/imednet/internal/audit"
)

// ConfigVersionStore is the history of study configurations in a SQLite file. It may be used by
// several goroutines, and the file by several processes. See the package documentation.
type ConfigVersionStore struct {
	settings
	file *audit.Store
}

// NewConfigVersionStore opens or creates the file at path (mode 0600, missing directories 0700).
// Opening writes nothing into a file that is there: one of the Python package is ErrNotImported
// unless WithImport says who takes it over. Errors also: ErrIntegrity for an empty file,
// ErrForeignFile, ErrNewerSchema, ErrBusy.
func NewConfigVersionStore(ctx context.Context, path string, opts ...Option) (*ConfigVersionStore, error) {
	s := &ConfigVersionStore{}
	for _, o := range opts {
		if err := o(&s.settings); err != nil {
			return nil, wrap("open", "", "", err)
		}
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
		err = refuse(err, "ImportCommits, WithImport and `imednet config import` take it over")
	case audit.Emptied(err):
		err = refuse(errors.Join(ErrIntegrity, err), "bring it back from a copy that `imednet backup` made")
	}
	return wrap("open", "", "", err)
}

// Backup writes a copy of the file, as it stands at one moment, to a new file of mode 0600, while others
// read and write. An existing file is an error.
func (s *ConfigVersionStore) Backup(ctx context.Context, path string) error {
	return wrap("backup", "", "", s.file.Backup(ctx, path))
}

// Close closes the file. Calls under way end with an error.
func (s *ConfigVersionStore) Close() error { return s.file.Close() }
