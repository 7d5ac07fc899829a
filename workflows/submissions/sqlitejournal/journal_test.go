package sqlitejournal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

var _ submissions.Journal = (*sqlitejournal.Journal)(nil)

func open(t testing.TB, path string) *sqlitejournal.Journal {
	t.Helper()
	j, err := sqlitejournal.Open(t.Context(), path, sqlitejournal.WithClock(imednettest.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j
}

func entry(id string) submissions.Entry {
	return submissions.Entry{ID: id, StudyKey: "S1", State: submissions.Prepared, Payload: []byte(`[{"formKey":"AE","data":{"N":1.50}}]`), Items: 1, PreparedAt: time.Date(2026, 1, 1, 0, 0, 0, 5, time.UTC)}
}

func TestEntriesSurviveEveryStep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "private", "journal.sqlite3")
	j := open(t, path)
	require.NoError(t, j.Prepare(t.Context(), []submissions.Entry{entry("a"), entry("b")}))
	require.Error(t, j.Prepare(t.Context(), []submissions.Entry{entry("c"), entry("a")}), "an id that exists")

	e := entry("a")
	e.State, e.SentAt, e.ServerTime = submissions.Sending, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), true
	require.NoError(t, j.Advance(t.Context(), e, submissions.Prepared))
	require.ErrorIs(t, j.Advance(t.Context(), e, submissions.Prepared), sqlitejournal.ErrConflict, "nobody takes a step twice")
	e.State, e.BatchID = submissions.Accepted, "B1"
	require.NoError(t, j.Advance(t.Context(), e, submissions.Sending))

	again := open(t, path)
	entries, err := again.Open(t.Context(), "S1")
	require.NoError(t, err)
	require.Equal(t, []submissions.Entry{e, entry("b")}, entries)

	e.State, e.JobState, e.Closed = submissions.Confirmed, "completed", true
	require.NoError(t, again.Advance(t.Context(), e, submissions.Accepted))
	entries, err = j.Open(t.Context(), "S1")
	require.NoError(t, err)
	require.Equal(t, []submissions.Entry{entry("b")}, entries)
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
	_, err := sqlitejournal.Open(t.Context(), "")
	require.ErrorContains(t, err, "must name a file")
	_, err = sqlitejournal.Open(t.Context(), "x", sqlitejournal.WithClock(nil))
	require.ErrorContains(t, err, "is nil")
}
