package ledger_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/ledger"
)

// stressTask is the share of the work of one process.
type stressTask struct {
	Path  string
	Times int
}

const (
	stressProcesses  = 3
	stressGoroutines = 20
	stressStreams    = 4
)

func TestMain(m *testing.M) { childtest.Main(m, countUp) }

// countUp moves marks on by one second a transaction, from many goroutines.
func countUp(ctx context.Context, task stressTask, _ childtest.Say) error {
	store, closeStore, err := openStress(task.Path, ledger.WithCommitTimeout(10*time.Minute), ledger.WithHistoryLimit(1000))
	if err != nil {
		return err
	}
	defer closeStore()
	l, err := ledger.NewExtractionStateLedger(store, ledger.WithLockTimeout(10*time.Minute))
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make(chan error, stressGoroutines)
	for g := range stressGoroutines {
		wg.Go(func() {
			for range task.Times {
				err := l.Transaction(ctx, "S", fmt.Sprint(g%stressStreams), noon, func(_ context.Context, tx *ledger.Tx) error {
					tx.NewTimestamp = tx.LastTimestamp.Add(time.Second)
					return nil
				})
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// TestManyProcessesLoseNoUpdate runs 20 goroutines in each of 3 processes on one file, 500
// transactions each with IMEDNET_LONG=1, while this one reads: no update is lost, and the file is
// never torn.
func TestManyProcessesLoseNoUpdate(t *testing.T) {
	times := 6
	if os.Getenv("IMEDNET_LONG") == "1" {
		times = 500
	}
	for _, name := range stressNames {
		t.Run(name, func(t *testing.T) { stress(t, filepath.Join(t.TempDir(), name), times) })
	}
}

// stress starts the processes on one file and reads it until they are done.
func stress(t *testing.T, path string, times int) {
	started := time.Now()
	done := make(chan error, stressProcesses)
	for range stressProcesses {
		p := childtest.Start(t, stressTask{path, times})
		go func() { done <- p.Wait() }()
	}
	store, closeStore, err := openStress(path)
	require.NoError(t, err)
	defer closeStore()
	l, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	reads := 0
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for running := stressProcesses; running > 0; reads++ {
		select {
		case err := <-done:
			require.NoError(t, err)
			running--
		case <-tick.C:
		}
		_, err := l.ReadState(t.Context())
		require.NoError(t, err, "the file is torn")
	}
	total := 0
	for stream := range stressStreams {
		mark, _, err := l.LastTimestamp(t.Context(), "S", fmt.Sprint(stream))
		require.NoError(t, err)
		total += int(mark.Sub(noon) / time.Second)
	}
	require.Equal(t, stressProcesses*stressGoroutines*times, total)
	t.Logf("%d transactions of %d processes with %d reads beside them: %v", total, stressProcesses, reads, time.Since(started).Round(time.Millisecond))
}
