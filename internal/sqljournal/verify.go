package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/verdict"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// headKind marks the written form of the end of a history.
const headKind = "imednet-submissions/1"

// Verify implements [submissions.Journal]. It reads one consistent snapshot of the file and checks
// that the file and its indexes are intact according to SQLite, that the triggers are present, that
// the events form a chain without gaps in which each has the hash of its content and of the previous
// one, that the exported head is among them, and that submissions and items agree with their events,
// including every byte of every payload. Leases, which end by themselves, are part of no chain.
// Someone with write access can forge a whole history, which only a head stored elsewhere reveals.
func (j *Journal) Verify(ctx context.Context, head string) (v submissions.Verification, err error) {
	return j.VerifyHeads(ctx, head, nil)
}

// VerifyHeads implements [submissions.HeadVerifier].
func (j *Journal) VerifyHeads(ctx context.Context, head string, kept []imednet.KeptHead) (v submissions.Verification, err error) {
	wanted := wantedHeads{kept: kept}
	if head != "" {
		if wanted.sequence, wanted.hash, err = audit.ParseHead(head, headKind); err != nil {
			return v, j.wrap("verify", "", err)
		}
	}
	err = j.db.Read(ctx, func(tx *sql.Tx) error {
		v, err = j.inspect(ctx, tx, wanted)
		return err
	})
	if err == nil {
		err = faultsOf(v)
	}
	return v, j.wrap("verify", "", err)
}

// Head implements [submissions.HeadVerifier].
func (j *Journal) Head(ctx context.Context) (head string, err error) {
	err = j.db.Read(ctx, func(tx *sql.Tx) error {
		var last event
		err := tx.QueryRowContext(ctx, `SELECT `+eventColumns+` FROM submission_events ORDER BY sequence DESC LIMIT 1`).Scan(last.fields()...)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		head = audit.FormatHead(headKind, last.Sequence, last.Hash)
		return err
	})
	return head, j.wrap("head", "", err)
}

// wantedHeads are heads whose events the history must contain: one that was exported, and those kept elsewhere.
type wantedHeads struct {
	sequence int64 // 0 if none was exported
	hash     string
	kept     []imednet.KeptHead
}

func (w *wantedHeads) compare(found *audit.Findings) *audit.Kept {
	kept := audit.NewKept(found)
	kept.Expect("", w.sequence, w.hash)
	kept.ExpectAll(w.kept, func(line string) (string, int64, string, error) {
		sequence, hash, err := audit.ParseHead(line, headKind)
		return "", sequence, hash, err
	})
	return kept
}

// inspect compares all that the file holds with its history.
func (j *Journal) inspect(ctx context.Context, tx *sql.Tx, wanted wantedHeads) (v submissions.Verification, err error) {
	found := &audit.Findings{}
	d := j.db.Dialect()
	if err := found.CheckFile(ctx, tx, d); err != nil {
		return v, err
	}
	if err := j.db.CheckSchema(ctx, tx, postgresSchema, found); err != nil {
		return v, err
	}
	c := chain{kept: wanted.compare(found), spans: map[key]*span{}}
	if err := c.read(ctx, tx, found); err != nil {
		return v, err
	}
	v.Backdated = c.backdated
	v.Events, v.Head = c.end.Sequence, audit.FormatHead(headKind, c.end.Sequence, c.end.Hash)
	if err := guards.Check(ctx, tx, d, found); err != nil {
		return v, err
	}
	if v.Items, err = c.checkItems(ctx, tx, found); err != nil {
		return v, err
	}
	if err := c.checkEntries(ctx, tx, found, ""); err != nil {
		return v, err
	}
	v.Faults, v.Problems = found.Count, found.Problems
	return v, nil
}

// faultsOf is the error of what was found.
func faultsOf(v submissions.Verification) error {
	if v.Faults == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", submissions.ErrDamaged, verdict.First(v.Faults, v.Problems[0]))
}

type key struct {
	submission string
	item       int
}

// chain is the history as it is read.
type chain struct {
	kept      *audit.Kept
	end       event
	backdated int64
	spans     map[key]*span
}

// span is how the history of an item, or of a submission, begins and ends.
type span struct{ first, last event }

