package submissions

import (
	"context"
	"errors"
	"slices"
	"time"
)

// betweenLooks is how long a process that waits for another one leaves the journal alone.
const betweenLooks = time.Second

// prepareInTurn stores a submission. With Wait it waits, for as long as the caller says, while other processes are
// sending the same records, so that the conflict says what came of them.
func (u *RecordUpdate) prepareInTurn(ctx context.Context, journal Journal, p Preparation, opts Options) (Entry, error) {
	timeout := waitTime(opts.Poll)
	start := u.clock.Now()
	for {
		entry, err := u.prepare(ctx, journal, p, opts)
		var conflict *ConflictError
		if !opts.Wait || !errors.As(err, &conflict) || u.clock.Now().Sub(start) >= timeout {
			return entry, err
		}
		sending, listErr := u.beingSent(ctx, journal, p.StudyKey, conflict)
		if listErr != nil || !sending {
			return entry, errors.Join(err, listErr)
		}
		if slept := u.clock.Sleep(ctx, betweenLooks); slept != nil {
			return entry, errors.Join(err, slept)
		}
	}
}

// beingSent reports whether another process is at work on one of the older items that stand in the way.
func (u *RecordUpdate) beingSent(ctx context.Context, journal Journal, study string, conflict *ConflictError) (bool, error) {
	entries, err := journal.Entries(ctx, Query{StudyKey: study, Open: true})
	now := u.dates.Now()
	return slices.ContainsFunc(conflict.Conflicts, func(c Conflict) bool {
		return !c.Held.Closed && slices.ContainsFunc(entries, func(e Entry) bool { return e.ID == c.Held.SubmissionID && e.Leased(now) })
	}), err
}
