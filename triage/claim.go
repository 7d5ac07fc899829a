package triage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// DefaultLease is the default of [Claim.Lease].
const DefaultLease = 30 * time.Minute

// Claim states who claims an item, and for how long.
type Claim struct {
	UserID string
	Lease  time.Duration // default DefaultLease
}

func (c *Claim) check(ch *audit.Checker) {
	if c.Lease == 0 {
		c.Lease = DefaultLease
	}
	if c.Lease < 0 {
		ch.Add("Lease", "must not be negative")
	}
}

// ClaimItem claims an item for a limited time: until the lease expires, the item is resolved, or
// [TriageStore.ReleaseItem] is called, no one else can claim it or change its status. Claiming
// again extends the claim. Errors: [ErrClaimed], [ErrTransition] for a resolved item, and
// [imednet.ErrNotFound].
func (s *TriageStore) ClaimItem(ctx context.Context, itemID string, claim Claim) (Item, error) {
	const op = "claim item"
	c := &audit.Checker{}
	checkItem(c, itemID, AnyVersion)
	claim.check(c)
	by, err := s.user(ctx, c, op, claim.UserID, "triage.claim", itemID)
	if err != nil {
		return Item{}, wrap(op, "", itemID, err)
	}
	return s.mutate(ctx, op, itemID, AnyVersion, by, func(w *logWriter, row *itemRow) (*change, error) {
		if Status(row.Status) == StatusResolved {
			return nil, refuse(ErrTransition, "a resolved item is reopened, not claimed")
		}
		return claim.change(w), checkClaim(row, by.id, w)
	})
}

func (c *Claim) change(w *logWriter) *change {
	return &change{KindClaimed, Change{ClaimUntil: w.now.Add(c.Lease).Truncate(time.Microsecond)}}
}

// ClaimNext claims the first item of a queue that is neither claimed nor resolved. Two reviewers
// who call it at the same time get different items. The error is [imednet.ErrNotFound] if there is
// none.
func (s *TriageStore) ClaimNext(ctx context.Context, queue QueueOptions, claim Claim) (item Item, err error) {
	const op = "claim next item"
	c := &audit.Checker{}
	claim.check(c)
	queue.Limit, queue.Unclaimed = 1, true
	if len(queue.Statuses) == 0 {
		queue.Statuses = []Status{StatusNew, StatusUnderReview}
	}
	start := queue.check(c)
	for _, status := range queue.Statuses {
		if status == StatusResolved {
			c.Add("Statuses", "a resolved item is reopened, not claimed")
		}
	}
	by, err := s.user(ctx, c, op, claim.UserID, "triage.claim", "")
	if err != nil {
		return Item{}, wrap(op, "", "", err)
	}
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		w, err := s.newLogWriter(ctx, tx, by)
		if err != nil {
			return err
		}
		rows, _, err := s.queueRows(ctx, tx, queue, start, w.now)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fmt.Errorf("unclaimed item: %w", imednet.ErrNotFound)
		}
		if err := w.append(rows[0], rows[0].ItemID, rows[0].StudyKey, *claim.change(w)); err != nil {
			return err
		}
		item, err = completeItem(ctx, tx, rows[0])
		return err
	})
	if err != nil {
		return Item{}, wrap(op, queue.StudyKey, "", err)
	}
	return item, nil
}

// ReleaseItem ends the user's claim early. An item that is not claimed is unchanged. Errors:
// [ErrClaimed] if another user has claimed it, and [imednet.ErrNotFound].
func (s *TriageStore) ReleaseItem(ctx context.Context, itemID, userID string) (Item, error) {
	const op = "release item"
	c := &audit.Checker{}
	checkItem(c, itemID, AnyVersion)
	by, err := s.user(ctx, c, op, userID, "triage.release", itemID)
	if err != nil {
		return Item{}, wrap(op, "", itemID, err)
	}
	return s.mutate(ctx, op, itemID, AnyVersion, by, func(w *logWriter, row *itemRow) (*change, error) {
		item := row.item()
		if item.ClaimedAt(w.now) == "" {
			return nil, nil
		}
		return &change{kind: KindReleased}, checkClaim(row, by.id, w)
	})
}
