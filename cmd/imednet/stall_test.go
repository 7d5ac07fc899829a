package main

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// stalled is a server that stops answering at a chosen request, for commands that are interrupted
// in the middle.
type stalled struct {
	*shell
	server *imednettest.Server
	study  *imednettest.Study
}

// severalPages is how many records four pages have.
const severalPages = 1600

// newStalled serves a study of several pages.
func newStalled(t *testing.T) *stalled { return newStalledAt(t, severalPages) }

// newStalledAt serves a study of so many records.
func newStalledAt(t *testing.T, records int) *stalled {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OWN", Records: records})
	server := imednettest.NewServer(study)
	return &stalled{newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, server)), server, study}
}

// at is a request: the one after skip others of the same path.
type at struct {
	path string
	skip int
}

// stall hangs from that request on and returns a channel that is closed when it arrives.
func (s *stalled) stall(where at) <-chan struct{} {
	held := make(chan struct{})
	var arrived atomic.Int64
	s.server.Inject(imednettest.Fault{Path: where.path, Times: -1, Hang: true, Match: func(imednettest.Request) bool {
		n := arrived.Add(1) - int64(where.skip)
		if n == 1 {
			close(held)
		}
		return n >= 1
	}})
	return held
}

// flow lets everything through again.
func (s *stalled) flow() {
	s.server.ClearFaults()
}

// interrupt runs a command, sends it a signal when it is held, and returns what it printed.
func (s *stalled) interrupt(held <-chan struct{}, signal os.Signal, args ...string) (code int, out, problem string) {
	s.t.Helper()
	var stdout, stderr strings.Builder
	cmd := s.command(args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(s.t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-held:
	case err := <-ended:
		require.FailNow(s.t, "ended before it was interrupted", "%v: %v\n%s%s", args, err, stdout.String(), stderr.String())
	}
	require.NoError(s.t, cmd.Process.Signal(signal))
	<-ended
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}
