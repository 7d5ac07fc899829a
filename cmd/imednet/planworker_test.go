package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// TestCadenceOfAWorker: as often as the plan says, sooner after a failure, and not at all with keys that
// are refused.
func TestCadenceOfAWorker(t *testing.T) {
	start := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	failure := errors.New("the disk is gone")
	review := &invalidError{"rows to review"}
	for name, c := range map[string]struct {
		every time.Duration
		runs  []error
		slept []time.Duration
		told  []string
		ends  error
	}{
		"whenever due": {6 * time.Hour, []error{nil, nil, nil}, []time.Duration{6 * time.Hour, 6 * time.Hour}, nil, nil},
		"failed":       {6 * time.Hour, []error{nil, failure, nil}, []time.Duration{6 * time.Hour, 15 * time.Minute}, []string{"the disk is gone at 14:15"}, nil},
		"often":        {5 * time.Minute, []error{failure, nil}, []time.Duration{5 * time.Minute}, []string{"the disk is gone at 08:05"}, nil},
		"review":       {6 * time.Hour, []error{review, nil}, []time.Duration{6 * time.Hour}, []string{"rows to review at 14:00"}, nil},
		"refused":      {6 * time.Hour, []error{nil, imednet.ErrUnauthorized}, []time.Duration{6 * time.Hour}, nil, imednet.ErrUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			clock := imednettest.NewClock(start)
			var told []string
			runs := c.runs
			worker := &planWorker{clock: clock, refresh: func(context.Context) (time.Duration, error) {
				err := runs[0]
				if runs = runs[1:]; len(runs) == 0 && c.ends == nil {
					stop()
				}
				return c.every, err
			}, tell: func(err error, next time.Time) { told = append(told, err.Error()+" at "+next.Format("15:04")) }}
			require.ErrorIs(t, worker.run(ctx), c.ends)
			require.Empty(t, runs)
			require.Equal(t, c.slept, clock.Slept())
			require.Equal(t, c.told, told)
		})
	}
}

// TestAWorkerOfAPlanEndsInGoodOrder between two runs and in the middle of one, and takes over what is
// changed in the plan.
func TestAWorkerOfAPlanEndsInGoodOrder(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, wholePlan)
	cmd := p.command("worker", "--plan", "study.yaml", "--json")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	decoder := json.NewDecoder(out)
	var report planJSON
	require.NoError(t, decoder.Decode(&report))
	require.Equal(t, every(stateMade, wholeNames...), statesOf(report))
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.ErrorIs(t, decoder.Decode(&report), io.EOF)
	require.NoError(t, cmd.Wait(), "a signal is how a worker ends")
	require.False(t, *p.plan().Due)

	p.edit("Changed meanwhile")
	before := filesOf(t, filepath.Join(p.dir, "out"))
	code, text, problem := p.interrupt(p.stall(at{path: "queries"}), syscall.SIGTERM, "worker", "--plan", "study.yaml")
	require.Equal(t, exitOK, code, problem)
	require.Contains(t, text, "Worker termination requested. Exiting cleanly.\n")
	require.Equal(t, before, filesOf(t, filepath.Join(p.dir, "out")))
	p.flow()
	require.True(t, p.refresh(exitOK).OK)

	p.write("study.yaml", strings.Replace(wholePlan, "every: 6h\n", "", 1))
	_, problem = p.run(exitUsage, "worker", "--plan", "study.yaml")
	require.Contains(t, problem, "every is missing")
	for _, line := range []string{"worker OWN --plan study.yaml", "worker --plan study.yaml --once", "worker --plan study.yaml --interval 5", "worker"} {
		p.run(exitUsage, strings.Fields(line)...)
	}
}

// TestAWorkerOfAPlanGoesOn after a run that failed, and ends when the keys are refused.
func TestAWorkerOfAPlanGoesOn(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, wholePlan)
	p.server.Inject(imednettest.Fault{Path: "queries", Times: -1, Status: 500})
	cmd := p.command("worker", "--plan", "study.yaml")
	told, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(told)
	for lines.Scan() && !strings.Contains(lines.Text(), "next run at ") {
	}
	require.Contains(t, lines.Text(), "not refreshed: study OWN")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())

	p.server.Inject(imednettest.Fault{Times: -1, Status: 401})
	p.run(exitAuth, "worker", "--plan", "study.yaml")
}

// TestAWorkerOfAPlanServesItsState: health, metrics, and the reports of its studies.
func TestAWorkerOfAPlanServesItsState(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, cutPlan)
	p.write("study.yaml", "name: nightly\nevery: 6h\nstudies: [OWN]\nmirror: {cache: mirror.sqlite3}\n")
	cmd := p.command("worker", "--plan", "study.yaml", "--json", "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	told, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(told)
	require.True(t, lines.Scan())
	base, ok := strings.CutPrefix(lines.Text(), "health and metrics at ")
	require.True(t, ok, lines.Text())
	var report planJSON
	require.NoError(t, json.NewDecoder(out).Decode(&report))
	get := func(code int, path string) string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		require.NoError(t, err)
		reply, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer reply.Body.Close()
		text, err := io.ReadAll(reply.Body)
		require.NoError(t, err)
		require.Equal(t, code, reply.StatusCode, "%s: %s", path, text)
		return string(text)
	}
	require.Contains(t, get(http.StatusOK, "/report/OWN"), "<title>Study report: OWN</title>")
	get(http.StatusNotFound, "/report/DEMO")
	get(http.StatusNotFound, "/elsewhere")
	require.Contains(t, get(http.StatusOK, "/metrics"), `imednet_plan_runs_total{plan="nightly",result="failed"} 0`)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())
}

// TestHealthOfAPlan: healthy while the last complete run is recent, and told why not.
func TestHealthOfAPlan(t *testing.T) {
	t.Parallel()
	clock := imednettest.NewClock(time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC))
	p := &studyPlan{name: "nightly", every: time.Hour}
	s := newPlanStatus(p, clock)
	get := func(code int, path string) string {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		require.Equal(t, code, w.Code, w.Body)
		return w.Body.String()
	}
	require.Equal(t, "nightly: unhealthy: not refreshed yet\n", get(http.StatusServiceUnavailable, "/healthz"))
	s.ended(errors.New("the disk is gone"))
	require.Equal(t, "nightly: the last run failed: the disk is gone\n", get(http.StatusServiceUnavailable, "/healthz"))
	s.ended(&invalidError{"rows to review"})
	require.Equal(t, "nightly: healthy\n", get(http.StatusOK, "/healthz"))
	s.ended(errors.New("again"))
	require.Equal(t, "nightly: the last run failed: again\n", get(http.StatusOK, "/healthz"))
	require.Contains(t, get(http.StatusOK, "/metrics"), "timestamp_seconds{plan=\"nightly\"} 1795680000\n")
	require.NoError(t, clock.Sleep(t.Context(), 3*time.Hour+time.Second))
	get(http.StatusServiceUnavailable, "/healthz")
	s.follow(p, 2*time.Hour)
	get(http.StatusOK, "/healthz")
	require.Contains(t, get(http.StatusOK, "/metrics"), `result="failed"} 2`)
}
