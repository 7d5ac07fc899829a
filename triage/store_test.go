package triage_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/triage"
)

// tick is a clock that moves by a second whenever it is read.
type tick struct {
	mu  sync.Mutex
	now time.Time
}

func newTick() *tick { return &tick{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)} }

func (c *tick) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

func (c *tick) Sleep(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return context.Cause(ctx)
}

func (c *tick) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// counter yields id-1, id-2 …
func counter(prefix string) func() (string, error) {
	var mu sync.Mutex
	n := 0
	return func() (string, error) {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("%s-%d", prefix, n), nil
	}
}

func open(t testing.TB, path string, opts ...triage.Option) *triage.TriageStore {
	t.Helper()
	opts = append([]triage.Option{triage.WithClock(newTick()), triage.WithIDs(counter("id"))}, opts...)
	s, err := triage.NewTriageStore(context.Background(), path, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func path(t testing.TB) string { return filepath.Join(t.TempDir(), "triage.sqlite3") }

func TestReview(t *testing.T) {
	ctx := t.Context()
	s := open(t, path(t))
	item, err := s.UpsertItem(ctx, triage.ItemUpsert{ItemID: "a", StudyKey: "S", UserID: "u", Severity: "HIGH"})
	require.NoError(t, err)
	item, err = s.UpdateStatus(ctx, triage.StatusUpdate{ItemID: "a", Version: item.Version, To: triage.StatusUnderReview, UserID: "u"})
	require.NoError(t, err)
	item, err = s.AddAnnotation(ctx, triage.Comment{ItemID: "a", UserID: "u", Text: " looks real "})
	require.NoError(t, err)
	item, err = s.UpdateStatus(ctx, triage.StatusUpdate{ItemID: "a", Version: item.Version, To: triage.StatusResolved, UserID: "u"})
	require.NoError(t, err)
	require.Len(t, item.History, 2)
	require.Len(t, item.Annotations, 1)
	v, err := s.Verify(ctx, triage.VerifyOptions{})
	require.NoError(t, err, "%+v", v)
	for _, o := range []triage.Order{"", triage.OrderAge, triage.OrderDue, triage.OrderSeverity} {
		page, err := s.Queue(ctx, triage.QueueOptions{StudyKey: "S", Order: o})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
	}
}
