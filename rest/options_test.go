package rest_test

import (
	"log/slog"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/rest"
)

func TestOptionsFailOnBadValues(t *testing.T) {
	bad := map[string]rest.Option{
		"no URL":            rest.WithBaseURL(""),
		"relative":          rest.WithBaseURL("/api"),
		"plain http":        rest.WithBaseURL("http://edc.example.org"),
		"other scheme":      rest.WithBaseURL("ftp://localhost"),
		"user":              rest.WithBaseURL("https://u:SECRET@edc.example.org"),
		"query":             rest.WithBaseURL("https://edc.example.org?x=SECRET"),
		"fragment":          rest.WithBaseURL("https://edc.example.org/#SECRET"),
		"no URL at all":     rest.WithBaseURL("https://SECRET:%%"),
		"not loopback":      rest.WithBaseURL("http://localhost.example.org"),
		"other computer":    rest.WithBaseURL("http://10.0.0.7:8080"),
		"other one, IPv6":   rest.WithBaseURL("http://[2001:db8::7]"),
		"nil client":        rest.WithHTTPClient(nil),
		"no timeout":        rest.WithTimeout(0),
		"page size 0":       rest.WithPageSize(0),
		"page size 501":     rest.WithPageSize(501),
		"no look-ahead":     rest.WithLookAhead(0),
		"much look-ahead":   rest.WithLookAhead(17),
		"negative attempts": rest.WithRetry(rest.RetryPolicy{MaxAttempts: -1}),
		"waits":             rest.WithRetry(rest.RetryPolicy{MinWait: time.Hour}),
		"rate":              rest.WithRateLimit(0, 1),
		"rate NaN":          rest.WithRateLimit(math.NaN(), 1),
		"rate Inf":          rest.WithRateLimit(math.Inf(1), 1),
		"burst":             rest.WithRateLimit(1, 0),
		"no body":           rest.WithMaxBodyBytes(0),
		"nil logger":        rest.WithLogger(nil),
		"nil clock":         rest.WithClock(nil),
	}
	for name, opt := range bad {
		_, err := rest.New("a", "b", opt)
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid, name)
		require.Len(t, invalid.Problems, 1)
		require.NotContains(t, err.Error(), "SECRET", name)
	}
	_, err := rest.New("", "SECRET\n", rest.WithTimeout(-1))
	var invalid *imednet.ValidationError
	require.ErrorAs(t, err, &invalid)
	require.Len(t, invalid.Problems, 3, "every problem is told")
	require.NotContains(t, err.Error(), "SECRET")
}

func TestBaseURLs(t *testing.T) {
	for given, want := range map[string]string{
		"https://edc.example.org":           "https://edc.example.org",
		"https://edc.example.org/":          "https://edc.example.org",
		"https://edc.example.org/api":       "https://edc.example.org",
		"https://edc.example.org/api//":     "https://edc.example.org",
		" https://edc.example.org/dev/api ": "https://edc.example.org/dev",
		"http://localhost:8080":             "http://localhost:8080",
		"http://127.0.0.1:8080/api":         "http://127.0.0.1:8080",
		"http://[::1]:8080":                 "http://[::1]:8080",
	} {
		c, err := rest.New("a", "b", rest.WithBaseURL(given))
		require.NoError(t, err, given)
		require.Equal(t, "rest.Client("+want+")", c.String())
	}
	c, err := rest.New("a", "b")
	require.NoError(t, err)
	require.Equal(t, "rest.Client(https://edc.prod.imednetapi.com)", c.String())
}

func TestFromEnv(t *testing.T) {
	set := func(api, security, base, timeout string) {
		t.Setenv(rest.EnvAPIKey, api)
		t.Setenv(rest.EnvSecurityKey, security)
		t.Setenv(rest.EnvBaseURL, base)
		t.Setenv(rest.EnvTimeout, timeout)
	}
	set("a", "b", "", "")
	c, err := rest.FromEnv()
	require.NoError(t, err)
	require.Contains(t, c.String(), rest.DefaultBaseURL)

	for _, timeout := range []string{"30", "2.5", "0.5", "45s"} {
		set("a", "b", "https://edc.example.org/api", timeout)
		c, err = rest.FromEnv(rest.WithLogger(slog.Default()))
		require.NoError(t, err)
		require.Equal(t, "rest.Client(https://edc.example.org)", c.String())
	}
	for _, timeout := range []string{"soon", "0", "-1", "NaN", "1e300"} {
		set("a", "b", "", timeout)
		_, err = rest.FromEnv()
		require.Error(t, err, timeout)
		if timeout != "0" { // can be read, and is no timeout
			require.ErrorContains(t, err, rest.EnvTimeout)
		}
	}
	set("", "b", "", "")
	_, err = rest.FromEnv()
	require.ErrorContains(t, err, "API key")
	set("a", "b", "http://edc.example.org", "")
	_, err = rest.FromEnv()
	require.ErrorContains(t, err, "https")
}

func TestOwnHTTPClientIsCopied(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{threeSites}}
	used := 0
	own := &http.Client{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
		used++
		return http.DefaultTransport.RoundTrip(r)
	})}
	_, err := listSites(start(t, s, rest.WithHTTPClient(own)))
	require.NoError(t, err)
	require.Equal(t, 1, used)
	require.Nil(t, own.CheckRedirect, "the caller's client stays as it is")
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
