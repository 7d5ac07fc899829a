package sqlitejournal_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// TestModel runs random schedules: one to three processes over one journal file submit, resume and
// send again; each may be killed at any of its steps; requests are lost, refused by gateways or
// answered by the wrong party; jobs complete, fail, hang, reject and store late; clocks jump. After
// each, what stands on the server is compared with what the journal and the users were told, record
// by record.
//
// A schedule that fails prints its seed; IMEDNET_SEED replays it. 300 are run, 20,000 with
// IMEDNET_LONG=1.
func TestModel(t *testing.T) {
	if text := os.Getenv("IMEDNET_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		runSchedule(t, seed)
		return
	}
	schedules := uint64(300)
	if os.Getenv("IMEDNET_LONG") == "1" {
		schedules = 20_000
	}
	if testing.Short() {
		schedules = 40
	}
	seen := tally{}
	for seed := range schedules {
		ok := t.Run(fmt.Sprint(seed), func(t *testing.T) { seen.add(runSchedule(t, seed)) })
		if !ok {
			t.Fatalf("replay it with IMEDNET_SEED=%d", seed)
		}
	}
	t.Log("what the schedules met:", seen)
	if !testing.Short() { // few schedules need not meet everything
		seen.requireVariety(t)
	}
}

// runSchedule plays one schedule and checks what came of it.
func runSchedule(t *testing.T, seed uint64) tally {
	w := newWorld(t, rand.New(rand.NewPCG(seed, 16)))
	w.play()
	w.check()
	w.settleInPeace()
	w.check()
	w.checkPeace()
	return w.tally
}
