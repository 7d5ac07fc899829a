package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// Journal is a [submissions.Journal] in the tables of a database. It is safe for concurrent use, and
// several processes can use the same tables.
type Journal struct {
	db      *audit.Store
	pkg     string // named by errors
	living  Presence
	whole   atomic.Bool // all of it was compared with its history
	checked sync.Map    // studies of which no question was led astray by an edit
	seen    seen
}

var _ submissions.Journal = (*Journal)(nil)

// Presence tells whether the process that holds a lease still lives, where that can be seen before the
// lease ends by its time.
type Presence interface {
	// Mark returns what others find this process by; "" if they cannot.
	Mark() string
	// Dead reports whether the process that left a mark has certainly ended.
	Dead(mark string) bool
	// Forget is told that no lease refers to a mark any more.
	Forget(mark string)
}

// New returns the journal in a store that has its tables, whose errors name a package.
func New(db *audit.Store, pkg string, living Presence) *Journal {
	return &Journal{db: db, pkg: pkg, living: living}
}

// Clock returns the clock by which items are dated and leases end.
func (j *Journal) Clock() imednet.Clock { return j.db.Clock() }

// Marked reports whether a lease refers to a mark. If it cannot be known, one may.
func (j *Journal) Marked(ctx context.Context, mark string) bool {
	used := true
	err := j.db.Read(ctx, func(tx *sql.Tx) (err error) {
		used, err = markUsed(ctx, tx, mark)
		return err
	})
	return used || err != nil
}

// wrap names what failed; what a caller branches on stays beneath it.
func (j *Journal) wrap(op, submissionID string, err error) error {
	if err == nil {
		return nil
	}
	place := ""
	if submissionID != "" {
		place = "submission " + submissionID
	}
	return &imednet.Error{Package: j.pkg, Op: op, Place: place, Err: err}
}

// Prepare implements submissions.Journal.
func (j *Journal) Prepare(ctx context.Context, p submissions.Preparation) (entry submissions.Entry, err error) {
	if err = p.Validate(); err == nil {
		err = j.checkOnce(ctx)
	}
	if err == nil {
		err = j.db.Write(ctx, func(tx *sql.Tx) error {
			entry, err = j.prepare(ctx, tx, p)
			return err
		})
	}
	var conflict *submissions.ConflictError
	if errors.As(err, &conflict) {
		return submissions.Entry{}, conflict
	}
	return entry, j.wrap("prepare", p.ID, err)
}

func (j *Journal) prepare(ctx context.Context, tx *sql.Tx, p submissions.Preparation) (submissions.Entry, error) {
	if err := checkNoneGone(ctx, tx); err != nil { // it would protect against a repeat
		return submissions.Entry{}, err
	}
	now := j.db.Now()
	g, err := guard(ctx, tx)
	if err != nil {
		return submissions.Entry{}, err
	}
	defer g.close()
	older, done, err := olderItems(ctx, tx, g, p.StudyKey)
	if err != nil {
		return submissions.Entry{}, err
	}
	defer done()
	conflicts, replaced, err := p.Decide(older, now)
	if err != nil {
		return submissions.Entry{}, err
	}
	if len(conflicts) > 0 {
		return submissions.Entry{}, &submissions.ConflictError{Conflicts: conflicts}
	}
	log, err := j.openLog(ctx, tx, p.Author, now)
	if err != nil {
		return submissions.Entry{}, err
	}
	defer log.close()
	for _, old := range replaced {
		old.Closed, old.Reason, old.ChangedAt, old.ChangedBy = true, submissions.ReplacedBy(p.ID), now, p.Author
		if err := log.update(ctx, old); err != nil {
			return submissions.Entry{}, err
		}
	}
	entry := submissions.Entry{
		ID: p.ID, StudyKey: p.StudyKey, Author: p.Author, Source: p.Source, PreparedAt: now, Holder: p.Lease.Holder, LeaseUntil: now.Add(p.Lease.For), Fence: 1,
		Counts: submissions.Counts{submissions.Prepared: len(p.Items)}, Open: len(p.Items),
	}
	if err := log.insert(ctx, entry, p.Items); err != nil {
		return submissions.Entry{}, err
	}
	return entry, j.markLease(ctx, tx, entry.ID)
}

