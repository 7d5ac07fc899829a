package imednet

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/imednetgo/imednet/internal/shown"
)

// RawAsker is an optional interface of a client. It sends one request, once, and returns the reply as
// it came, whatever its status, for programs that examine the server rather than the study.
type RawAsker interface {
	AskRaw(ctx context.Context, q RawQuestion) (RawReply, error)
}

// RawQuestion is a request below the API's root. Nothing about it is checked but that its path
// stays there.
type RawQuestion struct {
	Path        []string       // the segments of the path, not escaped, such as "DEMO", "records"
	Query       []RawParameter // in the order in which they are sent, not encoded
	WithoutKeys bool           // send no API keys
	Body        []byte         // JSON to POST; nil makes the request a GET
}

// RawParameter is one parameter of a [RawQuestion].
type RawParameter struct{ Name, Value string }

// RawReply is a reply with any status. The body may hold data of subjects; String, and with it fmt
// and log/slog, shows only its status and size.
type RawReply struct {
	Status      int
	ContentType string
	RetryAfter  string // the header of that name, as it came
	Body        []byte
}

// String returns the status and the size of the reply.
func (r RawReply) String() string { return fmt.Sprintf("status %d, %d bytes", r.Status, len(r.Body)) }

// LogValue returns what String returns.
func (r RawReply) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Format writes String, whatever the verb.
func (r RawReply) Format(to fmt.State, verb rune) { shown.Format(to, verb, r.String()) }
