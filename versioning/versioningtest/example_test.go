package versioningtest_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/versioning/versioningtest"
)

// countedStore is a store of one's own: it wraps the library's and counts the commits.
type countedStore struct {
	*versioning.ConfigVersionStore
	commits atomic.Int64
}

func (s *countedStore) CommitConfig(ctx context.Context, study string, c *imednet.StudyConfiguration, o versioning.CommitOptions) (versioning.Entry, error) {
	entry, err := s.ConfigVersionStore.CommitConfig(ctx, study, c, o)
	if err == nil {
		s.commits.Add(1)
	}
	return entry, err
}

func openCounted(t *testing.T, clock imednet.Clock) versioningtest.Store {
	store, err := versioning.NewConfigVersionStore(t.Context(), filepath.Join(t.TempDir(), "store.db"), versioning.WithClock(clock))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &countedStore{ConfigVersionStore: store}
}

// ExampleTestStore is the body of a test of one's own.
func ExampleTestStore() {
	TestCountedStore := func(t *testing.T) { versioningtest.TestStore(t, openCounted) }
	_ = TestCountedStore
}

func TestAStoreOfOnesOwn(t *testing.T) { versioningtest.TestStore(t, openCounted) }
