package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/internal/wire"
)

// userAgent names this library to the server's operators.
const userAgent = "imednet-go (+https://github.com/imednetgo/imednet)"

// maxErrorBody is how much of an error's body is read: enough for any envelope.
const maxErrorBody = 64 << 10

// request is one call, ready to be sent any number of times.
type request struct {
	method string
	url    *url.URL
	header http.Header // beside those of every call
	body   []byte
	route  string // names the path in errors and logs, if a server chose it; "" if the caller did

	memory []byte // for the body of the reply; nil allocates it

	anyStatus   bool // every status is a reply, none an error
	withoutKeys bool
}

// path is the path as errors name it.
func (r request) path() string {
	if r.route != "" {
		return r.route
	}
	return r.url.EscapedPath()
}

// reply is an answer with a 2xx status, or with any where the request says so, read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// attempt sends a request once, in its turn, and logs how it went.
func (c *Client) attempt(ctx context.Context, n int, r request) (reply, error) {
	ticket, err := c.gate.pass(ctx)
	if err != nil {
		return reply{}, fmt.Errorf("imednet: %s %s: %w", r.method, shown.Path(r.path()), err)
	}
	start := c.clock.Now()
	status, rep, err := c.roundTrip(ctx, r)
	c.gate.leave(ticket, status)
	c.logger.LogAttrs(ctx, slog.LevelDebug, "imednet: request",
		slog.String("method", r.method), slog.String("path", shown.Path(r.path())), slog.Int("status", status),
		slog.Int("attempt", n), slog.Duration("duration", c.clock.Now().Sub(start)), slog.Int("bytes", len(rep.body)))
	return rep, err
}

func (c *Client) roundTrip(ctx context.Context, r request) (status int, rep reply, err error) {
	var connecting, connected atomic.Bool
	timed, cancel := context.WithTimeoutCause(ctx, c.timeout, wire.ErrTimeout)
	defer cancel()
	traced := httptrace.WithClientTrace(timed, &httptrace.ClientTrace{
		GetConn: func(string) { connecting.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(traced, r.method, r.url.String(), bytes.NewReader(r.body))
	if err != nil {
		return 0, reply{}, fmt.Errorf("imednet: %s %s: request cannot be built", r.method, shown.Path(r.path()))
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Cache-Control", "no-cache")
	req.Header.Set("User-Agent", userAgent)
	for name, values := range r.header {
		req.Header[name] = values
	}
	if !r.withoutKeys {
		c.authorize(req.Header)
	}

	resp, err := c.http.Do(req)
	if err != nil {
		// Only a transport that reports its connections can prove that nothing was sent.
		unsent := connecting.Load() && !connected.Load()
		return 0, reply{}, transportError(ctx, timed, r, !unsent, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = http.NoBody // what follows is no HTTP, and has neither an end nor the request's timeout
	}
	if !r.anyStatus && (resp.StatusCode < 200 || resp.StatusCode > 299) {
		return resp.StatusCode, reply{}, c.statusError(r, resp)
	}
	buffer := bytes.NewBuffer(r.memory[:0])
	_, err = buffer.ReadFrom(io.LimitReader(resp.Body, c.maxBodyBytes+1))
	body := buffer.Bytes()
	if err != nil {
		return resp.StatusCode, reply{}, transportError(ctx, timed, r, true, err)
	}
	if int64(len(body)) > c.maxBodyBytes {
		return resp.StatusCode, reply{}, &tooLargeError{path: shown.Path(r.path()), status: resp.StatusCode, limit: c.maxBodyBytes}
	}
	return resp.StatusCode, reply{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// statusError reads the error that a reply with another status than 2xx carries. A body that
// cannot be read is as good as none: the status alone says what to do.
func (c *Client) statusError(r request, resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	e := wire.StatusError(r.method, r.path(), resp.StatusCode, resp.Header, body, c.clock.Now())
	if to, err := resp.Location(); err == nil && resp.StatusCode < 400 && !wire.SameOrigin(to, c.base) {
		return fmt.Errorf("%w, in a redirect: %w", imednet.ErrForeignOrigin, e)
	}
	return e
}

// transportError explains a request without a complete answer. The end of the caller's own
// context is that context's cause, except for a submission that may have reached the server:
// its outcome is unknown and its error must say so.
func transportError(caller, timed context.Context, r request, sent bool, err error) error {
	path := r.path()
	if ended := context.Cause(caller); ended != nil {
		if r.method != http.MethodPost || !sent {
			return fmt.Errorf("imednet: %s %s: %w", r.method, shown.Path(path), ended)
		}
		return &imednet.TransportError{Method: r.method, Path: path, Sent: sent, Err: ended}
	}
	if context.Cause(timed) != nil {
		err = wire.ErrTimeout
	}
	return &imednet.TransportError{Method: r.method, Path: path, Sent: sent, Err: wire.Quiet(err)}
}

// tooLargeError is a reply over the limit of WithMaxBodyBytes.
type tooLargeError struct {
	path   string
	status int
	limit  int64
}

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("imednet: %s: reply is larger than %d bytes; raise WithMaxBodyBytes or ask for fewer rows", e.path, e.limit)
}

func (e *tooLargeError) Unwrap() error { return imednet.ErrProtocol }

// isTooLarge reports whether a page was refused for its size, before or after it was sent.
func isTooLarge(err error) bool {
	var api *imednet.APIError
	var large *tooLargeError
	return errors.As(err, &large) || errors.As(err, &api) && api.StatusCode == http.StatusRequestEntityTooLarge
}

// mayBeTooLarge reports whether a smaller page may succeed: gateways cut replies that take too
// long or grow too big (API contract, section 1).
func mayBeTooLarge(err error) bool {
	var api *imednet.APIError
	if errors.As(err, &api) {
		return api.StatusCode == http.StatusRequestEntityTooLarge ||
			api.StatusCode == http.StatusBadGateway || api.StatusCode == http.StatusGatewayTimeout
	}
	var transport *imednet.TransportError
	var timeout interface{ Timeout() bool }
	return isTooLarge(err) || errors.As(err, &transport) && errors.As(err, &timeout) && timeout.Timeout()
}
