package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

func TestBadCommandLines(t *testing.T) {
	s := newShell(t)
	for _, line := range []string{
		"bogus", "state bogus", "queries open", "queries open A B", "queries counts DEMO --nope", "state set -s S",
		"state set -s S -m m -t soon", "worker DEMO --interval 0", "records extract DEMO --record-filter formKey",
		"records extract DEMO --record-filter =AE", "records extract DEMO --record-filter formKey=", "export DEMO",
		"export DEMO --dir out --format xls", "export DEMO --dir out --phi DM.AGE", "cache purge DEMO --reason ended", "cache purge DEMO --study", "cache history DEMO x",
		"queries metrics DEMO --by moon", "demo --listen 0.0.0.0:0", "demo --records 0", "triage annotate x",
		"profile DEMO --html --json", "state show --config missing.yaml",
	} {
		out, problem := s.run(exitUsage, strings.Fields(line)...)
		require.Empty(t, out, line)
		require.NotEmpty(t, problem, line)
	}
}

func TestErrorsAsJSON(t *testing.T) {
	s := newShell(t)
	for args, want := range map[string]failure{
		"queries counts NOPE":                         {Kind: "auth", ExitCode: exitAuth},
		"queries site DEMO nowhere":                   {Kind: "not found", ExitCode: exitNotFound},
		"subject DEMO nobody":                         {Kind: "not found", ExitCode: exitNotFound},
		"cache status":                                {Kind: "not found", ExitCode: exitNotFound},
		"triage queue DEMO":                           {Kind: "not found", ExitCode: exitNotFound},
		"config log DEMO":                             {Kind: "not found", ExitCode: exitNotFound},
		"queries open":                                {Kind: "usage", ExitCode: exitUsage},
		"records extract DEMO --record-filter nope=1": {Kind: "invalid", ExitCode: exitInvalid},
	} {
		_, problem := s.run(want.ExitCode, append(strings.Fields(args), "--json")...)
		var got failure
		require.NoError(t, json.Unmarshal([]byte(problem), &got), problem)
		require.Equal(t, want.Kind, got.Kind, args)
		require.Equal(t, want.ExitCode, got.ExitCode, args)
		require.NotEmpty(t, got.Error, args)
	}
}

func TestKeysMissingAndWrong(t *testing.T) {
	_, problem := newShell(t, "IMEDNET_SECURITY_KEY=").run(exitAuth, "queries", "counts", "DEMO")
	require.Contains(t, problem, "Error: IMEDNET_API_KEY and IMEDNET_SECURITY_KEY environment variables must be set.\n")

	_, problem = newShell(t, "IMEDNET_SECURITY_KEY=wrong-secret").run(exitAuth, "queries", "counts", "DEMO")
	require.Contains(t, problem, "Authentication Failed: ")
	require.NotContains(t, problem, "wrong-secret")
}

func TestHintsAreToldOnce(t *testing.T) {
	_, problem := newShell(t).run(exitNotFound, "config", "log", "DEMO")
	require.Equal(t, 1, strings.Count(problem, "create the history"), problem)
	require.Contains(t, problem, "\nHint: `imednet config commit` and `imednet dictionary commit` create the history\n")
}

func TestDemoServesADirectory(t *testing.T) {
	pilot := os.Getenv("IMEDNET_PILOT")
	if pilot == "" {
		t.Skip("IMEDNET_PILOT names no folder")
	}
	demo, url, err := startDemo("--data", pilot)
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	var counts struct{ Open, Closed, Unknown int64 }
	newShell(t, "IMEDNET_BASE_URL="+url).json(&counts, "queries", "counts", "CDISCPILOT01")
	require.Positive(t, counts.Open+counts.Closed+counts.Unknown)
}

func TestConfigurationFile(t *testing.T) {
	s := newShell(t, "IMEDNET_BASE_URL=")
	s.write("imednet.yaml", "baseURL: "+demoURL+"\ntimeout: 20s\nledger: "+s.dir+"/marks.json\n")
	require.Contains(t, s.ok("queries", "counts", "DEMO", "--config", "imednet.yaml"), "total    18")
	s.ok("state", "set", "-s", "S", "-m", "m", "-t", "2026-01-01", "--config", "imednet.yaml")
	require.FileExists(t, s.dir+"/marks.json")

	s.write(".imednet/config.yaml", `{"baseURL": "`+demoURL+`"}`)
	require.Contains(t, s.ok("queries", "counts", "DEMO"), "total    18", "JSON, and the default place")

	s.write("keys.yaml", "apiKey: very-secret\n")
	_, problem := s.run(exitUsage, "state", "show", "--config", "keys.yaml")
	require.Contains(t, problem, "the API keys belong in the environment")
	require.NotContains(t, problem, "very-secret")
}

