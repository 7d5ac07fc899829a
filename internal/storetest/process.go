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

func command(t testing.TB, path, name string, rounds int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = append(os.Environ(), childPath+"="+path, childName+"="+name, fmt.Sprintf("%s=%d", childSize, rounds))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return cmd, bufio.NewScanner(out)
}

// RunWriters runs writing processes of the given names side by side and returns what each says is
// stored. None may fail.
func RunWriters(t *testing.T, path string, rounds int, names ...string) []string {
	t.Helper()
	var mu sync.Mutex
	var acked []string
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		cmd, lines := command(t, path, name, rounds)
		wg.Go(func() {
			for lines.Scan() {
				mu.Lock()
				acked = append(acked, lines.Text())
				mu.Unlock()
			}
			errs[i] = errors.Join(lines.Err(), cmd.Wait())
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
		cmd, lines := command(t, path, fmt.Sprintf("p%d", i), 0)
		for n := random.IntN(13); n > 0 && lines.Scan(); n-- {
			acked = append(acked, lines.Text())
		}
		for range random.IntN(1 << random.IntN(25)) {
			random.Uint64() // lets the process get somewhere, from nanoseconds to its start's duration
		}
		require.NoError(t, cmd.Process.Kill())
		for lines.Scan() { // what it said before it died
			acked = append(acked, lines.Text())
		}
		require.Error(t, cmd.Wait(), "the process ended before it was killed")
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
