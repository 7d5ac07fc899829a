package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/imednetgo/imednet"
)

// kind is what a listing must know about a resource.
type kind[T any] struct {
	resource imednet.Resource
	decode   func([]byte) (T, error)
	id       func(*T) rowID
}

// rowID is a row's own id: a number, or the text of a study key or user id.
type rowID struct {
	number int64
	text   string
}

// pageQuery is the question for one page.
type pageQuery struct {
	number int
	size   int
	filter imednet.Filter
	from   int64 // lower bound of the ids that may come; 0 when there is none
	rising bool  // ids must rise strictly
}

// listing is one run over a resource.
type listing[T any] struct {
	client *Client
	kind   kind[T]
	study  string
	url    *url.URL
	opts   imednet.ListOptions
}

// list reads rows by key where it can and by offset pages otherwise.
//
// Reading by key is used for every resource with a numeric id, not only for those that grow while
// they are read: it needs one pass where offset pages need two to be believed, and a resource
// that fits one page costs the same single request without any condition on its id.
func list[T any](ctx context.Context, c *Client, k kind[T], study string, opts imednet.ListOptions) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		l, err := newListing(c, k, study, opts)
		if err == nil {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			err = l.read(ctx, func(row T) bool { return yield(row, nil) })
		}
		if err != nil && err != errStopped {
			var zero T
			yield(zero, err)
		}
	}
}

// errStopped means that the caller broke out of the listing.
var errStopped = errors.New("stopped")

func newListing[T any](c *Client, k kind[T], study string, opts imednet.ListOptions) (*listing[T], error) {
	if err := opts.Validate(k.resource); err != nil {
		return nil, err
	}
	segments := []string{study, string(k.resource)}
	if k.resource == imednet.Studies {
		segments = nil
	}
	u, err := c.endpoint(segments...)
	if err != nil {
		return nil, err
	}
	if opts.PageSize == 0 {
		opts.PageSize = c.pageSize
	}
	return &listing[T]{client: c, kind: k, study: study, url: u, opts: opts}, nil
}

// read yields all rows to the caller; errStopped means that it wants no more.
func (l *listing[T]) read(ctx context.Context, yield func(T) bool) error {
	span, byKey := l.span()
	if !byKey {
		return l.readPasses(ctx, l.opts.Filter, func(T) bool { return true }, yield)
	}
	w := &walk[T]{listing: l, span: span, ctx: ctx, yield: yield}
	err := w.run()
	if err == nil || !w.refused(err) {
		return err
	}
	l.client.logger.WarnContext(ctx, "imednet: the server refuses conditions on the id, reading by offset pages",
		"resource", string(l.kind.resource), "studyKey", l.study)
	ours := func(row T) bool { id := l.kind.id(&row).number; return id > w.done && span.has(id) }
	return l.readPasses(ctx, span.others, ours, yield)
}

// sort is the order that is sent: the caller's keys, and always the row's own id last.
func (l *listing[T]) sort() query {
	id := l.kind.resource.ID()
	var keys query
	for _, s := range l.opts.Sort {
		direction := ",ASC"
		if s.Descending {
			direction = ",DESC"
		}
		keys = append(keys, parameter{"sort", s.Property + direction})
		if s.Property == id {
			return keys
		}
	}
	return append(keys, parameter{"sort", id + ",ASC"})
}

func (l *listing[T]) query(ask pageQuery) (query, error) {
	q := query{{"page", strconv.Itoa(ask.number)}, {"size", strconv.Itoa(ask.size)}}
	q = append(q, l.sort()...)
	if !ask.filter.IsZero() {
		text, err := ask.filter.Encode(l.kind.resource)
		if err != nil {
			return nil, err
		}
		q = append(q, parameter{"filter", text})
	}
	if !l.opts.RecordDataFilter.IsZero() {
		text, err := l.opts.RecordDataFilter.EncodeRecordData()
		if err != nil {
			return nil, err
		}
		q = append(q, parameter{"recordDataFilter", text})
	}
	if l.opts.IncludeInactive {
		q = append(q, parameter{"includeInactive", "true"})
	}
	return q, nil
}

// maxReadings is how often a page whose reply cannot be trusted is read before it is an error.
const maxReadings = 3

// page reads one page. ask gives the question anew for every attempt, so that adjust can make it
// smaller after a failure; adjust may be nil.
func (l *listing[T]) page(ctx context.Context, ask func() pageQuery, adjust func(error) bool) (page[T], error) {
	for reading := 1; ; reading++ {
		var asked pageQuery
		var rep reply
		err := l.client.retry(ctx, func(n int) (err error) {
			asked = ask()
			rep, err = l.fetch(ctx, n, asked)
			return err
		}, adjust)
		if err != nil {
			return page[T]{}, err
		}
		p, err := parsePage(l.kind, asked, rep.header, rep.body)
		if err == nil {
			noteDrift(ctx, l.client, l.kind.resource, p.rows)
			return p, nil
		}
		if reading == maxReadings {
			return page[T]{}, l.protocolError(imednet.ErrProtocol, err, asked.from)
		}
		wait := l.client.policy.wait(reading, err)
		l.client.logger.WarnContext(ctx, "imednet: reply cannot be trusted, reading the page again",
			"resource", string(l.kind.resource), "studyKey", l.study, "reading", reading, "wait", wait, "problem", err.Error())
		if err := l.client.clock.Sleep(ctx, wait); err != nil {
			return page[T]{}, fmt.Errorf("imednet: waiting to read a page again: %w", err)
		}
	}
}

func (l *listing[T]) fetch(ctx context.Context, n int, ask pageQuery) (reply, error) {
	q, err := l.query(ask)
	if err != nil {
		return reply{}, err
	}
	u := *l.url
	u.RawQuery = q.encode()
	return l.client.attempt(ctx, n, request{method: http.MethodGet, url: &u})
}

func (l *listing[T]) protocolError(kind, cause error, from int64) error {
	return &ListingError{Resource: l.kind.resource, StudyKey: l.study, From: from, Kind: kind, Cause: cause}
}

// ListingError is a listing that could not be completed because its replies could not be trusted.
// errors.Is finds imednet.ErrProtocol or imednet.ErrUnstableListing. Rows that were yielded before
// it are as the server showed them.
type ListingError struct {
	Resource imednet.Resource
	StudyKey string
	From     int64 // the listing had come up to the rows from this id on; 0 is its start
	Kind     error // imednet.ErrProtocol or imednet.ErrUnstableListing
	Cause    error // what was wrong; no data
}

// Error names the resource, how far its listing had come, and what was wrong.
func (e *ListingError) Error() string {
	text := fmt.Sprintf("imednet: list %s", e.Resource)
	if e.StudyKey != "" {
		text += " of study " + e.StudyKey
	}
	if e.From > 0 {
		text += fmt.Sprintf(" from id %d", e.From)
	}
	return fmt.Sprintf("%s: %v: %v", text, e.Kind, e.Cause)
}

// Unwrap returns the kind and the cause.
func (e *ListingError) Unwrap() []error { return []error{e.Kind, e.Cause} }
