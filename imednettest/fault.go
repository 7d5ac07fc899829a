package imednettest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// Fault is something that goes wrong with some requests: which ones, and what. Faults are
// tried in the order in which they were injected; a request meets at most one.
type Fault struct {
	// Method is GET or POST; empty matches both.
	Method string
	// Path is the end of the path, such as "records" or "/jobs/x"; empty matches every path.
	Path string
	// Match is a further condition; nil holds for all.
	Match func(Request) bool
	// Skip lets the first matching requests through.
	Skip int
	// Times is how many requests are hit; 0 means 1, negative all.
	Times int

	// Status answers with this HTTP status and an error envelope, or Body when that is set.
	Status int
	// RetryAfter is sent as the header of this name together with Status.
	RetryAfter string
	// Body replaces the body of the answer, whatever it is: gateway text, HTML, nothing.
	Body *string
	// Delay is slept on the server's clock (Server.SetClock) before the answer, at most until the request ends.
	Delay time.Duration
	// Hang never answers; it ends with the request.
	Hang bool
	// Reset breaks the connection instead of answering.
	Reset bool
	// Truncate cuts the body in the middle while Content-Length promises all of it.
	Truncate bool
	// Malformed damages the JSON of the body.
	Malformed bool
	// OmitData leaves data out of an answer with status 200.
	OmitData bool
	// AddTotal is added to totalElements without any rows.
	AddTotal int
	// RepeatRow lists the first row of the page twice.
	RepeatRow bool
	// Empty answers 200 with no rows and a total of 0.
	Empty bool
	// AfterApply lets the request take effect first: a POST that is stored and then times out.
	// Without it, Status, Reset and Hang refuse the request before anything is stored.
	AfterApply bool
}

// scripted is an injected fault and how often it has matched.
type scripted struct {
	Fault
	seen, hits int
}

var errReset = errors.New("connection reset")

// Inject adds faults. They stay until they have hit as often as they say, or ClearFaults.
func (s *Server) Inject(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.faults = append(s.faults, &scripted{Fault: f})
	}
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// nextFault returns the fault that hits a request.
func (s *Server) nextFault(r Request) *Fault {
	s.mu.Lock()
	faults := slices.Clone(s.faults)
	s.mu.Unlock()
	for _, f := range faults {
		if f.matches(r) && s.count(f) {
			return &f.Fault
		}
	}
	return nil
}

// count notes that a fault matched and reports whether it hits.
func (s *Server) count(f *scripted) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.seen++
	times := f.Times
	if times == 0 {
		times = 1
	}
	if f.seen <= f.Skip || times > 0 && f.hits >= times {
		return false
	}
	f.hits++
	return true
}

func (f *Fault) matches(r Request) bool {
	return (f.Method == "" || f.Method == r.Method) && strings.HasSuffix(r.Path, f.Path) && (f.Match == nil || f.Match(r))
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

// apply turns a good answer into what the fault makes of it, as far as that can be said before
// the answer is bytes.
func (f *Fault) apply(r reply, now time.Time) reply {
	switch {
	case f.Status != 0:
		r = reply{status: f.Status, time: now}
		if f.Status >= 300 {
			r.failure = &failure{code: codeOf(f.Status), description: http.StatusText(f.Status)}
		}
	case f.Empty:
		r.page = result{}
	case f.RepeatRow && len(r.page.ends) > 0:
		first := r.page.buf[:r.page.ends[0]:r.page.ends[0]]
		ends := []int{len(first)}
		for _, end := range r.page.ends {
			ends = append(ends, end+len(first))
		}
		r.page.buf, r.page.ends = append(first, r.page.buf...), ends
	}
	r.page.total += f.AddTotal
	return r
}

// codeOf is the error code that likely goes with a status (contract section 8).
func codeOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "1000"
	case http.StatusUnauthorized, http.StatusForbidden:
		return "9001"
	}
	return "9000"
}

// spoil damages the bytes of an answer. promised is the Content-Length to announce.
func (f *Fault) spoil(body []byte) (sent []byte, promised int) {
	if f == nil {
		return body, len(body)
	}
	if f.Body != nil {
		body = []byte(*f.Body)
	}
	if f.Malformed && len(body) > 0 {
		body = append(body[:len(body)-1:len(body)-1], "]]"...)
	}
	if f.Truncate {
		return body[:len(body)/2], len(body)
	}
	return body, len(body)
}
