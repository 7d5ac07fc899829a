package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// listing is one run over a resource.
type listing[T any] struct {
	client *Client
	kind   wire.Kind[T]
	study  string
	url    *url.URL
	opts   imednet.ListOptions
	sizes  *pageSize
	memory *wire.Memory[T] // of pages whose rows are passed on one by one; nil where pages are kept
}

// list reads rows by key where it can and by offset pages otherwise.
//
// Reading by key is used for every resource with a numeric id, not only for those that grow while
// they are read: it needs one pass where offset pages need two to be believed, and a resource
// that fits one page costs the same single request without any condition on its id.
func list[T any](ctx context.Context, c *Client, k wire.Kind[T], study string, opts imednet.ListOptions) iter.Seq2[T, error] {
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

func newListing[T any](c *Client, k wire.Kind[T], study string, opts imednet.ListOptions) (*listing[T], error) {
	if err := opts.Validate(k.Resource); err != nil {
		return nil, err
	}
	segments := []string{study, string(k.Resource)}
	if k.Resource == imednet.Studies {
		segments = nil
	}
	u, err := c.endpoint(segments...)
	if err != nil {
		return nil, err
	}
	if opts.PageSize == 0 {
		opts.PageSize = c.pageSize
	}
	return &listing[T]{client: c, kind: k, study: study, url: u, opts: opts, sizes: c.pageSizeOf(k.Resource, study)}, nil
}

// read yields all rows to the caller; errStopped means that it wants no more.
func (l *listing[T]) read(ctx context.Context, yield func(T) bool) error {
	span, byKey := wire.SpanOf(l.kind.Resource, l.opts)
	if !byKey {
		return l.readPasses(ctx, &passes[T]{filter: l.opts.Filter, wanted: func(int64) bool { return true }, yield: yield})
	}
	if l.client.offsetPages {
		return l.readPasses(ctx, &passes[T]{filter: span.Others, wanted: span.Has, yield: yield})
	}
	l.memory = new(wire.Memory[T])
	w := &walk[T]{listing: l, Span: span, ctx: ctx, yield: yield}
	err := w.run()
	if err == nil || !w.refused(err) {
		return err
	}
	l.client.logger.WarnContext(ctx, "imednet: the server refuses conditions on the id, reading by offset pages",
		"resource", string(l.kind.Resource), "studyKey", l.study)
	ours := func(id int64) bool { return span.Has(id) && !w.listed.has(id) }
	return l.readPasses(ctx, &passes[T]{filter: span.Others, wanted: ours, yield: yield, most: w.first, last: w.done, started: w.started})
}

// maxReadings is how often a page whose reply cannot be trusted is read before it is an error.
const maxReadings = 3

// page reads one page. ask gives the question anew for every attempt, with as many rows as may be
// asked for by then.
func (l *listing[T]) page(ctx context.Context, ask func() wire.Ask) (wire.Page[T], error) {
	shrink := shrinking{sizes: l.sizes}
	body, _ := l.client.bodies.Get().(*[]byte)
	if body == nil {
		body = new([]byte)
	}
	defer l.client.bodies.Put(body)
	for reading := 1; ; reading++ {
		var asked wire.Ask
		var rep reply
		err := l.client.retry(ctx, func(n int) (err error) {
			asked = ask()
			asked.Study = l.study
			rep, err = l.fetch(ctx, n, asked, *body)
			return err
		}, func(err error) bool { return shrink.adjust(asked.Size, err) && ask().Size < asked.Size })
		if err != nil {
			return wire.Page[T]{}, err
		}
		*body = rep.body
		p, err := wire.ParsePage(l.kind, asked, rep.header, rep.body, l.memory) // which keeps nothing of the body
		if err == nil {
			l.learn(asked.Size, p.Size, len(p.Rows))
			if p.Misfits {
				noteDrift(ctx, l.client, l.kind.Resource, p.Rows)
			}
			return p, nil
		}
		if reading == maxReadings {
			return wire.Page[T]{}, l.untrusted(imednet.ErrProtocol, err, asked.From)
		}
		wait := l.client.policy.wait(reading, err)
		l.client.logger.WarnContext(ctx, "imednet: reply cannot be trusted, reading the page again",
			"resource", string(l.kind.Resource), "studyKey", l.study, "reading", reading, "wait", wait, "problem", err.Error())
		if err := l.client.clock.Sleep(ctx, wait); err != nil {
			return wire.Page[T]{}, fmt.Errorf("imednet: waiting to read a page again: %w", err)
		}
	}
}

// learn notes how large a page came. A server may cut pages without an error and say so: the number of a page
// that is larger means other rows.
func (l *listing[T]) learn(asked, size, rows int) {
	if size < asked && rows == size {
		l.sizes.tooLarge(asked, size)
		return
	}
	l.sizes.arrived(asked)
}

func (l *listing[T]) fetch(ctx context.Context, n int, ask wire.Ask, memory []byte) (reply, error) {
	q, err := wire.ListQuery(l.kind.Resource, l.opts, ask)
	if err != nil {
		return reply{}, err
	}
	u := *l.url
	u.RawQuery = q.Encode()
	return l.client.attempt(ctx, n, request{method: http.MethodGet, url: &u, memory: memory})
}
