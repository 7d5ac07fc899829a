package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// interruption is a command that is cut short in the middle and then run again.
type interruption struct {
	args   string
	at     at
	hint   string
	before string                 // commands that must have run, one a line
	left   func(*stalled)         // what an interrupt must have left
	ends   int                    // exit code of the second run
	again  func(*stalled, string) // what the second run must give
}

const (
	unchanged = "nothing was changed; run the same command again"
	goesOn    = "records that arrived are kept; the same command continues from there"
)

func says(text string) func(*stalled, string) {
	return func(s *stalled, out string) { require.Contains(s.t, out, text) }
}

var interruptions = []interruption{
	{args: "studies", at: at{path: "studies"}, hint: unchanged, again: says("OWN")},
	{args: "records extract OWN", at: at{"records", 2}, hint: unchanged, again: says(number(severalPages) + " read")},
	{args: "workflows extract-records OWN", at: at{"records", 2}, hint: unchanged, again: says(number(severalPages) + " read")},
	{args: "queries open OWN", at: at{path: "queries"}, hint: unchanged, again: says(" queries\n")},
	{args: "queries metrics OWN", at: at{path: "queries"}, hint: unchanged, again: says("total")},
	{args: "queries counts OWN", at: at{path: "queries"}, hint: unchanged, again: says("total")},
	{args: "subject OWN 01-001", at: at{path: "visits"}, hint: unchanged, again: says("Subject 01-001")},
	{args: "structure show OWN", at: at{path: "variables"}, hint: unchanged, again: says("Demographics")},
	{args: "profile OWN", at: at{"records", 2}, hint: unchanged, again: says(" deleted ones left out")},
	{args: "extract --configuration own.json", at: at{"records", 2}, hint: unchanged, ends: exitInvalid, again: says(number(severalPages) + " records")},
	{args: "extract --configuration own.json --dir out", at: at{"records", 2}, hint: unchanged, ends: exitInvalid, left: nothingExported, again: extracted},
	{args: "extract --configuration own.json --dir out", at: at{"records", 2}, before: "extract --configuration own.json --dir out", hint: unchanged, ends: exitInvalid,
		left: func(s *stalled) { extracted(s, "") }, again: extracted},
	{args: "explain --configuration own.json --record 100073", at: at{path: "records"}, hint: unchanged, again: says("record 100073 of form ")},
	{args: "validate --configuration own.json", at: at{"records", 2}, hint: unchanged, ends: exitInvalid, again: says("profile general")},
	{args: "sync OWN", at: at{"records", 3}, hint: goesOn, again: func(s *stalled, out string) {
		require.Contains(s.t, out, "Synced ")
		require.Contains(s.t, s.ok("cache", "verify", "OWN"), allEqual)
	}},
	{args: "worker OWN --once", at: at{"records", 3}, hint: goesOn, again: func(s *stalled, _ string) {
		require.Contains(s.t, s.ok("cache", "verify", "OWN"), allEqual)
	}},
	{args: "cache verify OWN", at: at{"records", 2}, before: "sync OWN", hint: unchanged, again: says(number(severalPages) + " equal")},
	{args: "export OWN --dir out", at: at{"records", 3}, hint: "the previous content of the directory is unchanged", left: nothingExported, again: exported},
	{args: "export OWN --dir out", at: at{"records", 3}, before: "export OWN --dir out", hint: "the previous content of the directory is unchanged",
		left: func(s *stalled) { exported(s, "") }, again: exported},
	{args: "export OWN --dir out --layout wide", at: at{"records", 3}, before: "export OWN --dir out", hint: "the previous content of the directory is unchanged",
		left: func(s *stalled) { exported(s, "") }, again: exported},
	{args: "refresh --plan study.yaml", at: at{"records", 3}, hint: "outputs that were made are whole", left: nothingExported, again: exported},
	{args: "warehouse ingest OWN", at: at{"records", 3}, hint: "nothing was changed", again: ingested},
	{args: "warehouse silver OWN", at: at{"records", 3}, hint: "the previous tables are unchanged", again: says(number(severalPages) + " records = ")},
}

// allEqual is what a verification of the whole study says.
var allEqual = number(severalPages) + " records compared: " + number(severalPages) + " equal"

func nothingExported(s *stalled) {
	entries, err := os.ReadDir(filepath.Join(s.dir, "out"))
	if err == nil {
		require.Empty(s.t, entries, "nothing half written")
	}
}

