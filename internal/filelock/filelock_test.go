package filelock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// jumpClock sleeps by moving its hand.
type jumpClock struct{ now time.Time }

func (c *jumpClock) Now() time.Time { return c.now }

func (c *jumpClock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return context.Cause(ctx)
}

func TestModesExcludeAsTheySay(t *testing.T) {
	for _, c := range []struct {
		first, second Mode
		together      bool
	}{{Exclusive, Exclusive, false}, {Exclusive, Shared, false}, {Shared, Exclusive, false}, {Shared, Shared, true}} {
		path := filepath.Join(t.TempDir(), "dir", "x.lock")
		a, ok, err := Try(path, c.first)
		require.NoError(t, err)
		require.True(t, ok)
		b, ok, err := Try(path, c.second)
		require.NoError(t, err)
		require.Equal(t, c.together, ok)
		if ok {
			require.NoError(t, b.Release())
		}
		require.NoError(t, a.Release())
		b, ok, err = Try(path, c.second)
		require.NoError(t, err)
		require.True(t, ok, "free again after Release")
		require.NoError(t, b.Release())
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.EqualValues(t, 0o600, info.Mode().Perm())
	}
}

func TestAcquireGivesUpAfterItsTimeout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	held, err := Acquire(t.Context(), path, Exclusive, 0, imednet.SystemClock())
	require.NoError(t, err)
	defer func() { require.NoError(t, held.Release()) }()
	clock := &jumpClock{now: time.Unix(0, 0)}
	_, err = Acquire(t.Context(), path, Exclusive, 30*time.Second, clock)
	require.ErrorIs(t, err, ErrTimeout)
	require.Equal(t, 30*time.Second, clock.now.Sub(time.Unix(0, 0)))
}

func TestAcquireEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	held, err := Acquire(t.Context(), path, Exclusive, 0, imednet.SystemClock())
	require.NoError(t, err)
	defer func() { require.NoError(t, held.Release()) }()
	why := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	_, err = Acquire(ctx, path, Exclusive, time.Hour, imednet.SystemClock())
	require.ErrorIs(t, err, why)
}
