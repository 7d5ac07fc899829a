package imednet

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
)

// Sentinels that a caller can test for with errors.Is.
var (
	// ErrBadRequest is a 400: the server rejected a parameter (see APIError.Attribute).
	ErrBadRequest = errors.New("bad request")
	// ErrUnauthorized is a 401: the keys are missing or wrong. Stop all work.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden is a 403, which the API also returns for an unknown study key.
	ErrForbidden = errors.New("forbidden, or no such study")
	// ErrNotFound is a 404, or a lookup that found nothing.
	ErrNotFound = errors.New("not found")
	// ErrRateLimited is a 429.
	ErrRateLimited = errors.New("rate limited")
	// ErrServer is any 5xx.
	ErrServer = errors.New("server error")
	// ErrProtocol is a reply with status 200 that cannot be trusted: it has no data, its paging is
	// inconsistent, or its ids repeat or descend.
	ErrProtocol = errors.New("reply violates the API's contract")
	// ErrUnstableListing means that a listing read by offset pages changed on every reading: no two
	// consecutive readings showed the same ids.
	ErrUnstableListing = errors.New("listing kept changing while it was read")
	// ErrUnsupportedFilter means that this source cannot apply the filter.
	ErrUnsupportedFilter = errors.New("filter not supported by this source")
	// ErrForeignOrigin means that a URL has a different origin from the API's and was not fetched.
	ErrForeignOrigin = errors.New("URL of another origin")
)

// Retryable reports whether the same call may succeed later. It is the only place that decides
// this. It is true for a GET that met a 429, a 5xx or a broken connection, and for a POST that met
// a 429 from the API itself (APIError.Envelope), which the API is taken to return before it examines
// a batch. It is false for everything else, including the end of the caller's own context. An error
// can decide for itself with a method `Retryable() bool`.
func Retryable(err error) bool {
	if err == nil {
		return false
	}
	var judge interface{ Retryable() bool }
	if errors.As(err, &judge) {
		return judge.Retryable()
	}
	var api *APIError
	if errors.As(err, &api) {
		if api.Method == "POST" {
			return api.StatusCode == 429 && api.Envelope
		}
		return api.StatusCode == 429 || api.StatusCode >= 500
	}
	var transport *TransportError
	if errors.As(err, &transport) {
		return transport.Method != "POST"
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout() ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED)
}
