package triage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// TriageStore is a review queue in a SQLite file. It is safe for concurrent use, and several
// processes can use the same file.
type TriageStore struct {
	settings
	file *audit.Store
}

// NewTriageStore opens or creates the file at path (mode 0600, missing directories 0700). Opening
// does not change an existing file: a file of the Python package is [ErrNotImported] unless
// [WithImport] is used. A sample of the items is compared with the log and the indexes
// ([ErrIntegrity]; see [WithoutCheck]). Other errors: [ErrForeignFile], [ErrNewerSchema] and
// [ErrBusy].
func NewTriageStore(ctx context.Context, path string, opts ...Option) (*TriageStore, error) {
	s := &TriageStore{settings: defaultSettings()}
	if err := argument.Options("triage.NewTriageStore", &s.settings, opts); err != nil {
		return nil, wrap("open", "", "", err)
	}
	file, err := audit.Open(ctx, audit.Config{SQLite: fileConfig(path, s.importer != "", s.adopt), Clock: s.clock, NewID: s.newID, Wait: s.wait,
		Tolerance: s.tolerance, Adopted: s.importItems})
	if err != nil {
		return nil, openError(err)
	}
	s.file = file
	if s.unchecked {
		return s, nil
	}
	if err := s.file.Read(ctx, func(tx *sql.Tx) error { return checkSample(ctx, tx) }); err != nil {
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

// Backup copies the file, as of one moment, to a new file with mode 0600 while others read and
// write. It is an error if the new file already exists.
func (s *TriageStore) Backup(ctx context.Context, path string) error {
	return wrap("backup", "", "", s.file.Backup(ctx, path))
}

// Close closes the file. Calls in progress return an error.
func (s *TriageStore) Close() error { return s.file.Close() }

// JournalMode returns SQLite's journal mode: "wal".
func (s *TriageStore) JournalMode(ctx context.Context) (mode string, err error) {
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode)
	})
	return mode, wrap("journal mode", "", "", err)
}

// loadRow reads an item's row.
func loadRow(ctx context.Context, tx *sql.Tx, itemID string) (*itemRow, error) {
	r := &itemRow{}
	err := tx.QueryRowContext(ctx, `SELECT `+itemColumns+` FROM triage_items WHERE item_id = ?`, itemID).Scan(r.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("triage item: %w", imednet.ErrNotFound)
	}
	return r, err
}
