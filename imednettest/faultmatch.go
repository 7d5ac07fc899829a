package imednettest

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// scripted is an injected fault and what it has met.
type scripted struct {
	Fault
	number          uint64            // among the injected faults
	former          map[string]*Study // by key: the studies when it was injected, if it is stale
	seen, hit       int
	drawn           uint64
	second, inSpell int64 // requests in the present second
}

// matches reports whether the fault concerns such a request at all.
func (f *Fault) matches(r Request) bool {
	if f.Method != "" && f.Method != r.Method || !f.matchesPath(r.Path) {
		return false
	}
	for name, want := range f.Query {
		if have := r.Query.Get(name); have != want && (want != "*" || !r.Query.Has(name)) {
			return false
		}
	}
	return f.Match == nil || f.Match(r)
}

// matchesPath compares the end of a path. A path that ends in jobs is that of every poll.
func (f *Fault) matchesPath(to string) bool {
	if last := strings.LastIndexByte(f.Path, '/') + 1; f.Path[last:] == string(imednet.Jobs) {
		to = path.Dir(to)
	}
	return strings.HasSuffix(to, f.Path)
}

// ofJob reports whether the fault hits polls, or readings of results, alone.
func (f *Fault) ofJob() bool {
	segments := strings.Split(f.Path, "/")
	last := segments[len(segments)-1]
	return slices.Contains(segments, string(imednet.Jobs)) || last == "results" || isEndOfBatchID(last)
}

// hits notes that a fault matched and reports whether it hits.
func (s *Server) hits(f *scripted, inFlight int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.PerSecond > 0 && !f.overRate(s.clock.Now().Unix()) || f.Concurrent > 0 && inFlight <= f.Concurrent {
		return false
	}
	f.seen++
	times := f.Times
	if times == 0 {
		times = 1
	}
	if f.seen <= f.Skip || times > 0 && f.hit >= times || f.Probability > 0 && !f.draw(s.seed) {
		return false
	}
	f.hit++
	return true
}

// overRate counts a request and reports whether the second had enough of them before.
func (f *scripted) overRate(second int64) bool {
	if f.second != second {
		f.second, f.inSpell = second, 0
	}
	f.inSpell++
	return f.inSpell > int64(f.PerSecond)
}

// draw is true with the fault's probability.
func (f *scripted) draw(seed uint64) bool {
	f.drawn++
	p := layout{seed: seed}
	return float64(p.hash(1000+f.number, f.drawn)>>11)/float64(1<<53) < f.Probability
}

// wait sleeps the fault's delay; an error means that the request ended first.
func (f *Fault) wait(ctx context.Context, clock imednet.Clock) error {
	if f.Hang {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	if f.Delay > 0 {
		return clock.Sleep(ctx, f.Delay)
	}
	return nil
}
