package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/workflows/submissions"
)

const (
	mutableColumns = `state, closed, attempt, position, batch_size, sent_at, server_time, after_revision, batch_id, job_state, record_id, revision_id, reason, server_message, changed_at, claim`
	insertItem     = `INSERT INTO submission_items (submission, item, study_key, line, kind, form_key, intent_key, content_hash, ordinal, payload, ` + mutableColumns + `)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateItem = `UPDATE submission_items SET (` + mutableColumns + `) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		WHERE submission = (SELECT sequence FROM submissions WHERE id = ?) AND item = ?`
	itemColumns = `s.id, i.study_key, i.item, i.line, i.kind, i.form_key, i.intent_key, i.content_hash, i.ordinal, i.payload, i.state, i.closed, i.attempt, i.position, i.batch_size,
		i.sent_at, i.server_time, i.after_revision, i.batch_id, i.job_state, i.record_id, i.revision_id, i.reason, i.server_message, i.changed_at`
	storedColumns = itemColumns + `, coalesce(i.claim, '')`
	fromItems     = ` FROM submission_items i JOIN submissions s ON s.sequence = i.submission `
)

// mutable are the columns that change, in their order.
func mutable(i *submissions.Item) []any {
	return []any{
		string(i.State), i.Closed, i.Attempt, i.Position, i.BatchSize, formatTime(i.SentAt), i.ServerTime, i.AfterRevision, i.BatchID, i.JobState,
		i.RecordID, i.RevisionID, i.Reason, i.ServerMessage, formatTime(i.ChangedAt), sql.NullString{String: i.Claim(), Valid: i.Claim() != ""},
	}
}

type scanner interface{ Scan(...any) error }

func scanItem(row scanner) (submissions.Item, error) {
	var i submissions.Item
	var payload []byte
	var sent, changed string
	err := row.Scan(&i.SubmissionID, &i.StudyKey, &i.Index, &i.Line, &i.Kind, &i.FormKey, &i.IntentKey, &i.ContentHash, &i.Ordinal, &payload, &i.State, &i.Closed,
		&i.Attempt, &i.Position, &i.BatchSize, &sent, &i.ServerTime, &i.AfterRevision, &i.BatchID, &i.JobState, &i.RecordID, &i.RevisionID, &i.Reason, &i.ServerMessage, &changed)
	if err != nil {
		return i, err
	}
	i.Payload = payload
	if i.SentAt, err = parseTime(sent); err != nil {
		return i, err
	}
	i.ChangedAt, err = parseTime(changed)
	return i, err
}

// olderItems prepares the question which items of a study are like a new one. Those that are not what
// their history says are ErrDamaged: they do not protect reliably.
func olderItems(ctx context.Context, tx *sql.Tx, g *guardian, studyKey string) (older func(*submissions.Item) ([]submissions.Item, error), done func(), err error) {
	query := `SELECT ` + storedColumns + fromItems
	byContent, err := tx.PrepareContext(ctx, query+`WHERE i.study_key = ?1 AND i.content_hash IN (?2, ?4) AND ?3 = '' ORDER BY i.submission, i.item`)
	if err != nil {
		return nil, nil, err
	}
	byBoth, err := tx.PrepareContext(ctx, query+`WHERE (i.submission, i.item) IN (
		SELECT submission, item FROM submission_items WHERE study_key = ?1 AND content_hash IN (?2, ?4)
		UNION SELECT submission, item FROM submission_items WHERE study_key = ?1 AND intent_key = ?3 AND intent_key <> '') ORDER BY i.submission, i.item`)
	if err != nil {
		return nil, nil, errors.Join(err, byContent.Close())
	}
	older = func(item *submissions.Item) ([]submissions.Item, error) {
		statement := byContent
		if item.IntentKey != "" {
			statement = byBoth
		}
		contents := item.Contents()
		rows, err := statement.QueryContext(ctx, studyKey, contents[0], item.IntentKey, contents[len(contents)-1])
		stored, err := scanRows(rows, err, scanStored)
		if err != nil {
			return nil, err
		}
		var out []submissions.Item
		for i := range stored {
			if err := g.check(ctx, &stored[i]); err != nil {
				return nil, err
			}
			out = append(out, stored[i].Item)
		}
		return out, nil
	}
	return older, func() { _, _ = byContent.Close(), byBoth.Close() }, nil
}

// errUnreadable is a row with a value that nothing of ours has written. The error of the database may show it.
var errUnreadable = fmt.Errorf("a row cannot be read: %w", submissions.ErrDamaged)

func scanRows[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		i, err := scan(rows)
		if err != nil {
			return nil, errUnreadable
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// condition turns a query into SQL.
func condition(q submissions.Query) (where string, args []any) {
	var parts []string
	add := func(part string, values ...any) {
		parts, args = append(parts, part), append(args, values...)
	}
	if q.StudyKey != "" {
		add(`i.study_key = ?`, q.StudyKey)
	}
	if q.SubmissionID != "" {
		add(`s.id = ?`, q.SubmissionID)
	}
	if len(q.States) > 0 {
		var states []any
		for _, s := range q.States {
			states = append(states, string(s))
		}
		add(`i.state IN (?`+strings.Repeat(`, ?`, len(states)-1)+`)`, states...)
	}
	if q.Open {
		add(`i.closed = 0`)
	}
	if !q.Since.IsZero() {
		add(`s.prepared_at >= ?`, formatTime(q.Since))
	}
	if !q.Until.IsZero() {
		add(`s.prepared_at < ?`, formatTime(q.Until))
	}
	if len(parts) == 0 {
		return ``, nil
	}
	return `WHERE ` + strings.Join(parts, ` AND `), args
}

// Items implements submissions.Journal. Items that are not as their history says are ErrDamaged, and so are
// those that a question would miss for that reason: of a submission that it names whenever it is asked, of a
// study the first time.
func (j *Journal) Items(ctx context.Context, q submissions.Query) (items []submissions.Item, err error) {
	if err := j.checkOnce(ctx); err != nil {
		return nil, j.wrap("read items", q.SubmissionID, err)
	}
	err = j.db.Read(ctx, func(tx *sql.Tx) error {
		if _, checked := j.checked.Load(q.StudyKey); q.SubmissionID != "" || !checked {
			if err := scopeOf(q).check(ctx, tx); err != nil {
				return err
			}
			if q.SubmissionID == "" {
				j.checked.Store(q.StudyKey, true)
			}
		}
		items, err = j.checkedItems(ctx, tx, q)
		return err
	})
	return items, j.wrap("read items", q.SubmissionID, err)
}

func scopeOf(q submissions.Query) scope { return scope{q.StudyKey, q.SubmissionID} }

// Entries implements submissions.Journal. Submissions and items that are not as their history says are
// ErrDamaged, whether the query leads to them or not. The lease of a process that has died on this computer is over.
func (j *Journal) Entries(ctx context.Context, q submissions.Query) (entries []submissions.Entry, err error) {
	err = j.db.Read(ctx, func(tx *sql.Tx) error {
		if err := (scope{study: q.StudyKey}).check(ctx, tx); err != nil {
			return err
		}
		where, args := condition(q)
		entries, err = readEntries(ctx, tx, `WHERE e.sequence IN (SELECT i.submission`+fromItems+where+`)`, args...)
		for i := range entries {
			e := &entries[i]
			if !e.Leased(j.db.Now()) {
				continue
			}
			mark, err := markOf(ctx, tx, e.ID)
			if err != nil {
				return err
			}
			if j.living.Dead(mark) {
				e.Holder, e.LeaseUntil = "", time.Time{}
			}
		}
		return err
	})
	return entries, j.wrap("read submissions", q.SubmissionID, err)
}

func readEntries(ctx context.Context, tx *sql.Tx, where string, args ...any) ([]submissions.Entry, error) {
	rows, err := tx.QueryContext(ctx, `SELECT e.id, e.study_key, e.author, e.source, e.prepared_at, e.holder, e.lease_until, e.fence, i.state, count(*), count(*) FILTER (WHERE i.closed = 0)
		FROM submissions e JOIN submission_items i ON i.submission = e.sequence `+where+` GROUP BY e.sequence, i.state ORDER BY e.sequence`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []submissions.Entry
	for rows.Next() {
		var e submissions.Entry
		var prepared, until string
		var state submissions.State
		var count, open int
		if err := rows.Scan(&e.ID, &e.StudyKey, &e.Author, &e.Source, &prepared, &e.Holder, &until, &e.Fence, &state, &count, &open); err != nil {
			return nil, errUnreadable
		}
		if len(out) == 0 || out[len(out)-1].ID != e.ID {
			if e.PreparedAt, err = parseTime(prepared); err != nil {
				return nil, err
			}
			if e.LeaseUntil, err = parseTime(until); err != nil {
				return nil, err
			}
			e.Counts = submissions.Counts{}
			out = append(out, e)
		}
		last := &out[len(out)-1]
		last.Counts[state] += count
		last.Open += open
	}
	return out, rows.Err()
}

func oneEntry(ctx context.Context, tx *sql.Tx, id string) (submissions.Entry, error) {
	found, err := readEntries(ctx, tx, `WHERE e.id = ?`, id)
	if err == nil && len(found) == 0 {
		err = imednet.ErrNotFound
	}
	if err != nil {
		return submissions.Entry{}, err
	}
	return found[0], nil
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return audit.FormatTime(t)
}

func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, ok := audit.ParseTime(s)
	if !ok {
		return t, fmt.Errorf("a time cannot be read: %w", submissions.ErrDamaged)
	}
	return t.UTC(), nil
}
