package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// storedItem is an item as its row has it, with the claim of that row.
type storedItem struct {
	submissions.Item
	claim string
}

func scanStored(row scanner) (i storedItem, err error) {
	i.Item, err = scanItem(withColumn{row, &i.claim})
	return i, err
}

// withColumn scans one column more than an item has.
type withColumn struct {
	row  scanner
	more any
}

func (w withColumn) Scan(dest ...any) error { return w.row.Scan(append(dest, w.more)...) }

// fault says how an item differs from the first and the last event of its history; "" means that it does not.
func (i *storedItem) fault(first, last *event) string {
	switch {
	case first.PayloadHash != payloadHash(&i.Item):
		return "its payload was changed: it is not the one that was prepared"
	case last.StateHash != stateHash(&i.Item) || last.State != string(i.State) || last.Closed != i.Closed || i.claim != i.Claim():
		return "is not what the history says of it"
	}
	return ""
}

// placeOf names an item by its number, which is counted from 1 as in every table of the command.
func placeOf(submission string, item int) string {
	return fmt.Sprintf("submission %s, item %d", submission, item+1)
}

// guardian reads items that are about to be changed, or that protect against a repeat, and refuses those
// that are not what their history says: the next event would hide that they were edited.
type guardian struct{ item, events *sql.Stmt }

func guard(ctx context.Context, tx *sql.Tx) (*guardian, error) {
	item, err := tx.PrepareContext(ctx, `SELECT `+storedColumns+fromItems+`WHERE s.id = ? AND i.item = ?`)
	if err != nil {
		return nil, err
	}
	events, err := tx.PrepareContext(ctx, `SELECT `+eventColumns+` FROM submission_events WHERE sequence IN (
		(SELECT min(sequence) FROM submission_events WHERE submission_id = ?1 AND item = ?2),
		(SELECT max(sequence) FROM submission_events WHERE submission_id = ?1 AND item = ?2)) ORDER BY sequence`)
	if err != nil {
		return nil, errors.Join(err, item.Close())
	}
	return &guardian{item, events}, nil
}

func (g *guardian) close() {
	_ = g.item.Close() // the transaction closes what is left
	_ = g.events.Close()
}

// read returns an item that is as its history says.
func (g *guardian) read(ctx context.Context, submissionID string, n int) (submissions.Item, error) {
	i, err := scanStored(g.item.QueryRowContext(ctx, submissionID, n))
	if errors.Is(err, sql.ErrNoRows) {
		err = imednet.ErrNotFound
	}
	if err != nil {
		return i.Item, err
	}
	err = g.check(ctx, &i)
	return i.Item, err
}

// check compares an item with its history.
func (g *guardian) check(ctx context.Context, i *storedItem) error {
	first, last, err := g.history(ctx, i.SubmissionID, i.Index)
	if err != nil {
		return err
	}
	return i.check(&first, &last)
}

// check compares an item with the first and the last event of its history, which says who changed it last.
func (i *storedItem) check(first, last *event) error {
	fault := i.fault(first, last)
	switch {
	case first.Sequence == 0:
		fault = "the history does not know it"
	case first.Hash != first.compute() || last.Hash != last.compute():
		fault = "its history was changed"
	}
	if fault != "" {
		return fmt.Errorf("%s: %s: %w", placeOf(i.SubmissionID, i.Index), fault, submissions.ErrDamaged)
	}
	i.ChangedBy = last.Author
	return nil
}

// history returns the first and the last event of an item.
func (g *guardian) history(ctx context.Context, submissionID string, n int) (first, last event, err error) {
	rows, err := g.events.QueryContext(ctx, submissionID, n)
	if err != nil {
		return first, last, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(last.fields()...); err != nil {
			return first, last, errUnreadable
		}
		if first.Sequence == 0 {
			first = last
		}
	}
	return first, last, rows.Err()
}
