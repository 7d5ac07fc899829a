package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// scope is what a question is about, by what never changes. Whether an item is open, or in which state it is,
// must not decide whether it is looked at: an edit of the file may have changed just that.
type scope struct{ study, submission string }

// check fails if something in the scope is not what its history says of it, as far as queries can tell. The
// items that a call returns are compared with their whole history as well.
func (s scope) check(ctx context.Context, tx *sql.Tx) error {
	if err := s.checkItems(ctx, tx); err != nil {
		return err
	}
	if err := checkNoneGone(ctx, tx); err != nil {
		return err
	}
	return s.checkEntries(ctx, tx)
}

// checkNoneGone finds a submission that the history has and the file has not. Which study it was of cannot be
// seen any more.
func checkNoneGone(ctx context.Context, tx *sql.Tx) error {
	var id string
	err := tx.QueryRowContext(ctx, `SELECT submission_id FROM (SELECT DISTINCT submission_id FROM submission_events) AS known
		WHERE submission_id NOT IN (SELECT id FROM submissions) LIMIT 1`).Scan(&id)
	return ifFound(err, "submission %s: is in the history, but not in the journal: %w", id, submissions.ErrDamaged)
}

// checkItems finds an item whose state is not that of its latest event, and one that is of two studies.
func (s scope) checkItems(ctx context.Context, tx *sql.Tx) error {
	var id string
	var item int
	err := tx.QueryRowContext(ctx, `SELECT s.id, i.item`+fromItems+`
		LEFT JOIN submission_events e ON e.sequence = (SELECT max(sequence) FROM submission_events WHERE submission_id = s.id AND item = i.item)
		WHERE (?1 = '' OR i.study_key = ?1 OR s.study_key = ?1) AND (?2 = '' OR s.id = ?2)
		AND (e.sequence IS NULL OR e.state <> i.state OR e.closed <> i.closed OR i.study_key <> s.study_key) LIMIT 1`, s.study, s.submission).Scan(&id, &item)
	return ifFound(err, "%s: is not what the history says of it: %w", placeOf(id, item), submissions.ErrDamaged)
}

// ifFound is the fault that a query looked for, unless it found none.
func ifFound(err error, format string, args ...any) error {
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf(format, args...)
}

// checkEntries finds a submission that is not as it was prepared, or whose items are not all there.
func (s scope) checkEntries(ctx context.Context, tx *sql.Tx) error {
	found := &audit.Findings{}
	begins, err := firstEvents(ctx, tx, s.submission)
	if err != nil {
		return err
	}
	c := chain{spans: begins}
	if err := c.checkEntries(ctx, tx, found, s.submission); err != nil {
		return err
	}
	if found.Count > 0 {
		return fmt.Errorf("%s: %s: %w", found.Problems[0].Path, found.Problems[0].Message, submissions.ErrDamaged)
	}
	var id string
	err = tx.QueryRowContext(ctx, `SELECT s.id FROM submissions s WHERE (?1 = '' OR s.study_key = ?1) AND (?2 = '' OR s.id = ?2)
		AND s.items <> (SELECT count(*) FROM submission_items i WHERE i.submission = s.sequence) LIMIT 1`, s.study, s.submission).Scan(&id)
	return ifFound(err, "submission %s: not all of its items are there: %w", id, submissions.ErrDamaged)
}

// firstEvents reads with which event each submission begins.
func firstEvents(ctx context.Context, tx *sql.Tx, submission string) (map[key]*span, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+eventColumns+` FROM submission_events WHERE sequence IN (SELECT min(sequence) FROM submission_events
		WHERE item = ?1 AND submission_id IN (SELECT id FROM submissions WHERE ?2 = '' OR id = ?2) GROUP BY submission_id)`, wholeSubmission, submission)
	events, err := scanRows(rows, err, func(row scanner) (e event, err error) { return e, row.Scan(e.fields()...) })
	out := map[key]*span{}
	for i := range events {
		if e := &events[i]; e.Hash == e.compute() {
			out[key{e.SubmissionID, e.Item}] = &span{first: e.outline()}
		}
	}
	return out, err
}
