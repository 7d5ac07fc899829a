package ledger

import (
	"context"
	"iter"
	"sync"
)

// MemoryStore stores a ledger in memory, for tests and for jobs that always start from the
// beginning.
type MemoryStore struct {
	limit  int // of the history; 0: none
	mu     sync.Mutex
	state  LedgerState
	runs   []Run // oldest first
	locked map[Key]bool
}

var _ Store = (*MemoryStore)(nil)

// NewMemoryStore returns an empty store.
func NewMemoryStore(opts ...StoreOption) (*MemoryStore, error) {
	cfg, err := newStoreConfig(opts)
	if err != nil {
		return nil, wrap("new memory store", Key{}, err)
	}
	return &MemoryStore{limit: cfg.historyLimit, locked: map[Key]bool{}}, nil
}

// Load returns a copy of the state.
func (m *MemoryStore) Load(ctx context.Context) (LedgerState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.Clone(), context.Cause(ctx)
}

// Commit implements [Store].
func (m *MemoryStore) Commit(ctx context.Context, c Commit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	next := m.state.Clone()
	if err := next.apply(c.Changes); err != nil {
		return wrap("commit", Key{}, err)
	}
	last := tailOf(backwards(m.runs), len(m.runs))
	runs, _, err := chain(last, last.oldest(surplus(len(m.runs)+len(c.Runs), m.limit)), c.Runs)
	if err != nil {
		return wrap("commit", Key{}, err)
	}
	m.state = next
	for _, r := range runs {
		r.Metadata = r.Metadata.clone()
		m.runs = append(m.runs, r)
	}
	m.runs = m.runs[surplus(len(m.runs), m.limit):]
	return nil
}

// TryLock implements [Store].
func (m *MemoryStore) TryLock(_ context.Context, k Key) (func() error, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locked[k] {
		return nil, false, nil
	}
	m.locked[k] = true
	return func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.locked, k)
		return nil
	}, true, nil
}

// Runs implements [Store].
func (m *MemoryStore) Runs(ctx context.Context, f RunFilter) iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		m.mu.Lock()
		runs := m.runs[:len(m.runs):len(m.runs)]
		m.mu.Unlock()
		yieldNewestFirst(ctx, runs, f, yield)
	}
}

// yieldNewestFirst yields the runs that match, from the end.
func yieldNewestFirst(ctx context.Context, oldestFirst []Run, f RunFilter, yield func(Run, error) bool) {
	given := 0
	for i := len(oldestFirst) - 1; i >= 0 && (f.Limit <= 0 || given < f.Limit); i-- {
		if ctx.Err() != nil {
			yield(Run{}, context.Cause(ctx))
			return
		}
		r := oldestFirst[i]
		if !f.match(r) {
			continue
		}
		given++
		r.Metadata = r.Metadata.clone()
		if !yield(r, nil) {
			return
		}
	}
}
