package triage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/imednetgo/imednet/internal/audit"
)

// headKind begins the exported line of a head.
const headKind = "imednet-triage-head/1"

// Head is the end of the log: the number of its entries and the hash of the last, which covers all
// of them. Store it elsewhere, so that [VerifyOptions.Head] can reveal that entries were removed
// from the end.
type Head struct {
	Sequence int64
	Hash     string // empty if the log is
}

// String returns the head as one line of text, which ParseHead reads.
func (h Head) String() string { return audit.FormatHead(headKind, h.Sequence, h.Hash) }

// ParseHead reads a line that Head.String wrote.
func ParseHead(line string) (h Head, err error) {
	h.Sequence, h.Hash, err = audit.ParseHead(line, headKind)
	return h, wrap("parse head", "", "", err)
}

// Head returns the end of the log.
func (s *TriageStore) Head(ctx context.Context) (h Head, err error) {
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		h, _, err = readHead(ctx, tx)
		return err
	})
	return h, wrap("head", "", "", err)
}

// readHead returns the end of the log and the time of its newest entry.
func readHead(ctx context.Context, tx *sql.Tx) (h Head, at string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT sequence, hash, timestamp FROM triage_events ORDER BY sequence DESC LIMIT 1`).Scan(&h.Sequence, &h.Hash, &at)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return h, at, err
}
