package rest

import "time"

// pace is how many pages a listing keeps in flight. It begins with a few. Whenever the listing has to wait,
// there is one more for each page that came since it waited before, up to twice as many and the most allowed,
// as long as that helps: a page that takes more than twice as long as the fastest one waited for the server
// rather than for the distance, or for its turn, and does not count; and half as many again as the caller can
// take in while a page comes are enough.
type pace struct {
	now, most int
	fastest   time.Duration
	came      int           // pages that count
	busy      time.Duration // of the caller, for a page on average
}

// firstPace is how many pages are in flight at first.
const firstPace = 4

func newPace(most int) pace { return pace{now: min(firstPace, most), most: most} }

// took notes how long a page took, and whether the listing had to wait for it.
func (p *pace) took(d time.Duration, waited bool) {
	if p.fastest == 0 || d < p.fastest {
		p.fastest = d
	}
	if d <= 2*p.fastest {
		p.came++
	}
	if waited {
		p.now = max(p.now, min(p.now+p.came, 2*p.now, p.most, p.enough()))
		p.came = 0
	}
}

// enough is how many pages in flight the caller can keep up with.
func (p *pace) enough() int {
	if p.busy == 0 {
		return p.most
	}
	return 1 + int(min(3*p.fastest/(2*p.busy), time.Duration(p.most)))
}

// used notes how long the caller took for a page.
func (p *pace) used(d time.Duration) { p.busy += (d - p.busy) / 8 }
