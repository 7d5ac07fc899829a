package triagetest_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/triage/triagetest"
)

// countedStore is a store of one's own: it wraps the library's and counts what is resolved.
type countedStore struct {
	*triage.TriageStore
	resolved atomic.Int64
}

func (s *countedStore) UpdateStatus(ctx context.Context, u triage.StatusUpdate) (triage.Item, error) {
	item, err := s.TriageStore.UpdateStatus(ctx, u)
	if err == nil && item.Status == triage.StatusResolved {
		s.resolved.Add(1)
	}
	return item, err
}

func openCounted(t *testing.T, clock imednet.Clock) triagetest.Store {
	store, err := triage.NewTriageStore(t.Context(), filepath.Join(t.TempDir(), "store.db"), triage.WithClock(clock), triage.WithSeverities(triagetest.Scale()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &countedStore{TriageStore: store}
}

// ExampleTestStore is the body of a test of one's own.
func ExampleTestStore() {
	TestCountedStore := func(t *testing.T) { triagetest.TestStore(t, openCounted) }
	_ = TestCountedStore
}

func TestAStoreOfOnesOwn(t *testing.T) { triagetest.TestStore(t, openCounted) }
