package cache

import (
	"fmt"
	"net/http"
	"time"
)

// StatusSource tells how the studies of a worker are. A [SyncWorker] does.
type StatusSource interface{ Status() WorkerStatus }

// StatusHandler serves the state of a worker. GET /healthz returns 200 if the worker is running and
// every study is healthy (see [WorkerStatus.Healthy]), otherwise 503, with one line per study. GET
// /metrics returns what [WorkerStatus.WriteMetrics] writes. Both contain study keys and error texts
// but no subject data.
func StatusHandler(w StatusSource, maxAge time.Duration) http.Handler {
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
