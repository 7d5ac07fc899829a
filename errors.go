package imednet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

// What a caller may branch on with errors.Is.
var (
	// ErrBadRequest is a 400: the server refused a parameter (see APIError.Attribute).
	ErrBadRequest = errors.New("bad request")
	// ErrUnauthorized is a 401: the keys are missing or wrong. Stop all work.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden is a 403, which the API also answers for a wrong study key.
	ErrForbidden = errors.New("forbidden, or no such study")
	// ErrNotFound is a 404, or a get that found nothing.
	ErrNotFound = errors.New("not found")
	// ErrRateLimited is a 429.
	ErrRateLimited = errors.New("rate limited")
	// ErrServer is any 5xx.
	ErrServer = errors.New("server error")
	// ErrProtocol is a reply with status 200 that cannot be trusted: no data, paging that
	// contradicts itself, ids that repeat or fall.
	ErrProtocol = errors.New("reply violates the API's contract")
	// ErrUnstableListing means that a listing by offset pages never showed the same ids twice.
	ErrUnstableListing = errors.New("listing kept changing while it was read")
	// ErrUnsupportedFilter means that this source cannot apply the filter.
	ErrUnsupportedFilter = errors.New("filter not supported by this source")
	// ErrForeignOrigin means that a URL leads to another origin than the API's and was not fetched.
	ErrForeignOrigin = errors.New("URL of another origin")
)

// APIError is an answer of the server with a status other than 2xx.
type APIError struct {
	StatusCode  int    // HTTP status
	Status      string // metadata.status, such as BAD_REQUEST; empty when the body had no envelope
	Code        string // "1000" validation, "9000" unknown, "9001" not authorised; may be empty
	Description string // the server's text
	Attribute   string // of a validation error: the parameter that is wrong
	Value       string // of a validation error: its value. It can be subject data and is not in Error()
	Method      string
	Path        string        // without query
	RetryAfter  time.Duration // how long the server asked to wait; 0 when it did not
	// Envelope says that the body was the API's own error document (API contract, section 8), so that
	// the API itself answered. Without it the answer may be that of a gateway in front of it, which
	// says nothing about what became of a POST.
	Envelope bool
}

// Error names status, code and parameter. Neither the value nor the server's description, which
// may repeat it, is part of the text; a code or a parameter that is no single word is not shown.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "imednet: %s %s: status %d", e.Method, e.Path, e.StatusCode)
	if s := sentinelOf(e.StatusCode); s != nil {
		fmt.Fprintf(&b, " (%v)", s)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, ", code %s", serverToken(e.Code))
	}
	if e.Attribute != "" {
		fmt.Fprintf(&b, ", attribute %s", serverToken(e.Attribute))
	}
	return b.String()
}

// Unwrap returns the sentinel of the status, so that errors.Is(err, ErrForbidden) holds.
func (e *APIError) Unwrap() error { return sentinelOf(e.StatusCode) }

func sentinelOf(status int) error {
	switch {
	case status == 400:
		return ErrBadRequest
	case status == 401:
		return ErrUnauthorized
	case status == 403:
		return ErrForbidden
	case status == 404:
		return ErrNotFound
	case status == 429:
		return ErrRateLimited
	case status >= 500 && status <= 599:
		return ErrServer
	}
	return nil
}

// TransportError is a request that got no complete answer: no connection, a reset, a timeout, a
// body cut short. For a POST it means that the outcome is unknown, unless Sent is false.
type TransportError struct {
	Method string
	Path   string // without query
	Sent   bool   // at least part of the request may have reached the server
	Err    error  // cause, free of keys and data
}

// Error names the request by method and path, and the cause.
func (e *TransportError) Error() string {
	return fmt.Sprintf("imednet: %s %s: no complete answer: %v", e.Method, e.Path, e.Err)
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// ReplyError is an answer with a 2xx status that is not the API's: a login page, an error document,
// an empty body. For a POST it means that the outcome is unknown.
type ReplyError struct {
	Method     string
	Path       string // without query
	StatusCode int
	// Body says what arrived instead, such as "an HTML page" or "no body"; it quotes nothing of it.
	Body string
}

// Error names the request, the status and the kind of body.
func (e *ReplyError) Error() string {
	return fmt.Sprintf("imednet: %s %s: status %d with %s: %v", e.Method, e.Path, e.StatusCode, e.Body, ErrProtocol)
}

// Unwrap makes it an ErrProtocol.
func (e *ReplyError) Unwrap() error { return ErrProtocol }

// Retryable is the only judge of whether the same call may succeed later. True for a GET that met
// 429, 5xx or a broken connection, and for a POST that met a 429 of the API itself
// (APIError.Envelope); false for everything else, the end of the caller's own context included. Errors can decide for themselves with a method
// `Retryable() bool`.
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

// Problem is one thing wrong with a document or an argument.
type Problem struct {
	Path    string // where: a JSON pointer, or the argument's name
	Message string // what is wrong and what to do; no subject data
}

// ValidationError is everything wrong with what the caller passed, found before anything was sent
// or stored.
type ValidationError struct {
	What     string // the thing that was checked, such as "filter" or "study configuration"
	Problems []Problem
}

// Error lists every problem with its place.
func (e *ValidationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "imednet: invalid %s: ", e.What)
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteString("; ")
		}
		if p.Path != "" {
			b.WriteString(p.Path + ": ")
		}
		b.WriteString(p.Message)
	}
	return b.String()
}
