package rest

import (
	"sync"

	"github.com/imednetgo/imednet"
)

// pageSize is how many rows are asked for in one request of a study's resource. It shrinks when
// pages prove too large, and grows back when they arrive: a gateway that cut pages for a minute
// must not make every later page small.
type pageSize struct {
	mu       sync.Mutex
	limit    int // rows that pages may have; 0 is no limit
	good     int // pages of that size in a row
	patience int // good pages before the size grows
}

// firstPatience and mostPatience bound how many pages must arrive before a larger one is tried;
// the number doubles each time that the larger one fails.
const (
	firstPatience = 4
	mostPatience  = 256
)

// pageSizeOf is shared by all requests for a resource of a study.
func (c *Client) pageSizeOf(resource imednet.Resource, study string) *pageSize {
	size, _ := c.sizes.LoadOrStore(string(resource)+"/"+study, &pageSize{patience: firstPatience})
	return size.(*pageSize)
}

// rows is how many of the wanted rows a page may ask for now.
func (s *pageSize) rows(want int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit == 0 {
		return want
	}
	return min(want, s.limit)
}

// arrived notes a page that was asked for with so many rows.
func (s *pageSize) arrived(rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit == 0 || rows < s.limit {
		return
	}
	if s.good++; s.good < s.patience {
		return
	}
	s.good = 0
	if s.limit *= 2; s.limit >= imednet.MaxPageSize {
		s.limit = 0
	}
}

// tooLarge notes that a page of so many rows did not arrive; fewer will be asked for, at least 1.
func (s *pageSize) tooLarge(rows, fewer int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit != 0 && s.limit <= fewer {
		return // another request was faster
	}
	s.limit, s.good, s.patience = max(fewer, 1), 0, min(s.patience*2, mostPatience)
}

// shrinking decides for one question, over its attempts, whether a failure means that its page is
// too large. A server that says so is believed at once; a gateway's error or a timeout may mean
// that the server fails just now, so the same size is tried once more first.
type shrinking struct {
	sizes    *pageSize
	doubtful int // failures in a row of which either may be true
}

// adjust reports whether the next attempt asks for fewer rows than the one that failed asked for.
func (s *shrinking) adjust(asked int, err error) bool {
	if asked <= 1 || !mayBeTooLarge(err) {
		s.doubtful = 0
		return false
	}
	if isTooLarge(err) {
		s.sizes.tooLarge(asked, asked/2)
		return true
	}
	if s.doubtful++; s.doubtful < 2 {
		return false
	}
	s.doubtful = 0
	s.sizes.tooLarge(asked, asked/4)
	return true
}
