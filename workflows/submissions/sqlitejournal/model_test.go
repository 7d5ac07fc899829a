package sqlitejournal_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestModel runs random schedules: one to three processes over one journal submit, resume, send again
// and discard; each may be killed or interrupted at any of its steps; requests are lost, refused by
// gateways, answered by the wrong party, or answered 429 after they were processed; results of jobs are
// crossed, swapped, turned round or shortened; jobs complete, fail, hang, reject and store late; listings
// lag behind for as long as the settle delay; clocks jump. After each, what stands on the server is
// compared with what the journal and the users were told, record by record.
//
// A schedule that fails prints its seed; IMEDNET_SEED replays it, or a range such as 300-599. 150 are run,
// 20,000 with IMEDNET_LONG=1. A third of them use a file, some PostgreSQL if there is a server, the others a
// journal in memory, which obeys the same contract.
func TestModel(t *testing.T) {
	from, to := seeds(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // one process runs at a time anyway, and takes turns cheaply so
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	start := time.Now()
	seen := tally{}
	for seed := from; seed <= to; seed++ {
		ok := t.Run(fmt.Sprint(seed), func(t *testing.T) { seen.add(runSchedule(t, seed)) })
		if !ok {
			t.Fatalf("replay it with IMEDNET_SEED=%d", seed)
		}
	}
	t.Logf("seeds %d to %d in %v; what the schedules met: %v", from, to, time.Since(start).Round(time.Second), seen)
	if to-from >= 149 { // few schedules need not meet everything
		seen.requireVariety(t)
	}
}

// seeds are the first and the last seed to run.
func seeds(t *testing.T) (from, to uint64) {
	switch text := os.Getenv("IMEDNET_SEED"); {
	case text != "":
		first, last, isRange := strings.Cut(text, "-")
		if !isRange {
			last = first
		}
		return seed(t, first), seed(t, last)
	case os.Getenv("IMEDNET_LONG") == "1":
		return 0, 19_999
	case testing.Short():
		return 0, 39
	}
	return 0, 149
}

func seed(t *testing.T, text string) uint64 {
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, "IMEDNET_SEED")
	return n
}

// runSchedule plays one schedule and checks what came of it.
func runSchedule(t *testing.T, seed uint64) tally {
	place := "memory"
	switch seed % 15 {
	case 0, 3, 6, 9, 12:
		place = "file"
	case 1:
		place = "server"
	}
	w := newWorld(t, rand.New(rand.NewPCG(seed, 16)), place)
	w.play()
	w.check()
	w.settleInPeace()
	w.check()
	w.checkPeace()
	return w.tally
}
