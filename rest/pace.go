package rest

import "time"

// pace is how many pages a listing keeps in flight. It begins with a few. Whenever the listing has to wait,
// there is one more for each page that came since it waited before, up to twice as many and the most allowed,
// as long as that helps: a page that takes more than twice as long as the fastest one waited for the server
// rather than for the distance, or for its turn, and does not count.
type pace struct {
	now, most int
	fastest   time.Duration
	came      int // pages that count
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
		p.now = min(p.now+p.came, 2*p.now, p.most)
		p.came = 0
	}
}
