package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/wire"
)

// Client talks to one iMednet server. It is safe for concurrent use; its rate limit and its pauses
// apply to all goroutines together.
type Client struct {
	*config
	gate      *gate
	http      *http.Client
	authorize func(http.Header) // sets the keys; a function, so that no print of a Client shows them
	drift     sync.Map          // resource and member names that were warned about
	sizes     sync.Map          // *pageSize by resource and study
	bodies    sync.Pool         // *[]byte: memory for the pages of listings
}

var (
	_ imednet.Client          = (*Client)(nil)
	_ imednet.RecordProber    = (*Client)(nil)
	_ imednet.RowProber       = (*Client)(nil)
	_ imednet.RecordPager     = (*Client)(nil)
	_ imednet.JobResultReader = (*Client)(nil)
	_ imednet.RawAsker        = (*Client)(nil)
)

// New returns a client that uses the two keys issued by Mednet. It sends nothing. Its error is an
// [*imednet.ValidationError] that lists every problem.
func New(apiKey, securityKey string, opts ...Option) (*Client, error) {
	cfg := defaultConfig()
	var problems []imednet.Problem
	for _, key := range []struct{ name, value string }{{"API key", apiKey}, {"security key", securityKey}} {
		if !wire.IsHeaderText(key.value) || strings.TrimSpace(key.value) != key.value {
			problems = append(problems, imednet.Problem{Path: key.name, Message: "must be printable ASCII without surrounding white space"})
		}
	}
	for _, opt := range opts {
		var invalid *imednet.ValidationError
		if err := argument.Options("rest.New", cfg, []Option{opt}); errors.As(err, &invalid) {
			problems = append(problems, invalid.Problems...)
		} else if err != nil {
			problems = append(problems, imednet.Problem{Path: "option", Message: err.Error()})
		}
	}
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "argument of rest.New", Problems: problems}
	}
	c := &Client{
		config: cfg,
		gate:   &gate{clock: cfg.clock, limiter: cfg.limiter},
		http:   wire.GuardRedirects(cfg.client(), cfg.base),
		authorize: func(h http.Header) {
			h.Set("x-api-key", apiKey)
			h.Set("x-imn-security-key", securityKey)
		},
	}
	return c, nil
}

// String returns the name of the type and the base URL.
func (c *Client) String() string {
	if c.config == nil {
		return "rest.Client"
	}
	return fmt.Sprintf("rest.Client(%s)", c.base)
}

// CloseIdleConnections closes the connections that are not in use.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }
