package submissions

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/jobpoll"
)

// DefaultSettleDelay is how far a listing of the server may lag behind the end of a job.
const DefaultSettleDelay = jobpoll.SettleDelay

// lookAgain looks a second time, a settle delay after the first one, for items of which nothing showed,
// and notes what shows by now, or that they are absent. One delay serves them all.
func (s *settler) lookAgain(ctx context.Context) ([]Item, error) {
	missing := s.missing
	s.missing = nil
	if len(missing) == 0 {
		return nil, nil
	}
	if err := s.pause(ctx, s.u.settleDelay); err != nil {
		return nil, err
	}
	for i := range missing {
		missing[i].again = true
		missing[i].item.State = Unknown // as the first look left it
	}
	return s.look(ctx, missing)
}

// pause sleeps and keeps the lease meanwhile.
func (s *settler) pause(ctx context.Context, d time.Duration) error {
	for d > 0 {
		s.alive()
		step := min(d, max(s.u.lease/3, time.Millisecond))
		if err := s.u.clock.Sleep(ctx, step); err != nil {
			return err
		}
		d -= step
	}
	return nil
}

// recheck asks once more about items that were sent and are taken for refused or absent, before anything
// is sent in their place: their jobs, and what stands. It notes what is known better by now and returns
// the items as they are. With an error nothing may be sent.
func (s *settler) recheck(ctx context.Context, items []Item) ([]Item, error) {
	gone := slices.DeleteFunc(slices.Clone(items), func(i Item) bool {
		return i.Closed || i.Attempt == 0 || i.State != Refused && i.State != Absent
	})
	if len(gone) == 0 {
		return items, nil
	}
	if err := s.pause(ctx, s.untilShown(gone)); err != nil {
		return items, err
	}
	answers, err := s.askJobs(ctx, gone, false)
	if err != nil && !onlyNotFound(err) {
		return items, err
	}
	again, err := s.settle(ctx, gone, answers)
	return merge(items, again), err
}

// storedPrecision is how much earlier than it was a moment may be that a journal keeps.
const storedPrecision = time.Microsecond

// untilShown is how long it takes until what the latest POSTs of the items caused must show. Those that
// two looks found absent have waited for it.
func (s *settler) untilShown(gone []Item) time.Duration {
	var wait time.Duration
	for i := range gone {
		if twice := gone[i].State == Absent && gone[i].JobState != ""; !twice {
			wait = max(wait, s.u.settleDelay-s.u.dates.Now().Sub(gone[i].ChangedAt)+storedPrecision)
		}
	}
	return min(wait, s.u.settleDelay)
}

// onlyNotFound reports whether all that is wrong is that the server knows jobs no more.
func onlyNotFound(err error) bool {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(joined.Unwrap(), func(e error) bool { return !onlyNotFound(e) })
	}
	return errors.Is(err, imednet.ErrNotFound)
}

// waitForTrace looks again and again, for as long as is left, for items whose POST got no answer that
// names a job.
func (s *settler) waitForTrace(ctx context.Context, items []Item, left time.Duration) ([]Item, error) {
	interval := s.poll.Interval
	if interval <= 0 {
		interval = imednet.DefaultPollInterval
	}
	for {
		untraced := slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return i.State != Unknown || i.BatchID != "" })
		if len(untraced) == 0 || left <= 0 {
			return items, nil
		}
		step := min(interval, left)
		if err := s.pause(ctx, step); err != nil {
			return items, err
		}
		again, err := s.settle(ctx, untraced, nil)
		if items = merge(items, again); err != nil {
			return items, err
		}
		left -= step
		interval += interval / 2
	}
}

// timeLeft is how long items without a trace are waited for: the caller's time, counted from what last
// happened to them.
func (u *RecordUpdate) timeLeft(items []Item, poll imednet.PollOptions) time.Duration {
	timeout := waitTime(poll)
	var latest time.Time
	for i := range items {
		if items[i].BatchID == "" && items[i].ChangedAt.After(latest) {
			latest = items[i].ChangedAt
		}
	}
	return min(timeout, latest.Add(timeout).Sub(u.dates.Now()))
}

// waitTime is how long jobs, and other processes, are waited for.
func waitTime(poll imednet.PollOptions) time.Duration {
	if poll.Timeout == 0 {
		return imednet.DefaultPollTimeout
	}
	return poll.Timeout
}
