package imednet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

type judged bool

func (judged) Error() string     { return "judged" }
func (j judged) Retryable() bool { return bool(j) }

func TestRetryable(t *testing.T) {
	api := func(method string, status int) error { return &imednet.APIError{Method: method, StatusCode: status} }
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{api("GET", 429), true}, {api("GET", 500), true}, {api("GET", 502), true}, {api("GET", 599), true},
		{api("POST", 429), false}, {&imednet.APIError{Method: "POST", StatusCode: 429, Envelope: true}, true},
		{&imednet.ReplyError{Method: "POST", StatusCode: 200}, false}, {api("POST", 500), false}, {api("POST", 503), false},
		{api("GET", 400), false}, {api("GET", 401), false}, {api("GET", 403), false}, {api("GET", 404), false}, {api("GET", 409), false}, {api("GET", 413), false}, {api("GET", 302), false},
		{&imednet.TransportError{Method: "GET", Err: io.ErrUnexpectedEOF}, true},
		{&imednet.TransportError{Method: "POST", Err: io.ErrUnexpectedEOF, Sent: true}, false},
		{fmt.Errorf("wrapped: %w", api("GET", 503)), true},
		{errors.Join(errors.New("x"), api("GET", 503)), true},
		{judged(true), true}, {judged(false), false},
		{fmt.Errorf("%w: %w", judged(false), api("GET", 503)), false},
		{context.Canceled, false}, {context.DeadlineExceeded, false},
		{fmt.Errorf("waiting: %w", context.DeadlineExceeded), false},
		{io.ErrUnexpectedEOF, true}, {io.EOF, false},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, true},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, true},
		{&net.DNSError{IsTimeout: true}, true}, {&net.DNSError{IsNotFound: true}, false},
		{imednet.ErrProtocol, false}, {imednet.ErrUnstableListing, false}, {&imednet.ValidationError{}, false},
	} {
		require.Equal(t, c.want, imednet.Retryable(c.err), "%v", c.err)
	}
}

func TestAPIError(t *testing.T) {
	for status, want := range map[int]error{
		400: imednet.ErrBadRequest, 401: imednet.ErrUnauthorized, 403: imednet.ErrForbidden, 404: imednet.ErrNotFound,
		429: imednet.ErrRateLimited, 500: imednet.ErrServer, 503: imednet.ErrServer, 599: imednet.ErrServer,
	} {
		require.ErrorIs(t, fmt.Errorf("list: %w", &imednet.APIError{StatusCode: status}), want)
	}
	require.NoError(t, (&imednet.APIError{StatusCode: 418}).Unwrap())
	e := &imednet.APIError{StatusCode: 400, Code: "1000", Attribute: "size", Value: "SECRET", Description: "SECRET is wrong", Method: "GET", Path: "/api/v1/edc/studies/OWN/sites", RetryAfter: time.Second}
	require.EqualError(t, e, "imednet: GET /api/v1/edc/studies/OWN/sites: status 400 (bad request), code 1000, attribute size")
}

func TestErrorTexts(t *testing.T) {
	require.EqualError(t, &imednet.TransportError{Method: "GET", Path: "/api/v1/edc/studies/OWN/sites", Err: io.ErrUnexpectedEOF}, "imednet: GET /api/v1/edc/studies/OWN/sites: no complete answer: unexpected EOF")
	require.EqualError(t, &imednet.ValidationError{What: "filter", Problems: []imednet.Problem{{Path: "a", Message: "b"}, {Message: "c"}}}, "imednet: invalid filter: a: b; c")
	require.EqualError(t, &imednet.DecodeError{Type: "Record", Problem: "x"}, "imednet: decode Record at /: x")
}

// A wait can be ended by its own timeout or by whoever asked for it, and a caller must tell which.
func TestAWaitThatEndedSaysWhy(t *testing.T) {
	over := errors.New("the program ends")
	ended := fmt.Errorf("poll: %w", &imednet.JobTimeoutError{BatchID: "B", Cause: over})
	require.ErrorIs(t, ended, over)
	require.NotErrorIs(t, ended, context.DeadlineExceeded)
	require.NotErrorIs(t, ended, os.ErrDeadlineExceeded)

	ranOut := fmt.Errorf("poll: %w", &imednet.JobTimeoutError{BatchID: "B", After: time.Minute})
	require.ErrorIs(t, ranOut, context.DeadlineExceeded)
	require.ErrorIs(t, ranOut, os.ErrDeadlineExceeded)
	require.NotErrorIs(t, ranOut, over)
	for _, err := range []error{ended, ranOut} {
		require.False(t, imednet.Retryable(err), "nothing must be submitted again")
	}
}

func TestSystemClock(t *testing.T) {
	clock := imednet.SystemClock()
	require.WithinDuration(t, time.Now(), clock.Now(), time.Minute)
	require.NoError(t, clock.Sleep(t.Context(), time.Microsecond))
	cause := errors.New("over")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	require.ErrorIs(t, clock.Sleep(ctx, time.Hour), cause)
	require.ErrorIs(t, clock.Sleep(ctx, 0), cause)
}