// Take implements submissions.Journal.
func (j *Journal) Take(ctx context.Context, id string, lease submissions.Lease) (entry submissions.Entry, err error) {
	if err := j.checkOnce(ctx); err != nil {
		return entry, j.wrap("take the lease", id, err)
	}
	err = j.db.Write(ctx, func(tx *sql.Tx) error {
		if entry, err = oneEntry(ctx, tx, id); err != nil {
			return err
		}
		now := j.db.Now()
		mark, err := markOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if entry.Leased(now) && !j.living.Dead(mark) {
			return &submissions.LeaseError{SubmissionID: id, Holder: entry.Holder, Until: entry.LeaseUntil}
		}
		if err := j.checkSubmission(ctx, tx, id); err != nil {
			return err
		}
		entry.Holder, entry.LeaseUntil = lease.Holder, now.Add(lease.For)
		entry.Fence++
		if err := setLease(ctx, tx, entry); err != nil {
			return err
		}
		if err := j.markLease(ctx, tx, id); err != nil {
			return err
		}
		if used, err := markUsed(ctx, tx, mark); used || err != nil {
			return err
		}
		j.living.Forget(mark)
		return nil
	})
	return entry, j.wrap("take the lease", id, err)
}

func setLease(ctx context.Context, tx *sql.Tx, e submissions.Entry) error {
	_, err := tx.ExecContext(ctx, `UPDATE submissions SET holder = ?, lease_until = ?, fence = ? WHERE id = ?`, e.Holder, formatTime(e.LeaseUntil), e.Fence, e.ID)
	return err
}

// markLease notes by what others see whether the holder of a lease still lives.
func (j *Journal) markLease(ctx context.Context, tx *sql.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `UPDATE submissions SET holder_mark = ? WHERE id = ?`, j.living.Mark(), id)
	return err
}

// markOf reads by what it is seen whether the holder of a lease still lives.
func markOf(ctx context.Context, tx *sql.Tx, id string) (mark string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT holder_mark FROM submissions WHERE id = ?`, id).Scan(&mark)
	return mark, err
}

// markUsed reports whether a lease refers to a mark.
func markUsed(ctx context.Context, tx *sql.Tx, mark string) (used bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT ? = '' OR EXISTS (SELECT 1 FROM submissions WHERE holder <> '' AND holder_mark = ?)`, mark, mark).Scan(&used)
	return used, err
}

// fenced reads a submission if a fence is still the last one.
func fenced(ctx context.Context, tx *sql.Tx, id string, fence int64) (submissions.Entry, error) {
	entry, err := oneEntry(ctx, tx, id)
	if err == nil && (entry.Fence != fence || entry.Holder == "") {
		err = submissions.ErrLeaseLost
	}
	return entry, err
}

// Renew implements submissions.Journal.
func (j *Journal) Renew(ctx context.Context, id string, fence int64, lease submissions.Lease) error {
	return j.wrap("renew the lease", id, j.db.Write(ctx, func(tx *sql.Tx) error {
		entry, err := fenced(ctx, tx, id, fence)
		if err != nil {
			return err
		}
		entry.LeaseUntil = j.db.Now().Add(lease.For)
		return setLease(ctx, tx, entry)
	}))
}

// Release implements submissions.Journal.
func (j *Journal) Release(ctx context.Context, id string, fence int64) error {
	return j.wrap("release the lease", id, j.db.Write(ctx, func(tx *sql.Tx) error {
		entry, err := fenced(ctx, tx, id, fence)
		if err != nil {
			return err
		}
		entry.Holder, entry.LeaseUntil = "", time.Time{}
		return setLease(ctx, tx, entry)
	}))
}

