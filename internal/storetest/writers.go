package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/childtest"
)

// Writer writes to the file at path: rounds times, or until it is killed when rounds is 0. It calls
// ack, from any goroutine, whenever the store has said that something is written.
type Writer func(ctx context.Context, path, name string, rounds int, ack childtest.Say) error

// writing is the task of a writing process.
type writing struct {
	Path, Name string
	Rounds     int
}

// Main runs the tests, or the writer when the binary was started as a writing process. TestMain
// calls it.
func Main(m *testing.M, w Writer) {
	childtest.Main(m, func(ctx context.Context, task writing, ack childtest.Say) error {
		return w(ctx, task.Path, task.Name, task.Rounds, ack)
	})
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
		p := childtest.Start(t, writing{path, name, rounds})
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
		p := childtest.Start(t, writing{path, fmt.Sprintf("p%d", i), 0})
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
