package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
)

// oneOfMany is a worker process that shares the studies of a database.
type oneOfMany struct {
	*shell
	cmd    *exec.Cmd
	events *bufio.Scanner
}

func (s *shell) shareStudies(url string, args ...string) *oneOfMany {
	s.t.Helper()
	w := &oneOfMany{shell: s, cmd: s.command(append([]string{"worker", "--database", url, "--json", "--interval", "1", "--lease", "2s"}, args...)...)}
	out, err := w.cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, w.cmd.Start())
	s.t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	w.events = bufio.NewScanner(out)
	return w
}

// syncs reads events until this worker has synced so many different studies.
func (w *oneOfMany) syncs(studies int) { w.syncsAfter(time.Time{}, studies) }

// syncsAfter leaves out what it had synced before a moment, of which it may have told without being read.
func (w *oneOfMany) syncsAfter(moment time.Time, studies int) {
	w.t.Helper()
	done := map[string]bool{}
	for len(done) < studies {
		require.True(w.t, w.events.Scan(), "it ended after %v", done)
		var e eventJSON
		require.NoError(w.t, json.Unmarshal(w.events.Bytes(), &e))
		at, err := time.Parse(time.RFC3339, e.Time)
		require.NoError(w.t, err)
		if e.Kind == "synced" && at.After(moment) {
			done[e.StudyKey] = true
		}
	}
}

// holders are how many studies each worker holds, by what the command says.
func (s *shell) holders(url string) (studies []int) {
	var all []statusJSON
	s.json(&all, "cache", "status", "--database", url)
	held := map[string]int{}
	for _, one := range all {
		if one.HeldBy != "" {
			held[one.HeldBy]++
		}
	}
	for _, n := range held {
		studies = append(studies, n)
	}
	return studies
}

// TestWorkersDivideStudies: one worker keeps all, two keep half each, one that is killed loses its half to the other,
// and one that is told to end gives everything back.
func TestWorkersDivideStudies(t *testing.T) {
	url := postgrestest.URL(t)
	var studies []*imednettest.Study
	for i := range 4 {
		studies = append(studies, imednettest.Generate(imednettest.GenerateOptions{StudyKey: fmt.Sprint("S", i), Records: 40}))
	}
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(studies...)))
	first := s.shareStudies(url, "--studies", "all")
	first.syncs(4)
	require.Equal(t, []int{4}, s.holders(url))

	second := s.shareStudies(url, "--studies", "all")
	second.syncs(2)
	require.Equal(t, []int{2, 2}, s.holders(url))
	require.Contains(t, s.ok("cache", "status", "--database", url), "HELD BY")

	require.NoError(t, second.cmd.Process.Kill())
	require.Error(t, second.cmd.Wait())
	first.syncsAfter(time.Now(), 4)
	require.Equal(t, []int{4}, s.holders(url))

	require.NoError(t, first.cmd.Process.Signal(syscall.SIGTERM))
	for first.events.Scan() {
		continue
	}
	require.NoError(t, first.cmd.Wait())
	require.Empty(t, s.holders(url))
	for _, study := range studies {
		require.Contains(t, s.ok("cache", "verify", study.Key(), "--database", url), "40 records compared: 40 equal")
	}
}

// TestWorkersShareNamedStudies as they share all, and --studies has one meaning.
func TestWorkersShareNamedStudies(t *testing.T) {
	url := postgrestest.URL(t)
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "S", Records: 40})
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(study)))
	w := s.shareStudies(url, "S")
	w.syncs(1)
	require.NoError(t, w.cmd.Process.Signal(syscall.SIGTERM))
	for w.events.Scan() {
		continue
	}
	require.NoError(t, w.cmd.Wait())
	for _, wrong := range []string{"--studies all", "--studies some --database " + url, "--studies all S --database " + url, "--studies all --once --database " + url, "S --lease 1ms --database " + url} {
		s.run(exitUsage, append([]string{"worker"}, strings.Fields(wrong)...)...)
	}
}

func TestHoldersAsMetrics(t *testing.T) {
	var text strings.Builder
	writeHolders(&text, map[string]string{"B": `h"1`, "A": "h:2"})
	require.Equal(t, `# HELP imednet_study_held Which worker holds a study.
# TYPE imednet_study_held gauge
imednet_study_held{study="A",holder="h:2"} 1
imednet_study_held{study="B",holder="h\"1"} 1
`, text.String())
}