// Send implements submissions.Journal.
func (j *Journal) Send(ctx context.Context, s submissions.Sending) (sent []submissions.Item, err error) {
	err = j.db.Write(ctx, func(tx *sql.Tx) error {
		entry, err := fenced(ctx, tx, s.SubmissionID, s.Fence)
		if err != nil {
			return err
		}
		now := j.db.Now()
		entry.LeaseUntil = now.Add(s.Lease.For)
		if err := setLease(ctx, tx, entry); err != nil {
			return err
		}
		log, err := j.openLog(ctx, tx, s.Author, now)
		if err != nil {
			return err
		}
		defer log.close()
		g, err := guard(ctx, tx)
		if err != nil {
			return err
		}
		defer g.close()
		sent = nil
		for position, n := range s.Indexes {
			item, err := sendable(ctx, g, s.SubmissionID, n)
			if err != nil {
				return fmt.Errorf("item %d: %w", n+1, err)
			}
			item = item.Started(s, position, now)
			if err := log.update(ctx, item); err != nil {
				return err
			}
			sent = append(sent, item)
		}
		return nil
	})
	if err != nil {
		return nil, j.wrap("send", s.SubmissionID, err)
	}
	return sent, nil
}

// sendable reads an item that may be sent.
func sendable(ctx context.Context, g *guardian, submissionID string, n int) (submissions.Item, error) {
	item, err := g.read(ctx, submissionID, n)
	if err == nil && (item.Closed || !item.State.Sendable()) {
		err = submissions.ErrNotSendable
	}
	return item, err
}

// Note implements submissions.Journal.
func (j *Journal) Note(ctx context.Context, author string, changes []submissions.Change) (items []submissions.Item, err error) {
	if len(changes) == 0 {
		return nil, nil
	}
	err = j.db.Write(ctx, func(tx *sql.Tx) error {
		items = nil
		now := j.db.Now()
		log, err := j.openLog(ctx, tx, author, now)
		if err != nil {
			return err
		}
		defer log.close()
		g, err := guard(ctx, tx)
		if err != nil {
			return err
		}
		defer g.close()
		for _, c := range changes {
			item, err := g.read(ctx, c.SubmissionID, c.Index)
			if err != nil {
				return fmt.Errorf("%s: %w", placeOf(c.SubmissionID, c.Index), err)
			}
			next, ok := item.Apply(c, now)
			if ok && next.Claim() != item.Claim() {
				taken, err := claimed(ctx, tx, item.StudyKey, next.Claim())
				if err != nil {
					return err
				}
				ok = !taken
			}
			if ok {
				next.ChangedBy = author
				if err := log.update(ctx, next); err != nil {
					return err
				}
				item = next
			}
			items = append(items, item)
		}
		return nil
	})
	if err != nil {
		return nil, j.wrap("note", "", err)
	}
	return items, nil
}

func claimed(ctx context.Context, tx *sql.Tx, studyKey, claim string) (taken bool, err error) {
	if claim == "" {
		return false, nil
	}
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM submission_items WHERE study_key = ? AND claim = ?)`, studyKey, claim).Scan(&taken)
	return taken, err
}

// Claims implements submissions.Journal.
func (j *Journal) Claims(ctx context.Context, studyKey string, claims []string) (out map[string]bool, err error) {
	err = j.db.Read(ctx, func(tx *sql.Tx) error {
		out = map[string]bool{}
		ask, err := tx.PrepareContext(ctx, `SELECT EXISTS (SELECT 1 FROM submission_items WHERE study_key = ? AND claim = ?)`)
		if err != nil {
			return err
		}
		defer ask.Close()
		for _, claim := range claims {
			var taken bool
			if err := ask.QueryRowContext(ctx, studyKey, claim).Scan(&taken); err != nil {
				return err
			}
			if taken {
				out[claim] = true
			}
		}
		return nil
	})
	return out, j.wrap("read claims", "", err)
}
