//go:build cgo

package versioning

import (
	"context"
	"database/sql"
	"errors"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// NewConfigVersionStore opens or creates the file at path (mode 0600, missing directories 0700).
// Opening does not change an existing file, but for tables that a file of an earlier version
// lacks: a file of the Python package is [ErrNotImported] unless
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
	file, err := audit.Open(ctx, audit.Config{Timing: s.timing(), SQLite: fileConfig(path, s.importer != ""), Wait: s.wait,
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

// applicationID is "IMCV": it marks a file as a store of configuration versions.
const applicationID = 0x494D4356

func fileConfig(path string, adopt bool) sqlite.Config {
	var unadopted error
	if !adopt {
		unadopted = ErrNotImported
	}

	return sqlite.Config{
		Path:          path,
		ApplicationID: applicationID,
		Foreign:       "config_commits",
		Unadopted:     unadopted,
		Adopt: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, pythonSchema)
			return err
		},
		Migrations: migrations(audit.SQLite),
	}
}
