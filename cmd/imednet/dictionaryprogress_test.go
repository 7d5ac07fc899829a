package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A test whose server stops answering says what was not tried and is exit code 6; the same command goes on, and once more it sends
// nothing.
func TestDictionaryUATGoesOn(t *testing.T) {
	s := newShell(t)
	export := filepath.Join(s.dir, "export")
	demo, _, err := startDemo("--records", "60", "--study", "TEST", "--export", export)
	require.NoError(t, err)
	require.NoError(t, stopDemo(demo))
	demo, base, err := startDemo("--records", "60", "--study", "TEST", "--checks", export)
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	behind, err := url.Parse(base)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(behind)
	var left, posts atomic.Int64
	var refuse atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case left.Add(-1) < 0 && r.Method == http.MethodGet, refuse.Load() && r.Method == http.MethodPost:
			http.Error(w, "gone", http.StatusForbidden)
			return
		case r.Method == http.MethodPost:
			posts.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	defer server.Close()
	other := newShell(t, "IMEDNET_BASE_URL="+server.URL)
	other.dir = s.dir
	uat := []string{"dictionary", "uat", "export", "--submit", "TEST", "--test-study", "TEST", "--site", "Site 01", "--interval", "1ms", "--settle-delay", "1ms", "--rule", "50001,50002,50011"}

	left.Store(3)
	out, problem := other.run(exitAuth, uat...)
	require.Empty(t, out, "nothing was sent")
	require.NotContains(t, problem, "Ended Early")

	left.Store(40)
	out, problem = other.run(exitInvalid, uat...)
	require.Contains(t, out, "not tried: rule 50011: the trial ended before all its records were tried")
	require.Contains(t, problem, "Ended Early: ")
	require.Contains(t, problem, "checks were not tried to the end")
	require.Contains(t, problem, "Hint: "+afterTrial)
	require.Positive(t, posts.Load())

	left.Store(1 << 40)
	refuse.Store(true)
	other.run(exitInvalid, uat...)
	refuse.Store(false)
	out, problem = other.run(exitInvalid, uat...)
	require.Contains(t, out, ": it is not known whether the study took one of its records, of which nothing shows\n")
	require.Contains(t, problem, "1 checks were not tried")
	_, problem = other.run(exitOK, append(uat, "--resend")...)
	require.Contains(t, problem, "This test goes on: ")
	whole, problem := other.run(exitOK, uat...)
	require.Contains(t, problem, "This test goes on: ")
	require.Contains(t, whole, " 0 checks behave differently; 0 not tried;")
	sent := posts.Load()
	again, problem := other.run(exitOK, uat...)
	require.Equal(t, whole, again)
	require.Equal(t, sent, posts.Load())
	require.Contains(t, problem, "--anew begins another")

	anew, _ := other.run(exitOK, append(uat, "--anew")...)
	require.Equal(t, whole, anew)
	require.Greater(t, posts.Load(), sent)
	sent = posts.Load()

	kept := []string{"--progress", "kept.jsonl"}
	other.run(exitOK, append(uat, kept...)...)
	require.Greater(t, posts.Load(), sent)
	_, problem = other.run(exitUsage, append(append(uat, kept...), "--most", "9")...)
	require.Contains(t, problem, "the progress is of another trial")
	other.write("kept.jsonl", "{}\n")
	other.run(exitInvalid, append(uat, kept...)...)
	other.run(exitUsage, append(uat, "--settle-delay", "-1s")...)
}
