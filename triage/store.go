package triage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// TriageStore is a review queue in a SQLite file or in a database. It is safe for concurrent use, and
// several processes can use the same one.
type TriageStore struct {
	settings
	file *audit.Store
}

// Backup copies the file, as of one moment, to a new file with mode 0600 while others read and
// write. It is an error if the new file already exists. A store in a database has no file.
func (s *TriageStore) Backup(ctx context.Context, path string) error {
	return wrap("backup", "", "", s.file.Backup(ctx, path))
}

// Close closes the file. Calls in progress return an error. A database stays open for other stores.
func (s *TriageStore) Close() error { return s.file.Close() }

// loadRow reads an item's row.
func loadRow(ctx context.Context, tx *sql.Tx, itemID string) (*itemRow, error) {
	r := &itemRow{}
	err := tx.QueryRowContext(ctx, `SELECT `+itemColumns+` FROM triage_items WHERE item_id = ?`, itemID).Scan(r.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("triage item: %w", imednet.ErrNotFound)
	}
	return r, err
}
