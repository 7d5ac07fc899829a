package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// withWatch adds to health and metrics of a worker how the heads and the verification of its stores go. A
// watch that is nil does nothing.
func withWatch(status http.Handler, w *storeWatch) http.Handler {
	if w == nil {
		return status
	}
	mux := http.NewServeMux()
	mux.Handle("/", status)
	mux.HandleFunc("GET /healthz", func(rw http.ResponseWriter, r *http.Request) {
		lines := w.unhealthy()
		reply := &collected{header: rw.Header(), code: http.StatusOK}
		status.ServeHTTP(reply, r)
		if lines != "" {
			reply.code = http.StatusServiceUnavailable
		}
		rw.WriteHeader(reply.code)
		_, _ = fmt.Fprint(rw, reply.text.String(), lines) // an error means that the visitor has gone
	})
	mux.HandleFunc("GET /metrics", func(rw http.ResponseWriter, r *http.Request) {
		status.ServeHTTP(rw, r)
		_, _ = fmt.Fprint(rw, w.metrics())
	})
	return mux
}

// collected is a reply that is not sent yet.
type collected struct {
	header http.Header
	code   int
	text   bytes.Buffer
}

func (c *collected) Header() http.Header { return c.header }

func (c *collected) WriteHeader(code int) { c.code = code }

func (c *collected) Write(p []byte) (int, error) { return c.text.Write(p) }

// unhealthy says what failed the last time, a line each; "" if nothing did.
func (w *storeWatch) unhealthy() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var b strings.Builder
	if w.kept.err != nil {
		fmt.Fprintf(&b, "heads: not written: %s\n", safeText(sentence(w.kept.err)))
	}
	for _, kind := range slices.Sorted(maps.Keys(w.verified)) {
		if err := w.verified[kind].err; err != nil {
			fmt.Fprintf(&b, "%s: not verified: %s\n", kind, safeText(sentence(err)))
		}
	}
	return b.String()
}

// metrics is in the text format of Prometheus.
func (w *storeWatch) metrics() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var b strings.Builder
	if w.keep != nil {
		fmt.Fprintf(&b, `# HELP imednet_heads_total Times that the heads of the stores were to be written, by result.
# TYPE imednet_heads_total counter
imednet_heads_total{result="written"} %d
imednet_heads_total{result="failed"} %d
# HELP imednet_heads_last_timestamp_seconds When heads were last written; 0 before the first.
# TYPE imednet_heads_last_timestamp_seconds gauge
imednet_heads_last_timestamp_seconds %d
`, w.kept.done, w.kept.failed, unixOrZero(w.kept.last))
	}
	if w.verifyEvery == 0 {
		return b.String()
	}
	b.WriteString("# HELP imednet_store_verifications_total Verifications of whole stores, by result.\n# TYPE imednet_store_verifications_total counter\n")
	for _, kind := range slices.Sorted(maps.Keys(w.verified)) {
		v := w.verified[kind]
		fmt.Fprintf(&b, "imednet_store_verifications_total{store=%q,result=\"intact\"} %d\nimednet_store_verifications_total{store=%q,result=\"failed\"} %d\n", kind, v.done, kind, v.failed)
	}
	b.WriteString("# HELP imednet_store_last_verified_timestamp_seconds When the store was last found intact; 0 before the first time.\n# TYPE imednet_store_last_verified_timestamp_seconds gauge\n")
	for _, kind := range slices.Sorted(maps.Keys(w.verified)) {
		fmt.Fprintf(&b, "imednet_store_last_verified_timestamp_seconds{store=%q} %d\n", kind, unixOrZero(w.verified[kind].last))
	}
	return b.String()
}

func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
