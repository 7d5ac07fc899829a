package triage_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/triage/triagetest"
)

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "triage.sqlite3") }

// open opens a store with a clock and ids that repeat; it is closed when the test ends.
func open(t testing.TB, path string, opts ...triage.Option) *triage.TriageStore {
	t.Helper()
	opts = append([]triage.Option{triage.WithClock(storetest.NewClock()), triage.WithIDs(storetest.Counter("id"))}, opts...)
	s, err := triage.NewTriageStore(context.Background(), path, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestContract(t *testing.T) {
	triagetest.TestStore(t, func(t *testing.T, clock imednet.Clock) triagetest.Store {
		return open(t, newPath(t), triage.WithClock(clock), triage.WithSeverities(triagetest.Scale()...))
	})
}
