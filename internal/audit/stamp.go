package audit

import (
	"fmt"
	"time"

	"github.com/imednetgo/imednet/internal/sentinel"
)

// ErrClockBack means that the clock is further behind the newest entry than is tolerated.
var ErrClockBack = sentinel.Permanent("the clock is behind the newest entry")

// DefaultClockTolerance is how far a clock may be behind the newest entry unless told otherwise:
// what computers that are kept on time differ by.
const DefaultClockTolerance = 10 * time.Second

// Stamp is the time of a new entry. Times in a log never fall: a clock that is behind the newest
// entry gives the entry that entry's time, and its own reading is recorded beside it.
type Stamp struct {
	Time  time.Time
	Clock time.Time // the clock's reading where it is behind; otherwise zero
}

// Stamp returns the time of an entry that follows one of the given time; see StampAfter.
func (s *Store) Stamp(newest time.Time) (Stamp, error) {
	return StampAfter(s.Now(), newest, s.timing.Tolerance)
}

// StampAfter returns the time of an entry that is made now and follows one of the given time, which is
// zero for the first. A clock behind by more than the tolerance is ErrClockBack.
func StampAfter(now, newest time.Time, tolerance time.Duration) (Stamp, error) {
	behind := newest.Sub(now)
	switch {
	case newest.IsZero() || behind <= 0:
		return Stamp{Time: now}, nil
	case behind > tolerance:
		return Stamp{}, fmt.Errorf("%w by %v", ErrClockBack, behind)
	}
	return Stamp{Time: newest, Clock: now}, nil
}

// Falls reports whether a stored time is before the one of the entry before it. Times that cannot be
// read do.
func Falls(before, after string) bool {
	b, ok := ParseTime(before)
	a, ok2 := ParseTime(after)
	return before != "" && (!ok || !ok2 || a.Before(b))
}