func exported(s *stalled, _ string) {
	manifest, err := pipeline.ReadManifest(filepath.Join(s.dir, "out"), "")
	require.NoError(s.t, err)
	require.NoError(s.t, manifest.Verify(filepath.Join(s.dir, "out")))
	require.Equal(s.t, int64(severalPages), manifest.Report.Records)
}

func extracted(s *stalled, _ string) {
	manifest, err := pipeline.ReadManifest(filepath.Join(s.dir, "out"), canonicalPrefix)
	require.NoError(s.t, err)
	require.NoError(s.t, manifest.Verify(filepath.Join(s.dir, "out")))
	require.Contains(s.t, string(manifest.About), `"in": `+number(severalPages))
}

func ingested(s *stalled, _ string) { requireIngested(s.shell, severalPages) }

// requireIngested demands so many records of the warehouse, each of them once.
func requireIngested(s *shell, records int64) {
	s.t.Helper()
	var rows []struct{ N, Distinct int64 }
	s.json(&rows, "warehouse", "query", "SELECT count(*) AS n, count(DISTINCT record_id) AS distinct FROM bronze_records")
	require.Equal(s.t, records, rows[0].N)
	require.Equal(s.t, records, rows[0].Distinct, "nothing twice")
}

func TestInterrupts(t *testing.T) {
	configuration, err := os.ReadFile(filepath.Join("..", "..", "examples", "safety", "demo.json"))
	require.NoError(t, err)
	for _, c := range interruptions {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			s := newStalled(t)
			s.write("own.json", strings.ReplaceAll(string(configuration), `"DEMO"`, `"OWN"`))
			s.write("study.yaml", "name: nightly\nstudies: [OWN]\nexports:\n  - {name: tables, dir: out}\n")
			for line := range strings.Lines(c.before) {
				ends := exitOK
				if strings.HasPrefix(line, "extract") {
					ends = exitInvalid // the made-up study has rows to reject
				}
				s.run(ends, strings.Fields(line)...)
			}
			code, _, problem := s.interrupt(s.stall(c.at), os.Interrupt, strings.Fields(c.args)...)
			require.Equal(t, exitInterrupted, code, problem)
			require.Contains(t, problem, "Aborted by user: the command was interrupted\n")
			require.Contains(t, problem, "Hint: "+c.hint)
			if c.left != nil {
				c.left(s)
			}
			s.flow()
			out, _ := s.run(c.ends, strings.Fields(c.args)...)
			c.again(s, out)
		})
	}
}

