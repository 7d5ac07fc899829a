package cache

import (
	"fmt"
	"net/http"
	"time"
)

// StatusHandler serves a worker's state: GET /healthz answers 200 when the worker runs and every study
// is healthy (see WorkerStatus.Healthy) and 503 otherwise, with a line for each study, GET /metrics what
// WriteMetrics writes. Neither holds subject data, but study keys and the texts of errors.
func StatusHandler(w *SyncWorker, maxAge time.Duration) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(rw http.ResponseWriter, _ *http.Request) {
		status := w.Status()
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if !status.Healthy(maxAge) {
			rw.WriteHeader(http.StatusServiceUnavailable)
		}
		if !status.Running {
			fmt.Fprintln(rw, "the worker is not running")
		}
		for _, study := range status.Studies {
			fmt.Fprintln(rw, study.health(status.At, maxAge))
		}
	})
	mux.HandleFunc("GET /metrics", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_ = w.Status().WriteMetrics(rw) // an error means that the visitor has gone
	})
	return mux
}

// health says in one line how a study is.
func (s StudyStatus) health(now time.Time, maxAge time.Duration) string {
	switch {
	case s.Healthy(now, maxAge):
		return s.StudyKey + ": healthy"
	case s.LastError != nil:
		return fmt.Sprintf("%s: unhealthy: %v", s.StudyKey, s.LastError)
	case s.LastSuccess.IsZero():
		return s.StudyKey + ": unhealthy: not synced yet"
	}
	return fmt.Sprintf("%s: unhealthy: the last whole run ended at %s", s.StudyKey, s.LastSuccess.UTC().Format(time.RFC3339))
}
