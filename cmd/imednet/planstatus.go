package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// planStatus is how a worker of a plan is. It serves GET /healthz and GET /metrics, without subject data.
type planStatus struct {
	clock imednet.Clock

	mu          sync.Mutex
	plan        *studyPlan // as it was read last
	every       time.Duration
	lastSuccess time.Time         // zero before the first
	lastError   string            // of the last run; "" if it succeeded
	good, bad   int               // runs
	paused      map[string]string // why nothing is made of a study, as of the last run
}

func newPlanStatus(p *studyPlan, clock imednet.Clock) *planStatus {
	return &planStatus{clock: clock, plan: p, every: p.every}
}

// follow takes over what the plan says now.
func (s *planStatus) follow(p *studyPlan, every time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan, s.every = p, every
}

// ended notes how a run ended that a report is of, if it came that far.
func (s *planStatus) ended(report *planJSON, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if report != nil {
		s.paused = map[string]string{}
		for _, study := range report.Studies {
			s.paused[study.StudyKey] = study.Paused
		}
	}
	if failed(err) {
		s.bad++
		s.lastError = safeText(sentence(err))
		return
	}
	s.good++
	s.lastSuccess, s.lastError = s.clock.Now(), ""
}

// failed reports whether a run has to be tried again. Rows to review and outputs that are paused are for a
// person: nothing else would come of another run.
func failed(err error) bool {
	return err != nil && !errors.As(err, new(*invalidError)) && !errors.As(err, new(*differError))
}

// healthy reports whether the last complete run is recent enough.
func (s *planStatus) healthy() bool {
	maxAge := max(time.Hour, 3*s.every)
	return !s.lastSuccess.IsZero() && s.clock.Now().Sub(s.lastSuccess) <= maxAge
}

func (s *planStatus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "only GET is served", http.StatusMethodNotAllowed)
	case r.URL.Path == "/healthz":
		s.writeHealth(w)
	case r.URL.Path == "/metrics":
		s.writeMetrics(w)
	default:
		http.NotFound(w, r)
	}
}

func (s *planStatus) writeHealth(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !s.healthy() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	switch {
	case s.healthy() && s.lastError == "":
		fmt.Fprintf(w, "%s: healthy\n", s.plan.name)
	case s.lastError != "":
		fmt.Fprintf(w, "%s: the last run failed: %s\n", s.plan.name, s.lastError)
	case s.lastSuccess.IsZero():
		fmt.Fprintf(w, "%s: unhealthy: not refreshed yet\n", s.plan.name)
	default:
		fmt.Fprintf(w, "%s: unhealthy: the last complete run ended at %s\n", s.plan.name, isoTime(s.lastSuccess))
	}
	for _, study := range slices.Sorted(maps.Keys(s.paused)) {
		if why := s.paused[study]; why != "" {
			fmt.Fprintf(w, "%s: paused: %s\n", study, why)
		}
	}
}

func (s *planStatus) writeMetrics(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	var success int64
	if !s.lastSuccess.IsZero() {
		success = s.lastSuccess.Unix()
	}
	fmt.Fprintf(w, `# HELP imednet_plan_last_success_timestamp_seconds When the last complete run of the plan ended; 0 before the first.
# TYPE imednet_plan_last_success_timestamp_seconds gauge
imednet_plan_last_success_timestamp_seconds{plan=%[1]q} %[2]d
# HELP imednet_plan_runs_total Runs of the plan since the worker began.
# TYPE imednet_plan_runs_total counter
imednet_plan_runs_total{plan=%[1]q,result="complete"} %[3]d
imednet_plan_runs_total{plan=%[1]q,result="failed"} %[4]d
# HELP imednet_plan_paused 1 for a study of which nothing is made, because its design has changed.
# TYPE imednet_plan_paused gauge
`, s.plan.name, success, s.good, s.bad)
	for _, study := range slices.Sorted(maps.Keys(s.paused)) {
		paused := 0
		if s.paused[study] != "" {
			paused = 1
		}
		fmt.Fprintf(w, "imednet_plan_paused{plan=%q,study=%q} %d\n", s.plan.name, study, paused)
	}
}

// planReports serves the reports of the studies of the plan as it is now, from its mirror.
func (a *app) planReports(s *planStatus) *reportHandler {
	now := func() *studyPlan {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.plan
	}
	return &reportHandler{
		keeps: func(study string) bool { return slices.Contains(now().studies, study) },
		open: func(ctx context.Context) (*cache.CachedRecordsLoader, func() error, error) {
			mirror, err := a.readMirror(ctx, now().mirror)
			if err != nil {
				return nil, nil, err
			}
			return mirror, mirror.Close, nil
		},
	}
}
