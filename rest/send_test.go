package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// script answers the requests of one listing one after the other; the last step repeats.
type script struct {
	mu       sync.Mutex
	steps    []http.HandlerFunc
	requests []*http.Request
	queries  []url.Values
}

// count is the number of requests so far.
func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, r.Clone(context.Background()))
	s.queries = append(s.queries, r.URL.Query())
	s.mu.Unlock()
	s.steps[min(n, len(s.steps)-1)](w, r)
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
}

// threeSites answers with as many of three sites as the page has room for, whatever the filter.
func threeSites(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	q.Del("filter")
	io.WriteString(w, (&table{ids: dense(1, 3), idName: "siteId"}).answer(q))
}

func listSites(c *rest.Client) (n int, err error) {
	for _, e := range c.Sites(context.Background(), "S", imednet.ListOptions{}) {
		if e != nil {
			return n, e
		}
		n++
	}
	return n, nil
}

func TestRetries(t *testing.T) {
	date := newClock().Now().Add(90 * time.Second).Format(http.TimeFormat)
	cases := map[string]struct {
		steps    []http.HandlerFunc
		requests int
		waits    []time.Duration
		err      error
	}{
		"first try":           {[]http.HandlerFunc{threeSites}, 1, nil, nil},
		"500 then fine":       {[]http.HandlerFunc{status(500), threeSites}, 2, []time.Duration{500 * time.Millisecond}, nil},
		"doubling":            {[]http.HandlerFunc{status(503), status(500), status(503), threeSites}, 4, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}, nil},
		"gives up":            {[]http.HandlerFunc{status(500)}, 4, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}, imednet.ErrServer},
		"429 seconds":         {[]http.HandlerFunc{status(429, "Retry-After", "17"), threeSites}, 2, []time.Duration{17 * time.Second}, nil},
		"429 date":            {[]http.HandlerFunc{status(429, "Retry-After", date), threeSites}, 2, []time.Duration{90 * time.Second}, nil},
		"429 past date":       {[]http.HandlerFunc{status(429, "Retry-After", "Mon, 02 Jan 2006 15:04:05 GMT"), threeSites}, 2, []time.Duration{500 * time.Millisecond}, nil},
		"429 nonsense":        {[]http.HandlerFunc{status(429, "Retry-After", "soon"), threeSites}, 2, []time.Duration{500 * time.Millisecond}, nil},
		"429 too long":        {[]http.HandlerFunc{status(429, "Retry-After", "301"), threeSites}, 1, nil, imednet.ErrRateLimited},
		"429 for ever":        {[]http.HandlerFunc{status(429, "Retry-After", "99999999999999999999"), threeSites}, 2, []time.Duration{500 * time.Millisecond}, nil},
		"503 with retryafter": {[]http.HandlerFunc{status(503, "Retry-After", "3"), threeSites}, 2, []time.Duration{3 * time.Second}, nil},
		"400":                 {[]http.HandlerFunc{status(400)}, 1, nil, imednet.ErrBadRequest},
		"401":                 {[]http.HandlerFunc{status(401)}, 1, nil, imednet.ErrUnauthorized},
		"403":                 {[]http.HandlerFunc{status(403)}, 1, nil, imednet.ErrForbidden},
		"404":                 {[]http.HandlerFunc{status(404)}, 1, nil, imednet.ErrNotFound},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			clock, s := newClock(), &script{steps: c.steps}
			client := start(t, s, rest.WithClock(clock), rest.WithRetry(rest.RetryPolicy{Random: func() float64 { return 0 }}))
			n, err := listSites(client)
			require.ErrorIs(t, err, c.err)
			if c.err == nil {
				require.NoError(t, err)
				require.Equal(t, 3, n)
			}
			require.Equal(t, c.requests, s.count())
			require.Equal(t, c.waits, clock.Slept())
		})
	}
}

func TestWaitsAreJitteredAndCapped(t *testing.T) {
	clock, s := newClock(), &script{steps: []http.HandlerFunc{status(500)}}
	client := start(t, s, rest.WithClock(clock), rest.WithRetry(rest.RetryPolicy{
		MaxAttempts: 5, MinWait: time.Second, MaxWait: 3 * time.Second, Random: func() float64 { return 0.5 }}))
	_, err := listSites(client)
	require.ErrorIs(t, err, imednet.ErrServer)
	require.Equal(t, []time.Duration{750 * time.Millisecond, 1500 * time.Millisecond, 2250 * time.Millisecond, 2250 * time.Millisecond}, clock.Slept())
}

