package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// errStopped ends an examination: the server asked to be left alone, or the limit is reached. The
// points that were not asked by then stay open.
var errStopped = errors.New("stopped")

// session is one examination: it asks one question at a time and counts them.
type session struct {
	ctx    context.Context
	client imednet.RawAsker
	clock  imednet.Clock
	study  string
	pause  time.Duration
	limit  int

	size  int       // rows of a page that arrives whole
	whole bool      // one arrived
	tried []attempt // to find the size

	requests int
	failures int    // in a row
	stopped  string // why, "" while it runs
	err      error  // of the caller's context, or of the question that could not be asked
	limited  *reply // the 429, if one came
	denied   []reply
	sample   sample

	mayWrite  bool
	submitted *submitted // nil until it was
}

// reply is an answer of the server, taken apart.
type reply struct {
	status     int
	body       body
	document   row // of a reply that is one JSON object
	retryAfter string
	total      int64
	size       int
	rows       []row
	time       string
	failed     error // no reply came
}

// row is a row of a listing; its values never leave the package.
type row map[string]json.RawMessage

// body is the kind of document that a reply brought.
type body string

const (
	bodyList     body = "a listing"
	bodyEnvelope body = "the API's error"
	bodyGateway  body = "a JSON object"
	bodyHTML     body = "an HTML page"
	bodyEmpty    body = "no body"
	bodyOther    body = "something else"
)

// param is short for a parameter of a question.
func param(name, value string) imednet.RawParameter {
	return imednet.RawParameter{Name: name, Value: value}
}

// list asks for the rows of a resource of the study.
func (s *session) list(resource imednet.Resource, params ...imednet.RawParameter) (reply, error) {
	return s.ask(imednet.RawQuestion{Path: []string{s.study, string(resource)}, Query: params})
}

// filtered asks for the rows of a resource that match, in the order of their ids.
func (s *session) filtered(resource imednet.Resource, id, filter string) (reply, error) {
	return s.list(resource, param("size", strconv.Itoa(s.size)), param("sort", id+",ASC"), param("filter", filter))
}

// ask sends one question. errStopped means that it was not sent, or that its reply ends the examination.
func (s *session) ask(q imednet.RawQuestion) (reply, error) {
	if s.stopped != "" {
		return reply{}, errStopped
	}
	if s.requests == s.limit {
		return reply{}, s.stop(fmt.Sprintf("the limit of %d requests was reached", s.limit), nil)
	}
	if s.requests > 0 {
		if err := s.clock.Sleep(s.ctx, s.pause); err != nil {
			return reply{}, s.stop("the examination was interrupted", err)
		}
	}
	s.requests++
	raw, err := s.client.AskRaw(s.ctx, q)
	if err != nil {
		return s.unanswered(err)
	}
	s.failures = 0
	r := parseReply(raw)
	return r, s.heed(r, q.WithoutKeys)
}

// maxFailures is how many questions in a row may bring no reply.
const maxFailures = 3

// unanswered is a question without a reply. Three in a row are a server that cannot be reached.
func (s *session) unanswered(err error) (reply, error) {
	if s.ctx.Err() != nil {
		return reply{}, s.stop("the examination was interrupted", err)
	}
	if s.failures++; s.failures >= maxFailures || s.requests == 1 {
		return reply{}, s.stop("the server cannot be reached", err)
	}
	return reply{failed: err}, nil
}

// heed notes refusals and ends the examination where the server asks for it.
func (s *session) heed(r reply, withoutKeys bool) error {
	if r.status == http.StatusUnauthorized || r.status == http.StatusForbidden || r.status == http.StatusTooManyRequests {
		s.denied = append(s.denied, r)
	}
	switch {
	case r.status == http.StatusTooManyRequests:
		s.limited = &r
		return s.stop("the server answered 429, too many requests", imednet.ErrRateLimited)
	case r.status == http.StatusUnauthorized && !withoutKeys:
		return s.stop("the server answered 401: the keys are not accepted", imednet.ErrUnauthorized)
	}
	return nil
}

func (s *session) stop(why string, err error) error {
	s.stopped, s.err = why, err
	return errStopped
}

// parseReply takes a reply apart, leniently: what it looks like is what is asked.
func parseReply(raw imednet.RawReply) reply {
	r := reply{status: raw.Status, retryAfter: raw.RetryAfter, body: kindOf(raw)}
	if json.Unmarshal(raw.Body, &r.document) != nil {
		r.document = nil
	}
	var page struct {
		Metadata struct {
			Timestamp string `json:"timestamp"`
		} `json:"metadata"`
		Pagination struct {
			Size          int   `json:"size"`
			TotalElements int64 `json:"totalElements"`
		} `json:"pagination"`
		Data []row `json:"data"`
	}
	if json.Unmarshal(raw.Body, &page) != nil {
		if r.body == bodyList {
			r.body = bodyOther
		}
		return r
	}
	r.total, r.size, r.rows, r.time = page.Pagination.TotalElements, page.Pagination.Size, page.Data, page.Metadata.Timestamp
	return r
}

func kindOf(raw imednet.RawReply) body {
	text := bytes.TrimSpace(raw.Body)
	var members map[string]json.RawMessage
	switch {
	case len(text) == 0:
		return bodyEmpty
	case text[0] == '<':
		return bodyHTML
	case json.Unmarshal(text, &members) != nil:
		return bodyOther
	case raw.Status >= 400 && wire.ParseErrorBody(raw.Status, text).Envelope:
		return bodyEnvelope
	case raw.Status < 300 && members["data"] != nil && members["pagination"] != nil:
		return bodyList
	}
	return bodyGateway
}

// listed reports whether the reply is a listing.
func (r reply) listed() bool { return r.status == http.StatusOK && r.body == bodyList }

// refused reports whether the question itself was refused.
func (r reply) refused() bool { return r.status == http.StatusBadRequest }

// String says what came, without values.
func (r reply) String() string {
	switch {
	case r.failed != nil:
		return "no reply"
	case r.listed():
		return fmt.Sprintf("status 200, %d of %d rows", len(r.rows), r.total)
	}
	return fmt.Sprintf("status %d, %s", r.status, r.body)
}

// text returns a member as text: of a string its value, of anything else but null its JSON.
func (r row) text(name string) string {
	var s string
	if json.Unmarshal(r[name], &s) == nil {
		return s
	}
	if raw := string(r[name]); raw != "null" {
		return raw
	}
	return ""
}

// id returns a member that is a whole number, 0 where it is none.
func (r row) id(name string) int64 {
	number, ok := imednet.ParseNumber(r.text(name))
	if id, accuracy := number.Int64(); ok && accuracy == imednet.Exact {
		return id
	}
	return 0
}

// is reports whether a flag is set.
func (r row) is(name string) bool { return r.text(name) == "true" }

// at returns a time of the API.
func (r row) at(name string) (time.Time, bool) {
	t, err := imednet.ParseTime(r.text(name))
	return t.Time, err == nil && !t.IsZero()
}
