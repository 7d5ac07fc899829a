package ledger_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
)

// A run after a clock was corrected has the time of the run before it, with the clock's own reading beside it, and the
// history is intact.
func TestTimesOfRunsNeverFall(t *testing.T) {
	dir := t.TempDir()
	sqlite, err := ledger.OpenSQLite(t.Context(), filepath.Join(dir, "l.sqlite3"))
	require.NoError(t, err)
	defer sqlite.Close()
	memory, err := ledger.NewMemoryStore()
	require.NoError(t, err)
	for name, store := range map[string]ledger.Store{"file": openFile(t, filepath.Join(dir, "l.json")), "SQLite": sqlite, "memory": memory} {
		t.Run(name, func(t *testing.T) {
			clock := &fakeClock{now: noon}
			l := newLedger(t, store, ledger.WithClock(clock))
			at := func(ahead time.Duration, stream string) {
				clock.now = noon.Add(ahead)
				require.NoError(t, l.Advance(t.Context(), "S", stream, imednet.Watermark{Time: noon, Records: 1}))
			}
			at(24*time.Hour, "records")
			at(0, "queries")
			at(time.Hour, "records")
			at(25*time.Hour, "queries")
			var ended, read []time.Duration
			for r, err := range l.Runs(context.Background(), ledger.RunFilter{}) {
				require.NoError(t, err)
				ended = append(ended, r.EndedAt.Sub(noon).Truncate(time.Hour))
				if !r.Clock.IsZero() {
					read = append(read, r.Clock.Sub(noon).Truncate(time.Hour))
				}
			}
			require.Equal(t, []time.Duration{25 * time.Hour, 24 * time.Hour, 24 * time.Hour, 24 * time.Hour}, ended)
			require.Equal(t, []time.Duration{time.Hour, 0}, read)
			v, err := l.Verify(t.Context(), ledger.VerifyOptions{})
			require.NoError(t, err)
			require.Equal(t, "4 runs, 2 entries: intact", v.String())
		})
	}
}

// What nobody can see is no reason.
func TestAReasonIsSeen(t *testing.T) {
	l := newLedger(t, openFile(t, filepath.Join(t.TempDir(), "l.json")))
	require.NoError(t, l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon, Records: 1}))
	for _, reason := range []string{"", " \t", "\u200b", "\u2060 \u00ad"} {
		_, err := l.DeleteEntry(t.Context(), "S", "records", ledger.DeleteOptions{Reason: reason})
		require.ErrorAs(t, err, new(*imednet.ValidationError), "%q", reason)
		err = l.SetLastTimestamp(t.Context(), "S", "records", noon.Add(-time.Hour), ledger.SetOptions{AllowBackward: true, Reason: reason})
		require.ErrorAs(t, err, new(*imednet.ValidationError), "%q", reason)
	}
}