func TestBrokenConnectionsAreRetried(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"metadata"`)
	}
	reset := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
	for _, broken := range []http.HandlerFunc{cut, reset} {
		s := &script{steps: []http.HandlerFunc{broken, broken, threeSites}}
		n, err := listSites(start(t, s))
		require.NoError(t, err)
		require.Equal(t, 3, n)

		s = &script{steps: []http.HandlerFunc{broken}}
		_, err = listSites(start(t, s))
		var transport *imednet.TransportError
		require.ErrorAs(t, err, &transport)
		require.True(t, transport.Sent)
		require.True(t, imednet.Retryable(err))
		require.Equal(t, "/api/v1/edc/studies/S/sites", transport.Path)
		require.NotContains(t, err.Error(), "?", "no query in an error")
	}
}

func TestNoConnection(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := rest.New("a", "b", rest.WithBaseURL(server.URL), rest.WithClock(newClock()))
	require.NoError(t, err)
	_, err = c.SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
	var transport *imednet.TransportError
	require.ErrorAs(t, err, &transport)
	require.False(t, transport.Sent)
}

func TestPagesShrinkWhenTheyAreTooLarge(t *testing.T) {
	for name, refuse := range map[string]http.HandlerFunc{
		"413": status(413), "502": status(502), "504": status(504),
		"body": text(strings.Repeat(" ", 5000)),
	} {
		for listing, opts := range map[string]imednet.ListOptions{
			"by key": {}, "by offset": {Sort: []imednet.SortKey{{Property: "siteName"}}},
		} {
			tab := newTable(dense(1, 100)...)
			tab.idName = "siteId"
			tab.before = func(_ int, w http.ResponseWriter, r *http.Request) bool {
				if size := r.URL.Query().Get("size"); size != "50" && size != "25" && size != "12" {
					return false
				}
				refuse(w, r)
				return true
			}
			c := start(t, tab, rest.WithPageSize(50), rest.WithMaxBodyBytes(4000))
			n := 0
			for _, err := range c.Sites(t.Context(), "S", opts) {
				require.NoError(t, err, "%s %s", name, listing)
				n++
			}
			require.Equal(t, 100, n, "%s %s", name, listing)
			pages := slices.DeleteFunc(tab.requests, func(q url.Values) bool { return q.Get("size") == "1" })
			size, _ := strconv.Atoi(pages[len(pages)-1].Get("size"))
			require.LessOrEqual(t, size, 6)
		}
	}
}

func TestPagesShrinkInTheMiddleOfOffsetPages(t *testing.T) {
	tab := newTable(dense(1, 100)...)
	tab.idName = "siteId"
	tab.before = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		if q := r.URL.Query(); q.Get("size") != "40" || q.Get("page") != "1" {
			return false
		}
		w.WriteHeader(504)
		return true
	}
	c := start(t, tab, rest.WithPageSize(40))
	n := 0
	for _, err := range c.Sites(t.Context(), "S", imednet.ListOptions{Sort: []imednet.SortKey{{Property: "siteName"}}}) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 100, n)
}

func TestTimeoutIsRetriedAtTheSameSizeFirst(t *testing.T) {
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	hang := func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	s := &script{steps: []http.HandlerFunc{hang, hang, threeSites}}
	n, err := listSites(start(t, s, rest.WithTimeout(50*time.Millisecond)))
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Equal(t, []string{"500", "500", "125"}, []string{s.queries[0].Get("size"), s.queries[1].Get("size"), s.queries[2].Get("size")})
}

func TestBodyLimitOfOneRow(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{text(strings.Repeat("x", 200))}}
	_, err := listSites(start(t, s, rest.WithMaxBodyBytes(100)))
	require.ErrorIs(t, err, imednet.ErrProtocol)
	require.ErrorContains(t, err, "larger than 100 bytes")
	require.Equal(t, 9, s.count(), "500, 250, … 1")
}

func TestHeadersAndPath(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{threeSites}}
	c := start(t, s)
	for _, err := range c.Sites(t.Context(), "A/B c+d%", imednet.ListOptions{Filter: imednet.Where("siteName", imednet.Equal, "a; b+c")}) {
		require.NoError(t, err)
	}
	r := s.requests[0]
	require.Equal(t, "key-A", r.Header.Get("x-api-key"))
	require.Equal(t, "key-B", r.Header.Get("x-imn-security-key"))
	require.Equal(t, "application/json", r.Header.Get("Accept"))
	require.Equal(t, "application/json", r.Header.Get("Content-Type"))
	require.Contains(t, r.Header.Get("User-Agent"), "imednet-go")
	require.Equal(t, "/api/v1/edc/studies/A%2FB%20c+d%25/sites", r.URL.EscapedPath())
	require.Equal(t, "page=0&size=500&sort=siteId%2CASC&filter=siteName%3D%3D%22a%3B%20b%2Bc%22", r.URL.RawQuery)
}

func TestPathsThatLeadElsewhereAreRefused(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{threeSites}}
	c := start(t, s)
	for _, key := range []string{"", " ", ".", ".."} {
		for _, err := range c.Sites(t.Context(), key, imednet.ListOptions{}) {
			var invalid *imednet.ValidationError
			require.ErrorAs(t, err, &invalid)
		}
		_, err := c.Job(t.Context(), "S", key)
		require.Error(t, err)
	}
	require.Empty(t, s.requests)
}

func TestRedirects(t *testing.T) {
	var leaked []string
	foreign := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		leaked = append(leaked, r.Header.Get("x-api-key"))
	}))
	defer foreign.Close()

	s := &script{steps: []http.HandlerFunc{status(307, "Location", foreign.URL+"/x")}}
	_, err := listSites(start(t, s))
	require.ErrorIs(t, err, imednet.ErrForeignOrigin)
	require.Equal(t, 1, s.count())
	require.Empty(t, leaked)

	s = &script{steps: []http.HandlerFunc{status(307, "Location", "/elsewhere?page=0&size=500&sort=siteId,ASC"), threeSites}}
	n, err := listSites(start(t, s))
	require.NoError(t, err)
	require.Equal(t, 3, n)

	s = &script{steps: []http.HandlerFunc{status(307, "Location", "/elsewhere"), threeSites}}
	_, err = start(t, s).SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
	require.Error(t, err)
	require.Equal(t, 1, s.count(), "a submission is never sent twice")

	s = &script{steps: []http.HandlerFunc{status(302, "Location", "/again")}}
	_, err = listSites(start(t, s))
	var api *imednet.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, 302, api.StatusCode)
}

// A reply that turns the connection into something else has no end, and no timeout ends it.
func TestAChangeOfTheProtocolIsARefusal(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { conn.Close() })
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n")
	}}}
	c := start(t, s)
	var api *imednet.APIError

	_, err := listSites(c)
	require.ErrorAs(t, err, &api)
	require.Equal(t, 101, api.StatusCode)
	_, err = c.Job(t.Context(), "S", "b")
	require.ErrorAs(t, err, &api)
	require.Equal(t, 101, api.StatusCode)
	_, err = c.SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
	require.ErrorAs(t, err, &api)
	require.Equal(t, 101, api.StatusCode)
	require.Equal(t, 3, s.count(), "none is sent again")

	raw, err := c.AskRaw(t.Context(), imednet.RawQuestion{Path: []string{"S", "sites"}})
	require.NoError(t, err)
	require.Equal(t, 101, raw.Status)
	require.Empty(t, raw.Body)
}

func TestRateLimitGoesByTheClock(t *testing.T) {
	clock, s := newClock(), &script{steps: []http.HandlerFunc{threeSites}}
	c := start(t, s, rest.WithClock(clock), rest.WithRateLimit(2, 1))
	for range 3 {
		_, err := listSites(c)
		require.NoError(t, err)
	}
	require.Equal(t, []time.Duration{500 * time.Millisecond, 500 * time.Millisecond}, clock.Slept())
}

func TestEndOfTheContext(t *testing.T) {
	cause := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	s := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		cancel(cause)
		<-r.Context().Done()
	}}}
	c := start(t, s)
	for _, err := range c.Sites(ctx, "S", imednet.ListOptions{}) {
		require.ErrorIs(t, err, cause)
		require.False(t, imednet.Retryable(err))
	}
	require.Equal(t, 1, s.count())

	_, err := c.Job(ctx, "S", "b")
	require.ErrorIs(t, err, cause)
	require.Equal(t, 1, s.count(), "nothing is sent when the context has ended")
}

func TestSubmissionCutOffHasUnknownOutcome(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}}}
	_, err := start(t, s).SubmitRecords(ctx, "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
	var transport *imednet.TransportError
	require.ErrorAs(t, err, &transport)
	require.True(t, transport.Sent)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, imednet.Retryable(err))
}

func TestLogsHoldNeitherKeysNorData(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	row := `{"siteId":1,"siteName":{"secret":"SECRET-NAME"},"dateCreated":"SECRET-DATE"}`
	s := &script{steps: []http.HandlerFunc{
		func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, jsonError("SECRET", "9000", "a"))
		},
		text(`{"data":"SECRET-DATA"}`),
		text(envelope(0, 500, 1, row)),
	}}
	c := start(t, s, rest.WithLogger(logger))
	for range 2 {
		for _, err := range c.Sites(t.Context(), "STUDY", imednet.ListOptions{Filter: imednet.Where("siteName", imednet.Equal, "SECRET-FILTER")}) {
			require.NoError(t, err)
		}
	}
	require.Contains(t, log.String(), "status=500")
	require.Equal(t, 1, strings.Count(log.String(), "trying again"), "every retry is told")
	require.Equal(t, 1, strings.Count(log.String(), "reading the page again"), "and every doubt")
	require.Contains(t, log.String(), "/api/v1/edc/studies/STUDY/sites")
	require.Equal(t, 1, strings.Count(log.String(), "member=siteName"), "drift is told once")
	require.Equal(t, 1, strings.Count(log.String(), "member=dateCreated"))
	for _, secret := range []string{"SECRET", "key-A", "key-B", "filter", "size"} {
		require.NotContains(t, log.String(), secret)
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		require.NotContains(t, fmt.Sprintf(verb, c), "key-A")
	}
}

// mute is a transport that reports no connections, such as one of another protocol.
type mute struct{}

func (mute) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("reset after the request was read")
}

func TestATransportThatReportsNothingProvesNothing(t *testing.T) {
	c, err := rest.New("k", "s", rest.WithHTTPClient(&http.Client{Transport: mute{}}))
	require.NoError(t, err)
	_, err = c.SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
	var transport *imednet.TransportError
	require.ErrorAs(t, err, &transport)
	require.True(t, transport.Sent, "nobody can say that it was not")
}

// The timeout of an attempt is what was asked for, and by default what is documented.
func TestTimeoutIsWhatWasAskedFor(t *testing.T) {
	require.Equal(t, []any{30 * time.Second, 64 << 20}, []any{rest.DefaultTimeout, rest.DefaultMaxBodyBytes})
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 50})
	for _, fault := range []imednettest.Fault{{Hang: true}, {Delay: time.Hour}, {Trickle: time.Hour}} {
		synctest.Test(t, func(t *testing.T) {
			server := imednettest.NewServer(study)
			server.Inject(fault)
			c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithHTTPClient(&http.Client{Transport: server.Transport()}),
				rest.WithTimeout(7*time.Second), rest.WithRetry(rest.RetryPolicy{MaxAttempts: 1}))
			require.NoError(t, err)
			began := time.Now()
			_, err = c.ProbeRecords(t.Context(), study.Key(), imednet.Filter{})
			var transport *imednet.TransportError
			require.ErrorAs(t, err, &transport)
			require.Equal(t, 7*time.Second, time.Since(began))
		})
	}
}

// A request that is given up while it waits for its turn leaves the turn to others.
func TestATurnThatIsNotTakenIsFree(t *testing.T) {
	clock, s := newClock(), &script{steps: []http.HandlerFunc{threeSites}}
	c := start(t, s, rest.WithClock(clock), rest.WithRateLimit(1, 1))
	_, err := listSites(c)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range c.Sites(ctx, "S", imednet.ListOptions{}) {
		require.ErrorIs(t, err, context.Canceled)
	}
	_, err = listSites(c)
	require.NoError(t, err)
	require.Equal(t, []time.Duration{time.Second}, clock.Slept())
	require.Equal(t, 2, s.count())
}
