package sqljournal

import (
	"context"
	"database/sql"
	"sync"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// checkSubmission compares a submission and every item of it with the history.
func (j *Journal) checkSubmission(ctx context.Context, tx *sql.Tx, id string) error {
	if err := (scope{submission: id}).check(ctx, tx); err != nil {
		return err
	}
	_, err := j.checkedItems(ctx, tx, submissions.Query{SubmissionID: id})
	return err
}

// checkOnce does what Verify does before the journal is relied upon for the first time: what was edited might
// lead a question away from what it asks for, such as whether a record was submitted before. Later edits are found
// where they are. It reads the whole file, and therefore never while others wait for the lock to write to it.
func (j *Journal) checkOnce(ctx context.Context) error {
	if j.whole.Load() {
		return nil
	}
	return j.db.Read(ctx, func(tx *sql.Tx) error {
		v, err := j.inspect(ctx, tx, wantedHeads{})
		if err == nil {
			err = faultsOf(v)
		}
		j.whole.Store(err == nil)
		return err
	})
}

// checkedItems reads items and compares each with its history, unless it was found to agree with it as it is now.
func (j *Journal) checkedItems(ctx context.Context, tx *sql.Tx, q submissions.Query) ([]submissions.Item, error) {
	where, args := condition(q)
	rows, err := tx.QueryContext(ctx, `SELECT `+storedColumns+fromItems+where+` ORDER BY i.submission, i.item`, args...)
	stored, err := scanRows(rows, err, scanStored)
	if err != nil || len(stored) == 0 {
		return nil, err
	}
	fresh := j.seen.others(stored)
	if q.SubmissionID != "" && len(fresh) > 1 {
		err = checkTogether(ctx, tx, q.SubmissionID, fresh)
	} else {
		err = checkOneByOne(ctx, tx, fresh)
	}
	if err != nil {
		return nil, err
	}
	j.seen.add(fresh)
	items := make([]submissions.Item, len(stored))
	for i := range stored {
		items[i] = stored[i].Item
	}
	return items, nil
}

func checkOneByOne(ctx context.Context, tx *sql.Tx, stored []*storedItem) error {
	if len(stored) == 0 {
		return nil
	}
	g, err := guard(ctx, tx)
	if err != nil {
		return err
	}
	defer g.close()
	for i := range stored {
		if err := g.check(ctx, stored[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkTogether reads the history of a whole submission once, which is several times faster.
func checkTogether(ctx context.Context, tx *sql.Tx, submission string, stored []*storedItem) error {
	first, last := map[int]event{}, map[int]event{}
	rows, err := tx.QueryContext(ctx, `SELECT `+eventColumns+` FROM submission_events WHERE submission_id = ? ORDER BY item, sequence`, submission)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e event
		if err := rows.Scan(e.fields()...); err != nil {
			return errUnreadable
		}
		if _, seen := first[e.Item]; !seen {
			first[e.Item] = e
		}
		last[e.Item] = e
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for i := range stored {
		begin, end := first[stored[i].Index], last[stored[i].Index]
		if err := stored[i].check(&begin, &end); err != nil {
			return err
		}
	}
	return nil
}

// seen are the items that were found to agree with their history, as they were then.
type seen struct {
	mu    sync.Mutex
	items map[key]sighting
}

// sighting is the hash of all that an item held, and who had changed it last.
type sighting struct{ hash, changedBy string }

// mostSeen bounds what is remembered.
const mostSeen = 100_000

// others returns the items that were not seen as they are.
func (s *seen) others(stored []storedItem) []*storedItem {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*storedItem
	for i := range stored {
		item := &stored[i]
		if before := s.items[item.key()]; before.hash == item.hash() {
			item.ChangedBy = before.changedBy
		} else {
			out = append(out, item)
		}
	}
	return out
}

func (s *seen) add(stored []*storedItem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items == nil || len(s.items) > mostSeen {
		s.items = map[key]sighting{}
	}
	for _, item := range stored {
		s.items[item.key()] = sighting{item.hash(), item.ChangedBy}
	}
}

func (i *storedItem) key() key { return key{i.SubmissionID, i.Index} }

func (i *storedItem) hash() string {
	return audit.Hash(payloadHash(&i.Item), stateHash(&i.Item), i.claim)
}
