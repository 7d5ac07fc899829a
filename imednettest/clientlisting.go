package imednettest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// listing is one run of the in-memory client over a resource.
type listing[T any] struct {
	client *Client
	kind   wire.Kind[T]
	study  string
	opts   imednet.ListOptions
}

func newListing[T any](c *Client, kind wire.Kind[T], study string, opts imednet.ListOptions) (*listing[T], error) {
	if err := opts.Validate(kind.Resource); err != nil {
		return nil, err
	}
	if kind.Resource != imednet.Studies {
		if err := wire.CheckSegment(study); err != nil {
			return nil, err
		}
	}
	if opts.PageSize == 0 {
		opts.PageSize = imednet.MaxPageSize
	}
	return &listing[T]{client: c, kind: kind, study: study, opts: opts}, nil
}

// listRows reads a resource in pages: by key where rows come in ascending numeric id, so that edits
// cannot make it skip rows, and by offset pages otherwise.
func listRows[T any](ctx context.Context, c *Client, kind wire.Kind[T], study string, opts imednet.ListOptions) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		l, err := newListing(c, kind, study, opts)
		if err == nil {
			rows := func(row T) bool { return yield(row, nil) }
			if span, byKey := wire.SpanOf(kind.Resource, opts); byKey {
				err = l.walk(ctx, span, rows)
			} else {
				err = l.passes(ctx, rows)
			}
		}
		if err != nil && !errors.Is(err, errStopped) {
			var none T
			yield(none, err)
		}
	}
}

// errStopped means that the caller broke out of the listing.
var errStopped = errors.New("stopped")

// walk reads page after page above the last id.
func (l *listing[T]) walk(ctx context.Context, span wire.Span, yield func(T) bool) error {
	done, announced := span.Low-1, int64(0)
	filter := l.opts.Filter
	for {
		p, err := l.page(ctx, wire.Ask{Size: l.opts.PageSize, Filter: filter, From: done + 1, Rising: true})
		if err != nil {
			return err
		}
		if len(p.Rows) == 0 && announced > 0 {
			return l.failed(fmt.Errorf("the listing ends where %d more rows were announced", announced))
		}
		for i, row := range p.Rows {
			id := p.IDs[i].Number
			if id > span.High {
				return nil
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if id != span.Except && !yield(row) {
				return errStopped
			}
			done = id
		}
		if p.Last() || done >= span.High {
			return nil
		}
		announced = p.Total - int64(len(p.Rows))
		filter = span.Others.And(l.kind.Resource.ID(), imednet.Greater, done)
	}
}

// passes reads offset pages. Pages are independent queries, so that a listing of several pages is
// read twice before a row of it is yielded, and two passes that differ are an error.
func (l *listing[T]) passes(ctx context.Context, yield func(T) bool) error {
	rows, ids, pages, err := l.pass(ctx)
	if err != nil {
		return err
	}
	if pages > 1 {
		_, again, _, err := l.pass(ctx)
		if err != nil {
			return err
		}
		if !slices.Equal(ids, again) {
			return fmt.Errorf("imednettest: list %s: %w", l.kind.Resource, imednet.ErrUnstableListing)
		}
	}
	for _, row := range rows {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !yield(row) {
			return errStopped
		}
	}
	return nil
}

// pass reads all offset pages once.
func (l *listing[T]) pass(ctx context.Context) (rows []T, ids []wire.RowID, pages int, err error) {
	announced := int64(0)
	for number := 0; ; number++ {
		p, err := l.page(ctx, wire.Ask{
			Number: number, Size: l.opts.PageSize, Filter: l.opts.Filter, Rising: wire.Rising(l.kind.Resource, l.opts.Sort),
		})
		if err != nil {
			return nil, nil, 0, err
		}
		rows, ids = append(rows, p.Rows...), append(ids, p.IDs...)
		if p.Last() {
			if int64(len(rows)) < announced {
				return nil, nil, 0, l.failed(fmt.Errorf("the listing ends after %d of %d rows", len(rows), announced))
			}
			return rows, ids, number + 1, nil
		}
		announced = p.Total
	}
}

// page asks for one page and reads it as strictly as any client.
func (l *listing[T]) page(ctx context.Context, ask wire.Ask) (wire.Page[T], error) {
	ask.Study = l.study
	query, err := wire.ListQuery(l.kind.Resource, l.opts, ask)
	if err != nil {
		return wire.Page[T]{}, err
	}
	reply, err := l.client.send(ctx, sent{method: http.MethodGet, path: listingPath(l.study, l.kind.Resource), query: query.Encode()})
	if err != nil {
		return wire.Page[T]{}, err
	}
	p, err := wire.ParsePage(l.kind, ask, reply.header, reply.body, nil)
	if err == nil && p.Size != ask.Size {
		err = fmt.Errorf("pagination.size is %d, %d was asked for", p.Size, ask.Size)
	}
	if err != nil {
		return wire.Page[T]{}, l.failed(err)
	}
	return p, nil
}

func (l *listing[T]) failed(cause error) error {
	return &imednet.Error{
		Package: "imednettest", Op: "list " + string(l.kind.Resource), StudyKey: l.study, Err: fmt.Errorf("%w: %w", imednet.ErrProtocol, cause),
	}
}
