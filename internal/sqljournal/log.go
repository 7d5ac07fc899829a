package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// wholeSubmission is the item of an event that is about a submission itself.
const wholeSubmission = -1

// What is hashed begins with one of these.
const (
	eventDomain   = "imednet submission event 1"
	payloadDomain = "imednet submission payload 1"
	stateDomain   = "imednet submission state 1"
	entryDomain   = "imednet submission 1"
)

// event is one entry of the history: what an item became, who did it, and the hash that chains it to
// the event before.
type event struct {
	Sequence     int64
	SubmissionID string
	Item         int
	State        string
	Closed       bool
	At, Author   string
	PayloadHash  string // of what the item says
	StateHash    string // of everything that is known of it
	Previous     string
	Hash         string
}

func (e *event) compute() string {
	return audit.Hash(eventDomain, strconv.FormatInt(e.Sequence, 10), e.SubmissionID, strconv.Itoa(e.Item), e.State,
		strconv.FormatBool(e.Closed), e.At, e.Author, e.PayloadHash, e.StateHash, e.Previous)
}

const eventColumns = `sequence, submission_id, item, state, closed, at, author, payload_hash, state_hash, previous, hash`

func (e *event) fields() []any {
	return []any{&e.Sequence, &e.SubmissionID, &e.Item, &e.State, &e.Closed, &e.At, &e.Author, &e.PayloadHash, &e.StateHash, &e.Previous, &e.Hash}
}

// payloadHash covers what an item says and never changes.
func payloadHash(i *submissions.Item) string {
	return audit.Hash(payloadDomain, i.StudyKey, string(i.Kind), i.FormKey, i.IntentKey, i.ContentHash, strconv.Itoa(i.Ordinal), strconv.Itoa(i.Line), string(i.Payload))
}

// stateHash covers everything that is known of an item.
func stateHash(i *submissions.Item) string {
	return audit.Hash(stateDomain, string(i.State), strconv.FormatBool(i.Closed), strconv.Itoa(i.Attempt), strconv.Itoa(i.Position), strconv.Itoa(i.BatchSize),
		formatTime(i.SentAt), strconv.FormatBool(i.ServerTime), strconv.FormatInt(i.AfterRevision, 10), i.BatchID, i.JobState,
		strconv.FormatInt(i.RecordID, 10), strconv.FormatInt(i.RevisionID, 10), i.Reason, i.ServerMessage, formatTime(i.ChangedAt), i.Claim())
}

// entryHash covers what a submission is.
func entryHash(e *submissions.Entry, items int) string {
	return audit.Hash(entryDomain, e.StudyKey, e.Author, e.Source, formatTime(e.PreparedAt), strconv.Itoa(items))
}

// eventLog writes items and their events in one transaction.
type eventLog struct {
	tx                  *sql.Tx
	author              string
	at                  time.Time
	last                event
	change, insertEvent *sql.Stmt
}

func (j *Journal) openLog(ctx context.Context, tx *sql.Tx, author string, at time.Time) (*eventLog, error) {
	l := &eventLog{tx: tx, author: author, at: at}
	err := tx.QueryRowContext(ctx, `SELECT `+eventColumns+` FROM submission_events ORDER BY sequence DESC LIMIT 1`).Scan(l.last.fields()...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if l.change, err = tx.PrepareContext(ctx, updateItem); err != nil {
		return nil, err
	}
	l.insertEvent, err = tx.PrepareContext(ctx, `INSERT INTO submission_events (`+eventColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return nil, errors.Join(err, l.change.Close())
	}
	return l, nil
}

func (l *eventLog) close() {
	_ = l.change.Close() // the transaction closes what is left
	_ = l.insertEvent.Close()
}

// update writes what became of an item.
func (l *eventLog) update(ctx context.Context, i submissions.Item) error {
	if _, err := l.change.ExecContext(ctx, append(mutable(&i), i.SubmissionID, i.Index)...); err != nil {
		return err
	}
	return l.append(ctx, event{SubmissionID: i.SubmissionID, Item: i.Index, State: string(i.State), Closed: i.Closed, PayloadHash: payloadHash(&i), StateHash: stateHash(&i)})
}

// insert writes a new submission with its items.
func (l *eventLog) insert(ctx context.Context, e submissions.Entry, items []submissions.Item) error {
	var sequence int64
	err := l.tx.QueryRowContext(ctx, `INSERT INTO submissions (id, study_key, author, source, prepared_at, items, holder, lease_until, fence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		RETURNING sequence`, e.ID, e.StudyKey, e.Author, e.Source, formatTime(e.PreparedAt), len(items), e.Holder, formatTime(e.LeaseUntil), e.Fence).Scan(&sequence)
	if err != nil {
		return err
	}
	if err := l.append(ctx, event{SubmissionID: e.ID, Item: wholeSubmission, State: string(submissions.Prepared), PayloadHash: entryHash(&e, len(items))}); err != nil {
		return err
	}
	insert, err := l.tx.PrepareContext(ctx, insertItem)
	if err != nil {
		return err
	}
	defer insert.Close()
	for n := range items {
		i := items[n]
		i.SubmissionID, i.StudyKey, i.Index, i.State, i.ChangedAt = e.ID, e.StudyKey, n, submissions.Prepared, e.PreparedAt
		args := []any{sequence, n, i.StudyKey, i.Line, string(i.Kind), i.FormKey, i.IntentKey, i.ContentHash, i.Ordinal, []byte(i.Payload)}
		if _, err := insert.ExecContext(ctx, append(args, mutable(&i)...)...); err != nil {
			return err
		}
		err := l.append(ctx, event{SubmissionID: e.ID, Item: n, State: string(i.State), PayloadHash: payloadHash(&i), StateHash: stateHash(&i)})
		if err != nil {
			return err
		}
	}
	return nil
}

// append chains an event to the last one. Times in a log never fall: where the clock is behind the last event, the event
// has that one's time, and the item when it was changed by the clock. What became of a record is written down whatever
// the clock says, because it may be stored already.
func (l *eventLog) append(ctx context.Context, e event) error {
	e.Sequence, e.Previous, e.Author, e.At = l.last.Sequence+1, l.last.Hash, l.author, formatTime(l.at)
	if audit.Falls(l.last.At, e.At) {
		e.At = l.last.At
	}
	e.Hash = e.compute()
	_, err := l.insertEvent.ExecContext(ctx, e.Sequence, e.SubmissionID, e.Item, e.State, e.Closed, e.At, e.Author, e.PayloadHash, e.StateHash, e.Previous, e.Hash)
	l.last = e
	return err
}
