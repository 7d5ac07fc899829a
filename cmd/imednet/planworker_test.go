package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
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
	p := newPlanned(t, withoutWarehouse(wholePlan))
	cmd := p.command("worker", "--plan", "study.yaml", "--json")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	decoder := json.NewDecoder(out)
	var report planJSON
	require.NoError(t, decoder.Decode(&report))
	require.Equal(t, every(stateMade, fileNames...), statesOf(report))
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

	p.write("study.yaml", strings.Replace(withoutWarehouse(wholePlan), "every: 6h\n", "", 1))
	_, problem = p.run(exitUsage, "worker", "--plan", "study.yaml")
	require.Contains(t, problem, "every is missing")
	for _, line := range []string{"worker OWN --plan study.yaml", "worker --plan study.yaml --once", "worker --plan study.yaml --interval 5", "worker"} {
		p.run(exitUsage, strings.Fields(line)...)
	}
}

// TestAWorkerOfAPlanGoesOn after a run that failed, and ends when the keys are refused.
func TestAWorkerOfAPlanGoesOn(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, withoutWarehouse(wholePlan))
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
	worker := p.work()
	worker.report()
	require.Contains(t, worker.get(http.StatusOK, "/report/OWN"), "<title>Study report: OWN</title>")
	worker.get(http.StatusNotFound, "/report/DEMO")
	worker.get(http.StatusNotFound, "/elsewhere")
	require.Contains(t, worker.get(http.StatusOK, "/metrics"), `imednet_plan_runs_total{plan="nightly",result="failed"} 0`)
	worker.stop()
}

// atWork is a worker of a plan that runs and serves its state.
type atWork struct {
	*shell
	cmd     *exec.Cmd
	base    string
	reports *json.Decoder
}

func (s *shell) work() *atWork {
	s.t.Helper()
	w := &atWork{shell: s, cmd: s.command("worker", "--plan", "study.yaml", "--json", "--listen", "127.0.0.1:0")}
	out, err := w.cmd.StdoutPipe()
	require.NoError(s.t, err)
	told, err := w.cmd.StderrPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, w.cmd.Start())
	lines := bufio.NewScanner(told)
	require.True(s.t, lines.Scan())
	base, ok := strings.CutPrefix(lines.Text(), "health and metrics at ")
	require.True(s.t, ok, lines.Text())
	w.base, w.reports = base, json.NewDecoder(out)
	return w
}

// report waits for the report of the next run.
func (w *atWork) report() (report planJSON) {
	w.t.Helper()
	require.NoError(w.t, w.reports.Decode(&report))
	return report
}

func (w *atWork) get(code int, path string) string {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.base+path, nil)
	require.NoError(w.t, err)
	reply, err := http.DefaultClient.Do(request)
	require.NoError(w.t, err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	require.NoError(w.t, err)
	require.Equal(w.t, code, reply.StatusCode, "%s: %s", path, text)
	return string(text)
}

// stop ends it as a service is ended.
func (w *atWork) stop() {
	w.t.Helper()
	require.NoError(w.t, w.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(w.t, w.cmd.Wait())
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
	s.ended(nil, errors.New("the disk is gone"))
	require.Equal(t, "nightly: the last run failed: the disk is gone\n", get(http.StatusServiceUnavailable, "/healthz"))
	s.ended(nil, &invalidError{"rows to review"})
	require.Equal(t, "nightly: healthy\n", get(http.StatusOK, "/healthz"))
	s.ended(nil, errors.New("again"))
	require.Equal(t, "nightly: the last run failed: again\n", get(http.StatusOK, "/healthz"))
	require.Contains(t, get(http.StatusOK, "/metrics"), "timestamp_seconds{plan=\"nightly\"} 1795680000\n")
	require.NoError(t, clock.Sleep(t.Context(), 3*time.Hour+time.Second))
	get(http.StatusServiceUnavailable, "/healthz")
	s.follow(p, 2*time.Hour)
	get(http.StatusOK, "/healthz")
	require.Contains(t, get(http.StatusOK, "/metrics"), `result="failed"} 2`)
}
