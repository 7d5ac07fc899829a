package filelock

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAClaimLeavesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "work", "claim")
	first, held, err := TryClaim(path)
	require.NoError(t, err)
	require.True(t, held)
	_, held, err = TryClaim(path)
	require.NoError(t, err)
	require.False(t, held)
	require.NoError(t, first.Release())
	require.NoFileExists(t, path)
	again, held, err := TryClaim(path)
	require.NoError(t, err)
	require.True(t, held)
	require.NoError(t, again.Release())
}

// TestOneClaimAtATime: removing the file must not let two hold the claim.
func TestOneClaimAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "work", "claim")
	var holders, claims atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				c, held, err := TryClaim(path)
				if err != nil {
					t.Error(err)
					return
				}
				if !held {
					continue
				}
				claims.Add(1)
				if holders.Add(1) > 1 {
					t.Error("two hold the claim")
				}
				holders.Add(-1)
				if err := c.Release(); err != nil {
					t.Error(err)
				}
				_ = os.Remove(filepath.Dir(path))
			}
		})
	}
	all.Wait()
	require.Positive(t, claims.Load())
}
