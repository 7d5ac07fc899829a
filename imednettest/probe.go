package imednettest

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// ProbeRows counts the rows of a resource that match and reports the server's time, in one request.
func (c *Client) ProbeRows(ctx context.Context, studyKey string, resource imednet.Resource, f imednet.Filter) (imednet.Probe, error) {
	switch resource {
	case imednet.Sites:
		return probe(ctx, c, wire.Sites, studyKey, f)
	case imednet.Forms:
		return probe(ctx, c, wire.Forms, studyKey, f)
	case imednet.Intervals:
		return probe(ctx, c, wire.Intervals, studyKey, f)
	case imednet.Variables:
		return probe(ctx, c, wire.Variables, studyKey, f)
	case imednet.Subjects:
		return probe(ctx, c, wire.Subjects, studyKey, f)
	case imednet.Visits:
		return probe(ctx, c, wire.Visits, studyKey, f)
	case imednet.Records:
		return probe(ctx, c, wire.Records, studyKey, f)
	case imednet.RecordRevisions:
		return probe(ctx, c, wire.RecordRevisions, studyKey, f)
	case imednet.Queries:
		return probe(ctx, c, wire.Queries, studyKey, f)
	case imednet.Codings:
		return probe(ctx, c, wire.Codings, studyKey, f)
	case imednet.Users:
		return probe(ctx, c, wire.Users, studyKey, f)
	}
	return imednet.Probe{}, fmt.Errorf("%w: %s cannot be counted", imednet.ErrUnsupportedFilter, resource)
}

func probe[T any](ctx context.Context, c *Client, k wire.Kind[T], studyKey string, f imednet.Filter) (imednet.Probe, error) {
	l, err := newListing(c, k, studyKey, imednet.ListOptions{Filter: f, PageSize: 1})
	if err != nil {
		return imednet.Probe{}, err
	}
	p, err := l.page(ctx, wire.Ask{Size: 1, Filter: f})
	if err == nil && p.ServerTime.IsZero() {
		err = l.failed(wire.ErrNoServerTime)
	}
	if err != nil {
		return imednet.Probe{}, err
	}
	return imednet.Probe{Total: p.Total, ServerTime: p.ServerTime}, nil
}
