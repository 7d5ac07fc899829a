package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/imednetgo/imednet/cache"
)

// maxAge is how old the last whole run of a healthy study may be.
const maxAge = time.Hour

// handler serves the worker's state of health and its metrics.
func handler(w *cache.SyncWorker) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(rw http.ResponseWriter, _ *http.Request) {
		status := w.Status()
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if !status.Healthy(maxAge) {
			rw.WriteHeader(http.StatusServiceUnavailable)
		}
		for _, study := range status.Studies {
			fmt.Fprintln(rw, describe(study, status.At))
		}
	})
	mux.HandleFunc("GET /metrics", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_ = w.Status().WriteMetrics(rw) // an error means that the visitor has gone
	})
	return mux
}

// describe says in one line how a study is. Errors of this library hold no subject data.
func describe(s cache.StudyStatus, now time.Time) string {
	switch {
	case s.Healthy(now, maxAge):
		return s.StudyKey + ": healthy"
	case s.LastError != nil:
		return fmt.Sprintf("%s: unhealthy: %v", s.StudyKey, s.LastError)
	default:
		return s.StudyKey + ": unhealthy: not taken over yet"
	}
}