func TestInterruptWhileAJobIsAwaited(t *testing.T) {
	s := newStalled(t)
	s.study.PlanJobs(imednettest.JobPlan{States: []string{"running", "running", "completed"}})
	s.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`)
	var sent receiptJSON
	s.json(&sent, "submit", "records", "OWN", "new.json")
	args := []string{"jobs", "wait", "OWN", sent.Batches[0].BatchID}
	code, _, problem := s.interrupt(s.polled(), os.Interrupt, append(args, "--interval", "1h", "--timeout", "10h")...)
	require.Equal(t, exitInterrupted, code)
	require.Contains(t, problem, "Hint: the jobs continue on the server; run the same command again\n")
	require.Contains(t, s.ok(append(args, "--interval", "10ms")...), sent.Batches[0].BatchID+"  completed")
}

// polled returns a channel that is closed when a job is first asked about. The answer comes: it is
// the pause behind it that is interrupted.
func (s *stalled) polled() <-chan struct{} {
	held := make(chan struct{})
	var once sync.Once
	s.server.OnRequest(func(r imednettest.Request) {
		if strings.Contains(r.Path, "/jobs/") {
			once.Do(func() { close(held) })
		}
	})
	return held
}

// TestInterruptOfASubmission cuts a submission short at three places. Nothing is sent twice.
func TestInterruptOfASubmission(t *testing.T) {
	const file = `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`
	args := []string{"submit", "records", "OWN", "new.json", "--wait", "--interval", "1h"}
	again := []string{"submit", "records", "OWN", "new.json"}
	for name, c := range map[string]struct {
		hold    func(*stalled) <-chan struct{}
		sent    int // what the server holds after the interrupt
		outcome submissions.State
	}{
		"before anything is sent": {func(s *stalled) <-chan struct{} { return s.stall(at{path: "forms"}) }, 0, ""},
		"while it is sent":        {func(s *stalled) <-chan struct{} { return s.stallPost(false) }, 0, submissions.Unknown},
		"before the answer":       {func(s *stalled) <-chan struct{} { return s.stallPost(true) }, 1, submissions.Standing},
		"while its job runs":      {(*stalled).polled, 1, submissions.Standing},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStalled(t)
			s.write("new.json", file)
			code, _, problem := s.interrupt(c.hold(s), os.Interrupt, args...)
			require.Equal(t, exitInterrupted, code, problem)
			require.Contains(t, problem, "Hint: run `imednet submit resume OWN` to find out what the server accepted before you send anything again\n")
			s.flow()
			s.study.FinishJobs()
			require.Equal(t, c.sent, s.study.StoredItems())
			if c.outcome == "" {
				require.Equal(t, "No open submissions.\n", s.ok("submit", "resume", "OWN"))
				s.ok(again...)
				s.study.FinishJobs()
				require.Equal(t, 1, s.study.StoredItems())
				return
			}
			_, problem = s.run(exitBusy, again...)
			require.Contains(t, problem, "submitted before: 1 record, ")
			require.Regexp(t, "`imednet submit (resume OWN|settle OWN [0-9a-f-]+) --wait`", problem)
			require.Equal(t, c.sent, s.study.StoredItems(), "nothing twice")
			var found []receiptJSON
			out, _ := s.shell.run(map[bool]int{true: exitInvalid, false: exitOK}[c.outcome == submissions.Unknown], "submit", "resume", "OWN", "--json", "--wait", "--interval", "10ms", "--timeout", "1s")
			require.NoError(t, json.NewDecoder(strings.NewReader(out)).Decode(&found))
			require.Len(t, found, 1)
			require.Equal(t, c.outcome, found[0].Items[0].State)
			require.Equal(t, c.sent, s.study.StoredItems(), "asking sends nothing")
		})
	}
}

func (s *stalled) stallPost(stored bool) <-chan struct{} {
	held := make(chan struct{})
	s.server.Inject(imednettest.Fault{Method: "POST", Hang: true, AfterApply: stored, Match: func(imednettest.Request) bool {
		close(held)
		return true
	}})
	return held
}

func TestTermination(t *testing.T) {
	s := newStalled(t)
	code, _, problem := s.interrupt(s.stall(at{"records", 2}), syscall.SIGTERM, "sync", "OWN")
	require.Equal(t, exitInterrupted, code)
	require.Contains(t, problem, "Hint: "+goesOn+"\n")
}

// TestASecondInterruptEndsAtOnce blocks the command where no context reaches: its output is not read.
func TestASecondInterruptEndsAtOnce(t *testing.T) {
	out, in, err := os.Pipe()
	require.NoError(t, err)
	defer out.Close()
	s := newStalled(t)
	cmd := s.command("records", "extract", "OWN", "--json")
	cmd.Stdout = in
	require.NoError(t, cmd.Start())
	require.NoError(t, in.Close())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for range 500 {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		select {
		case <-ended:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	require.NoError(t, cmd.Process.Kill())
	require.Fail(t, "the command did not end")
}

func TestNobodyReadsTheOutput(t *testing.T) {
	for _, args := range [][]string{{"records", "extract", "OWN"}, {"records", "extract", "OWN", "--json"}, {"profile", "OWN", "--html"}} {
		s := newStalled(t)
		out, in, err := os.Pipe()
		require.NoError(t, err)
		var problem strings.Builder
		cmd := s.command(args...)
		cmd.Stdout, cmd.Stderr = in, &problem
		require.NoError(t, cmd.Start())
		require.NoError(t, in.Close())
		_, err = out.Read(make([]byte, 10))
		require.NoError(t, err)
		require.NoError(t, out.Close())
		require.Error(t, cmd.Wait())
		require.Equal(t, exitUnread, cmd.ProcessState.ExitCode(), problem.String())
		require.Empty(t, problem.String(), "no reason to complain")
	}
}

// TestEveryLongCommandSaysHowToGoOn after an interrupt.
func TestEveryLongCommandSaysHowToGoOn(t *testing.T) {
	short := []string{"imednet cache status", "imednet cache history", "imednet config", "imednet state", "imednet triage", "imednet workflows state",
		"imednet completion", "imednet demo", "imednet help",
		"imednet submit list", "imednet submit show", "imednet submit discard", "imednet submit verify"}
	for _, cmd := range leaves() {
		path := cmd.CommandPath()
		isShort := false
		for _, prefix := range short {
			isShort = isShort || path == prefix || strings.HasPrefix(path, prefix+" ")
		}
		if !isShort {
			require.NotEmpty(t, cmd.Annotations[afterInterrupt], path)
		}
	}
}
