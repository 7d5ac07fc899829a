package rest

import "net/http"

// crowd is how many attempts are under way, and how many may be. There is no bound until the server refuses
// an attempt because there were too many (429); then half as many as there were may be under way, and
// one more after each so many answers, ever more of them the more often the server refuses.
type crowd struct {
	under    int
	most     int // 0 is no bound
	cuts     int // refusals that lowered the bound
	good     int // answers since the bound changed
	patience int // answers before it rises
}

// crowdPatience and mostPatience bound how many answers must come before one more attempt may be under way.
const crowdPatience = 32

// enter counts an attempt in, unless there are enough, and returns its ticket.
func (c *crowd) enter() (ticket int, entered bool) {
	if c.most > 0 && c.under >= c.most {
		return 0, false
	}
	c.under++
	return c.cuts, true
}

// leave counts an attempt out that ended with a status. Of those that were under way together, one refusal
// counts.
func (c *crowd) leave(ticket, status int) {
	if status == http.StatusTooManyRequests && ticket == c.cuts {
		c.most = max(c.under/2, 1)
		c.good, c.patience = 0, min(max(2*c.patience, crowdPatience), mostPatience)
		c.cuts++
	}
	c.under--
	if c.most == 0 || status < 200 || status > 299 {
		return
	}
	if c.good++; c.good >= c.patience {
		c.most++
		c.good = 0
	}
}
