package imednet

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/shown"
)

// APIError is a response with a status other than 2xx.
type APIError struct {
	StatusCode  int    // HTTP status
	Status      string // metadata.status, such as BAD_REQUEST; empty if the body had no envelope
	Code        string // "1000" validation, "9000" unknown, "9001" not authorised; may be empty
	Description string // the server's text
	Attribute   string // of a validation error: the rejected parameter
	Value       string // of a validation error: its value, which can be subject data and is not in Error()
	Method      string
	Path        string        // without query
	RetryAfter  time.Duration // how long the server asked to wait; 0 if it did not
	// Envelope is true if the body was the API's own error document (API contract, section 8),
	// which proves that the API itself answered. Otherwise the answer may come from a gateway in
	// front of it, which says nothing about the outcome of a POST.
	Envelope bool
}

// Error names the status, the code and the parameter, and the request by its route. It contains neither
// the value nor the server's description, which may repeat the value. A code or parameter appears only
// if the API is known to have it, and the id of a batch only if it has the shape of one.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "imednet: %s: status %d", route(e.Method, e.Path), e.StatusCode)
	if s := sentinelOf(e.StatusCode); s != nil {
		fmt.Fprintf(&b, " (%v)", s)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, ", code %s", shown.Code(e.Code))
	}
	if e.Attribute != "" {
		fmt.Fprintf(&b, ", attribute %s", shown.Parameter(e.Attribute, isAttribute))
	}
	return b.String()
}

// Format writes Error, whatever the verb.
func (e APIError) Format(to fmt.State, verb rune) { shown.Format(to, verb, e.Error()) }

// LogValue is Error.
func (e APIError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// Words is the server's description if it is certain to hold no data, because it is one of those that
// are known; otherwise "".
func (e *APIError) Words() string {
	words, _ := shown.Message(e.Description, nil)
	return words
}

// Unwrap returns the sentinel of the status, so that errors.Is(err, [ErrForbidden]) works.
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

// TransportError reports a request that received no complete response: no connection, a reset, a
// timeout, a truncated body. For a POST it means that the outcome is unknown, unless Sent is false.
type TransportError struct {
	Method string
	Path   string // without query
	Sent   bool   // whether any part of the request may have reached the server
	Err    error  // cause; holds no API keys and no data
}

// Error names the method, the path and the cause.
func (e *TransportError) Error() string {
	return fmt.Sprintf("imednet: %s: no complete answer: %s", route(e.Method, e.Path), shown.Cause(e.Err))
}

// Format writes Error, whatever the verb.
func (e TransportError) Format(to fmt.State, verb rune) { shown.Format(to, verb, e.Error()) }

// LogValue is Error.
func (e TransportError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// ReplyError is a response with a 2xx status that is not in the API's format: a login page, an
// error document, an empty body. For a POST it means that the outcome is unknown.
type ReplyError struct {
	Method     string
	Path       string // without query
	StatusCode int
	// Body describes what arrived instead, such as "an HTML page" or "no body". It never quotes the
	// body.
	Body string
}

// Error names the request, the status and the kind of body.
func (e *ReplyError) Error() string {
	return fmt.Sprintf("imednet: %s: status %d with %s: %v", route(e.Method, e.Path), e.StatusCode, cmp.Or(e.Body, "another body"), ErrProtocol)
}

// Format writes Error, whatever the verb.
func (e ReplyError) Format(to fmt.State, verb rune) { shown.Format(to, verb, e.Error()) }

// LogValue is Error.
func (e ReplyError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// Unwrap returns [ErrProtocol].
func (e *ReplyError) Unwrap() error { return ErrProtocol }

// route names a request in an error.
func route(method, path string) string {
	return cmp.Or(strings.TrimSpace(method+" "+shown.Path(path)), "a request")
}
