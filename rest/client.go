package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/imednetgo/imednet"
)

// Client talks to one iMednet server. It is safe for use by several goroutines, and its rate
// limit and pauses hold for all of them together.
type Client struct {
	*config
	gate      *gate
	http      *http.Client
	authorize func(http.Header) // sets the keys; a function, so that no print of a Client shows them
	drift     sync.Map          // resource and member names that were warned about
}

var (
	_ imednet.Client          = (*Client)(nil)
	_ imednet.RecordProber    = (*Client)(nil)
	_ imednet.RecordPager     = (*Client)(nil)
	_ imednet.JobResultReader = (*Client)(nil)
)

// New makes a client with the two keys that Mednet issues. Nothing is sent. The error is an
// *imednet.ValidationError with everything that is wrong.
func New(apiKey, securityKey string, opts ...Option) (*Client, error) {
	cfg := defaultConfig()
	var problems []imednet.Problem
	for _, key := range []struct{ name, value string }{{"API key", apiKey}, {"security key", securityKey}} {
		if !isHeaderText(key.value) || strings.TrimSpace(key.value) != key.value {
			problems = append(problems, imednet.Problem{Path: key.name, Message: "must be one word of printable ASCII, without white space around it"})
		}
	}
	for _, opt := range opts {
		if err := opt(cfg); err != nil {
			problems = append(problems, imednet.Problem{Message: err.Error()})
		}
	}
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "settings of the REST client", Problems: problems}
	}
	c := &Client{
		config: cfg,
		gate:   &gate{clock: cfg.clock, limiter: cfg.limiter},
		http:   guarded(cfg.httpClient, cfg.base),
		authorize: func(h http.Header) {
			h.Set("x-api-key", apiKey)
			h.Set("x-imn-security-key", securityKey)
		},
	}
	return c, nil
}

// String names the server.
func (c *Client) String() string { return fmt.Sprintf("rest.Client(%s)", c.base) }

// CloseIdleConnections closes connections that no request uses.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// guarded returns a copy of client that never carries the keys to another origin and never
// repeats a submission by way of a redirect.
func guarded(client *http.Client, base *url.URL) *http.Client {
	if client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = maxLookAhead
		client = &http.Client{Transport: transport}
	}
	own := *client
	own.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if via[0].Method != http.MethodGet || !sameOrigin(req.URL, base) || len(via) > maxRedirects {
			return http.ErrUseLastResponse
		}
		if client.CheckRedirect != nil {
			return client.CheckRedirect(req, via)
		}
		return nil
	}
	return &own
}

const maxRedirects = 5

// isHeaderText reports whether s can be the value of a header: printable ASCII, and something.
func isHeaderText(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
