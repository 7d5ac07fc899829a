package submissions

import "github.com/imednetgo/imednet"

// ClockOf returns the clock by which a journal dates items and ends leases. Those of this library tell theirs by
// a method Clock, as any other may; one in a database has the server's. For a journal that does not tell it is
// the system's. Compare times of a journal with no other clock: the machine's own may differ by hours.
func ClockOf(j Journal) imednet.Clock { return clockOf(j, imednet.SystemClock()) }

func clockOf(j Journal, otherwise imednet.Clock) imednet.Clock {
	if timed, ok := j.(interface{ Clock() imednet.Clock }); ok {
		return timed.Clock()
	}
	return otherwise
}
