package rest

import (
	"context"
	"net/http"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// AskRaw sends one request, once, and returns the reply whatever its status. The error is that of a
// request that brought no reply: an [*imednet.TransportError], an [*imednet.ValidationError] where the path
// cannot be one, or [imednet.ErrProtocol] for a reply over the limit of [WithMaxBodyBytes]. The rate limit
// of the client holds for it. A reply of 429 holds back no other request.
func (c *Client) AskRaw(ctx context.Context, q imednet.RawQuestion) (imednet.RawReply, error) {
	u, err := c.endpoint(q.Path...)
	if err != nil {
		return imednet.RawReply{}, err
	}
	query := make(wire.Query, 0, len(q.Query))
	for _, p := range q.Query {
		query = append(query, wire.Parameter(p))
	}
	u.RawQuery = query.Encode()
	r := request{method: http.MethodGet, url: u, anyStatus: true, withoutKeys: q.WithoutKeys}
	if q.Body != nil {
		r.method, r.body = http.MethodPost, q.Body
	}
	rep, err := c.attempt(ctx, 1, r)
	if err != nil {
		return imednet.RawReply{}, err
	}
	return imednet.RawReply{
		Status: rep.status, ContentType: rep.header.Get("Content-Type"), RetryAfter: rep.header.Get("Retry-After"), Body: rep.body,
	}, nil
}
