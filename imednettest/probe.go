package imednettest

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// ProbeRows counts the rows of a resource that match and reports the server's time, in one request.
func (c *Client) ProbeRows(ctx context.Context, studyKey string, resource imednet.Resource, f imednet.Filter) (imednet.Probe, error) {
	k, ok := wire.OfStudy(resource)
	if !ok {
		return imednet.Probe{}, fmt.Errorf("%w: %s cannot be counted", imednet.ErrUnsupportedFilter, resource)
	}
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
