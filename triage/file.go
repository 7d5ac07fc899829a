//go:build cgo

package triage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// NewTriageStore opens or creates the file at path (mode 0600, missing directories 0700). Opening
// does not change an existing file: a file of the Python package is [ErrNotImported] unless
// [WithImport] is used. A log of at most 2,000 entries is verified as a whole, and of a longer one a sample of the items is
// compared with the log and the indexes ([ErrIntegrity]; see [WithoutCheck]). Other errors: [ErrForeignFile], [ErrNewerSchema] and
// [ErrBusy].
func NewTriageStore(ctx context.Context, path string, opts ...Option) (*TriageStore, error) {
	s := &TriageStore{settings: defaultSettings()}
	if err := argument.Options("triage.NewTriageStore", &s.settings, opts); err != nil {
		return nil, wrap("open", "", "", err)
	}
	file, err := audit.Open(ctx, audit.Config{Timing: s.timing(), SQLite: fileConfig(path, s.importer != "", s.adopt), Wait: s.wait, Adopted: s.importItems})
	if err != nil {
		return nil, openError(err)
	}
	s.file = file
	if err := s.checkAtOpening(ctx); err != nil {
		return nil, errors.Join(wrap("open", "", "", err), file.Close())
	}
	return s, nil
}

func openError(err error) error {
	switch {
	case errors.Is(err, ErrNotImported):
		err = refuse(err, "triage.WithImport and `imednet triage import` take it over")
	case audit.Emptied(err):
		err = refuse(errors.Join(ErrIntegrity, err), "bring it back from a copy that `imednet backup` made")
	}
	return wrap("open", "", "", err)
}

// JournalMode returns SQLite's journal mode: "wal".
func (s *TriageStore) JournalMode(ctx context.Context) (mode string, err error) {
	if s.file.Dialect() != audit.SQLite {
		return "", wrap("journal mode", "", "", audit.ErrNoFile)
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode)
	})
	return mode, wrap("journal mode", "", "", err)
}

// applicationID is "IMTR": it marks a file as a triage store.
const applicationID = 0x494D5452

func fileConfig(path string, imported bool, adopt func(context.Context, *sql.Tx) error) sqlite.Config {
	var unadopted error
	if !imported {
		unadopted = ErrNotImported
	}

	return sqlite.Config{
		Path:          path,
		ApplicationID: applicationID,
		Foreign:       "triage_items",
		Unadopted:     unadopted,
		Adopt:         adopt,
		Migrations:    []string{logSchema + guards.SQL(audit.SQLite)},
		ForeignKeys:   true,
	}
}
