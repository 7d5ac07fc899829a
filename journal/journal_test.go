package journal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/journal"
	"github.com/imednetgo/imednet/workflows"
)

var _ workflows.Journal = (*journal.Journal)(nil)

func open(t testing.TB, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), path, journal.WithClock(imednettest.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j
}

func entry(id string) imednet.JournalEntry {
	return imednet.JournalEntry{ID: id, StudyKey: "S1", State: imednet.JournalPrepared, Payload: []byte(`[{"formKey":"AE","data":{"N":1.50}}]`), Items: 1, PreparedAt: time.Date(2026, 1, 1, 0, 0, 0, 5, time.UTC)}
}

func TestEntriesSurviveEveryStep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "private", "journal.sqlite3")
	j := open(t, path)
	require.NoError(t, j.Prepare(t.Context(), []imednet.JournalEntry{entry("a"), entry("b")}))
	require.Error(t, j.Prepare(t.Context(), []imednet.JournalEntry{entry("c"), entry("a")}), "an id that exists")

	e := entry("a")
	e.State, e.SentAt, e.ServerTime = imednet.JournalSending, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), true
	require.NoError(t, j.Advance(t.Context(), e, imednet.JournalPrepared))
	require.ErrorIs(t, j.Advance(t.Context(), e, imednet.JournalPrepared), journal.ErrConflict, "nobody takes a step twice")
	e.State, e.BatchID = imednet.JournalAccepted, "B1"
	require.NoError(t, j.Advance(t.Context(), e, imednet.JournalSending))

	again := open(t, path)
	entries, err := again.Open(t.Context(), "S1")
	require.NoError(t, err)
	require.Equal(t, []imednet.JournalEntry{e, entry("b")}, entries)

	e.State, e.JobState, e.Closed = imednet.JournalConfirmed, "completed", true
	require.NoError(t, again.Advance(t.Context(), e, imednet.JournalAccepted))
	entries, err = j.Open(t.Context(), "S1")
	require.NoError(t, err)
	require.Equal(t, []imednet.JournalEntry{entry("b")}, entries)
	got, err := j.Entry(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, e, got)
	_, err = j.Entry(t.Context(), "zz")
	require.ErrorIs(t, err, imednet.ErrNotFound)

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
}

func TestBadArgumentsAreNamed(t *testing.T) {
	_, err := journal.Open(t.Context(), "")
	require.ErrorContains(t, err, "must name a file")
	_, err = journal.Open(t.Context(), "x", journal.WithClock(nil))
	require.ErrorContains(t, err, "clock is nil")
}