func TestInterrupt(t *testing.T) {
	asked := make(chan struct{}, 8)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	s := newShell(t, "IMEDNET_BASE_URL="+server.URL)
	var problem strings.Builder
	cmd := s.command("sync", "DEMO")
	cmd.Stderr = &problem
	require.NoError(t, cmd.Start())
	<-asked
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Error(t, cmd.Wait())
	require.Equal(t, exitInterrupted, cmd.ProcessState.ExitCode(), problem.String())
	require.Contains(t, problem.String(), "Aborted by user")
	require.Contains(t, problem.String(), "the same command continues from there")
}

func TestWorkerStopsInGoodOrder(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) { requireGoodOrder(t, signal) })
	}
}

func requireGoodOrder(t *testing.T, signal os.Signal) {
	s := newShell(t)
	cmd := s.command("worker", "DEMO", "--json")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	events := json.NewDecoder(out)
	var event eventJSON
	for event.Kind != "synced" {
		require.NoError(t, events.Decode(&event))
	}
	require.Equal(t, int64(500), event.Report.Received)
	require.NoError(t, cmd.Process.Signal(signal))
	for err == nil {
		err = events.Decode(&event)
	}
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, "ended", event.Kind)
	require.NoError(t, cmd.Wait(), "an interrupt is how a worker ends")
	require.Contains(t, s.ok("cache", "status"), "whole")
	require.NotContains(t, s.ok("cache", "status"), "LAST READ")
	require.Regexp(t, `(?m)^DEMO +recordRevisions +20\d\d-\S+ \S+ +20\d\d-\S+ \S+$`, s.ok("cache", "status", "DEMO"))
}

func TestWorkerServesHealthAndMetrics(t *testing.T) {
	s := newShell(t)
	cmd := s.command("worker", "DEMO", "--json", "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	told, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(told).ReadString('\n')
	require.NoError(t, err)
	url := strings.TrimSpace(strings.TrimPrefix(line, "health and metrics at "))
	events := json.NewDecoder(out)
	var event eventJSON
	for event.Kind != "synced" {
		require.NoError(t, events.Decode(&event))
	}
	for path, want := range map[string]string{"/healthz": "DEMO: healthy", "/metrics": `imednet_sync_mirror_records{study="DEMO",state="active"} 497`} {
		answer, err := http.Get(url + path)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, errors.Join(err, answer.Body.Close()))
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.Contains(t, string(body), want)
	}
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	for err == nil {
		err = events.Decode(&event)
	}
	require.NoError(t, cmd.Wait())
	require.Contains(t, s.ok("structure", "show", "DEMO", "--cached"), "Demographics", "the worker takes the structure over")
	_, problem := s.run(exitUsage, "worker", "DEMO", "--listen", "nowhere:x")
	require.Contains(t, problem, "--listen")
}

// TestABusyPortIsTriedAgain holds the exit code that a service manager restarts: the port may be
// that of the worker which is just ending.
func TestABusyPortIsTriedAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, problem := newShell(t).run(exitFailure, "worker", "DEMO", "--listen", listener.Addr().String())
	require.Contains(t, problem, "address already in use")
}

// TestEveryCommandIsDocumented holds all commands to the same help.
func TestEveryCommandIsDocumented(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		require.NotEmpty(t, cmd.Short, cmd.CommandPath())
		if cmd.Runnable() && !cmd.HasSubCommands() {
			require.Contains(t, cmd.Example, cmd.CommandPath(), "an example of %s", cmd.CommandPath())
		}
		for _, child := range cmd.Commands() {
			if child.Name() != "completion" && child.Name() != "help" { // cobra's
				walk(child)
			}
		}
	}
	walk(newRoot(&app{}))
}

func TestHelp(t *testing.T) {
	s := newShell(t)
	require.Contains(t, s.ok(), "imednet [command]")
	require.Contains(t, s.ok("state"), "imednet state [command]")
	require.Contains(t, s.ok("help", "exit-codes"), "130  interrupted")
	require.Contains(t, s.ok("completion", "bash"), "imednet")
}

// TestHelpFitsATerminal of 80 columns.
func TestHelpFitsATerminal(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		var page strings.Builder
		cmd.SetOut(&page)
		require.NoError(t, cmd.Help())
		for line := range strings.Lines(page.String()) {
			require.LessOrEqual(t, columnsOf(strings.TrimRight(line, "\n")), helpWidth, "%s: %s", cmd.CommandPath(), line)
		}
		for _, child := range cmd.Commands() {
			if child.Name() != "completion" { // its pages are cobra's
				walk(child)
			}
		}
	}
	walk(newRoot(&app{}))
}

func TestReflow(t *testing.T) {
	short := "one\ntwo\n\nthree"
	require.Equal(t, short, reflow(short), "what fits stays as it is")
	require.Equal(t, strings.Repeat("word ", 15)+"word\nword word\n\nnext", reflow(strings.Repeat("word ", 16)+"word\nword\n\nnext"))
}
