package storetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// The environment of a test binary that plays another process.
const (
	childPath = "IMEDNET_STORE_CHILD"
	childName = "IMEDNET_STORE_CHILD_NAME"
	childSize = "IMEDNET_STORE_CHILD_SIZE"
)

// Ack reports to the parent process that something is stored.
type Ack func(what string)

// Writer writes to the file at path: rounds times, or until it is killed when rounds is 0. It calls
// ack, from any goroutine, whenever the store has said that something is written.
type Writer func(ctx context.Context, path, name string, rounds int, ack Ack) error

// Main runs the tests, or the writer when the binary was started as a writing process. TestMain
// calls it.
func Main(m *testing.M, w Writer) {
	path := os.Getenv(childPath)
	if path == "" {
		os.Exit(m.Run())
	}
	var rounds int
	fmt.Sscan(os.Getenv(childSize), &rounds)
	var mu sync.Mutex
	ack := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		io.WriteString(os.Stdout, what+"\n")
	}
	if err := w(context.Background(), path, os.Getenv(childName), rounds, ack); err != nil {
		io.WriteString(os.Stderr, err.Error()+"\n")
		os.Exit(1)
	}
	os.Exit(0)
}

// Process is a writing process.
type Process struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

// Start starts a writing process, which the end of the test kills.
func Start(t testing.TB, path, name string, rounds int) *Process {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = append(os.Environ(), childPath+"="+path, childName+"="+name, fmt.Sprintf("%s=%d", childSize, rounds))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return &Process{cmd, bufio.NewScanner(out)}
}

// Next waits for the next thing that the process says is stored; ok is false when it says no more.
func (p *Process) Next() (what string, ok bool) {
	ok = p.lines.Scan()
	return p.lines.Text(), ok
}

// Kill kills the process (SIGKILL) and returns what it said before it died and nobody had read.
func (p *Process) Kill(t testing.TB) (rest []string) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Kill())
	for p.lines.Scan() {
		rest = append(rest, p.lines.Text())
	}
	require.Error(t, p.cmd.Wait(), "the process ended before it was killed")
	return rest
}

// Wait waits for the end of the process.
func (p *Process) Wait() error { return errors.Join(p.lines.Err(), p.cmd.Wait()) }

// RunWriters runs writing processes of the given names side by side and returns what each says is
// stored. None may fail.
func RunWriters(t *testing.T, path string, rounds int, names ...string) []string {
	t.Helper()
	var mu sync.Mutex
	var acked []string
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		p := Start(t, path, name, rounds)
		wg.Go(func() {
			for what, ok := p.Next(); ok; what, ok = p.Next() {
				mu.Lock()
				acked = append(acked, what)
				mu.Unlock()
			}
			errs[i] = p.Wait()
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	return acked
}

// KillWriters starts a writing process again and again and kills it (SIGKILL) after a random number
// of writes, wherever the next one is by then. After each death it calls check with everything that
// any of them said was stored.
func KillWriters(t *testing.T, path string, times int, check func(acked []string)) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var acked []string
	for i := range times {
		p := Start(t, path, fmt.Sprintf("p%d", i), 0)
		for range random.IntN(13) {
			what, ok := p.Next()
			if !ok {
				break
			}
			acked = append(acked, what)
		}
		for range random.IntN(1 << random.IntN(25)) {
			random.Uint64() // lets the process get somewhere, from nanoseconds to its start's duration
		}
		acked = append(acked, p.Kill(t)...)
		check(acked)
	}
}

// Kills is how often a process is killed: 25 times, or 100 with IMEDNET_LONG=1.
func Kills() int { return longer(25, 100) }

// Rounds is how often each of many writers writes: 25 times, or 150 with IMEDNET_LONG=1.
func Rounds() int { return longer(25, 150) }

func longer(short, long int) int {
	if os.Getenv("IMEDNET_LONG") == "1" {
		return long
	}
	return short
}