// outline is what an item is compared with; of a long history, nothing else is kept.
func (e *event) outline() event {
	return event{Sequence: e.Sequence, State: e.State, Closed: e.Closed, PayloadHash: e.PayloadHash, StateHash: e.StateHash}
}

func (c *chain) read(ctx context.Context, tx *sql.Tx, found *audit.Findings) error {
	rows, err := tx.QueryContext(ctx, `SELECT `+eventColumns+` FROM submission_events ORDER BY sequence`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e event
		if err := rows.Scan(e.fields()...); err != nil {
			found.Add("submission_events", "the event after %d cannot be read", c.end.Sequence)
			continue
		}
		path := fmt.Sprintf("submission_events/%d", e.Sequence)
		switch {
		case e.Sequence != c.end.Sequence+1:
			found.Add(path, "the events before it are missing, from %d on", c.end.Sequence+1)
		case e.Previous != c.end.Hash:
			found.Add(path, "does not follow the event before it")
		case e.Hash != e.compute():
			found.Add(path, "was changed: its hash does not match what it holds")
		case !e.possible():
			found.Add(path, "has a state or a time that no event has")
		case audit.Falls(c.end.At, e.At):
			c.backdated++
		}
		c.kept.Entry(path, "", e.Sequence, e.Hash)
		c.end = e
		k := key{e.SubmissionID, e.Item}
		if s := c.spans[k]; s != nil {
			s.last = e.outline()
		} else {
			c.spans[k] = &span{e.outline(), e.outline()}
		}
	}
	c.kept.Missing("history", func(string, int64) string { return "submission_events" })
	return rows.Err()
}

// possible reports whether an event has a state and a time as they are written.
func (e *event) possible() bool {
	_, dated := audit.ParseTime(e.At)
	return dated && slices.Contains(submissions.States(), submissions.State(e.State))
}

// checkItems compares the items with their events.
func (c *chain) checkItems(ctx context.Context, tx *sql.Tx, found *audit.Findings) (n int64, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+storedColumns+fromItems+`ORDER BY i.submission, i.item`)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		item, err := scanStored(rows)
		if err != nil {
			found.Add("submission_items", "an item cannot be read")
			continue
		}
		path := placeOf(item.SubmissionID, item.Index)
		k := key{item.SubmissionID, item.Index}
		if s := c.spans[k]; s == nil {
			found.Add(path, "the history does not know it")
		} else if fault := item.fault(&s.first, &s.last); fault != "" {
			found.Add(path, "%s", fault)
		}
		delete(c.spans, k)
	}
	if err := rows.Err(); err != nil {
		return n, err
	}
	return n, checkStrays(ctx, tx, found)
}

// checkStrays finds items of no submission, which no list shows, but which stand in the way of what they claim, and would
// be those of a later submission with their number.
func checkStrays(ctx context.Context, tx *sql.Tx, found *audit.Findings) error {
	var strays int64
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM submission_items WHERE submission NOT IN (SELECT sequence FROM submissions)`).Scan(&strays)
	if err == nil && strays > 0 {
		found.Add("submission_items", "%d items are of no submission", strays)
	}
	return err
}

// checkEntries compares the submissions with their events, or one of them, and finds events of what is gone.
func (c *chain) checkEntries(ctx context.Context, tx *sql.Tx, found *audit.Findings, only string) error {
	rows, err := tx.QueryContext(ctx, `SELECT id, study_key, author, source, prepared_at, items FROM submissions WHERE ?1 = '' OR id = ?1 ORDER BY sequence`, only)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e submissions.Entry
		var prepared string
		var items int
		if err := rows.Scan(&e.ID, &e.StudyKey, &e.Author, &e.Source, &prepared, &items); err != nil {
			return errUnreadable
		}
		path := "submission " + e.ID
		k := key{e.ID, wholeSubmission}
		s := c.spans[k]
		if e.PreparedAt, err = parseTime(prepared); err != nil || s == nil || s.first.PayloadHash != entryHash(&e, items) {
			found.Add(path, "is not what the history says of it")
		}
		delete(c.spans, k)
	}
	for k := range c.spans {
		found.Add(placeOf(k.submission, k.item), "is in the history, but not in the journal")
	}
	return rows.Err()
}
