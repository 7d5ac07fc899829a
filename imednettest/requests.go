package imednettest

import (
	"maps"
	"net/url"
	"slices"
)

// Request is one request that a Server received, over HTTP or from its in-memory Client.
type Request struct {
	Method           string
	Path             string     // without query
	Query            url.Values // decoded; nil when the query string was malformed
	Filter           string     // the filter parameter, decoded
	RecordDataFilter string     // the recordDataFilter parameter, decoded
	EmailNotify      string     // the x-email-notify header
	BodySize         int        // bytes
	Status           int        // of the answer; 0 when the connection was broken instead
}

func newRequest(c *call) Request {
	return Request{
		Method: c.method, Path: c.path, Query: maps.Clone(c.query), Filter: c.query.Get("filter"),
		RecordDataFilter: c.query.Get("recordDataFilter"), EmailNotify: c.header.Get("x-email-notify"), BodySize: len(c.body),
	}
}

// Requests returns every request since the start or the last [Server.ResetRequests], in order of
// arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, len(s.requests))
	for i, r := range s.requests {
		requests[i] = *r
	}
	return slices.Clip(requests)
}

// CountRequests returns the number of requests for which test returns true; nil counts all.
func (s *Server) CountRequests(test func(Request) bool) int {
	n := 0
	for _, r := range s.Requests() {
		if test == nil || test(r) {
			n++
		}
	}
	return n
}

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

// OnRequest calls hook with every request before it is answered, so that a test can edit the
// study while a client is paging; nil ends it. The hook runs on the request's goroutine.
func (s *Server) OnRequest(hook func(Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

func (s *Server) setStatus(r *Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Status = status
}
