package versioning_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

func TestMain(m *testing.M) { storetest.Main(m, write) }

// write lets goroutines commit configurations of their own to two studies that all share. It
// acknowledges the hash of each entry.
func write(ctx context.Context, path, name string, rounds int, ack childtest.Say) error {
	s, err := versioning.NewConfigVersionStore(ctx, path)
	if err != nil {
		return err
	}
	workers := 6
	if name == "p3" {
		workers = 4 // 6 + 6 + 4 = 16 writers
	}
	var wg sync.WaitGroup
	errs := make([]error, workers)
	for i := range workers {
		wg.Go(func() {
			user := fmt.Sprintf("%s-%d", name, i)
			for round := 0; (rounds == 0 || round < rounds) && errs[i] == nil; round++ {
				study := fmt.Sprintf("S%d", round%2)
				body := config(study, rule("aeTerm", fmt.Sprintf("%s-%d", user, round)))
				var e versioning.Entry
				e, errs[i] = s.CommitConfig(ctx, study, body, versioning.CommitOptions{Author: user, Reason: "round", AllowRollback: true})
				ack(e.Hash)
			}
		})
	}
	wg.Wait()
	return errors.Join(append(errs, s.Close())...)
}

// checkAcked demands an unbroken store that has every entry that was acknowledged.
func checkAcked(t *testing.T, path string, acked []string) {
	t.Helper()
	s, err := versioning.NewConfigVersionStore(t.Context(), path)
	require.NoError(t, err)
	defer s.Close()
	v, err := s.Verify(t.Context(), versioning.VerifyOptions{})
	require.NoError(t, err, "%v", v.Problems)
	stored := map[string]bool{}
	for _, study := range []string{"S0", "S1"} {
		for _, e := range history(t, s, study) {
			require.NoError(t, e.Fault)
			stored[e.Hash] = true
		}
	}
	for _, hash := range acked {
		require.True(t, stored[hash], "acknowledged and lost: %s", hash)
	}
}

func TestSixteenWritersInThreeProcesses(t *testing.T) {
	path := newPath(t)
	acked := storetest.RunWriters(t, path, storetest.Rounds(), "p1", "p2", "p3")
	require.Len(t, acked, 16*storetest.Rounds())
	checkAcked(t, path, acked)
}

func TestKilledWritersLoseNothing(t *testing.T) {
	path := newPath(t)
	storetest.KillWriters(t, path, storetest.Kills(), func(acked []string) { checkAcked(t, path, acked) })
}
