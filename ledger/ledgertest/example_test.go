package ledgertest_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/ledger/ledgertest"
)

// countedStore is a store of one's own: it keeps marks in memory and counts what is written.
type countedStore struct {
	*ledger.MemoryStore
	commits atomic.Int64
}

func (s *countedStore) Commit(ctx context.Context, c ledger.Commit) error {
	s.commits.Add(1)
	return s.MemoryStore.Commit(ctx, c)
}

func openCounted(t *testing.T, _ string) ledger.Store {
	memory, err := ledger.NewMemoryStore()
	if err != nil {
		t.Fatal(err)
	}
	return &countedStore{MemoryStore: memory}
}

// ExampleTestStore is the body of a test of one's own. Volatile, because this store keeps nothing in
// the folder that it is given.
func ExampleTestStore() {
	TestCountedStore := func(t *testing.T) {
		ledgertest.TestStore(t, ledgertest.Config{Open: openCounted, Volatile: true})
	}
	_ = TestCountedStore
}

func TestAStoreOfOnesOwn(t *testing.T) {
	ledgertest.TestStore(t, ledgertest.Config{Open: openCounted, Volatile: true})
}
