package sqlitejournal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

var other = submissions.Lease{Holder: "bert", For: time.Minute}

// TestADeadProcessHasNoLease: a process that was killed on this computer loses its lease at once, and one
// that lives keeps it.
func TestADeadProcessHasNoLease(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	server := imednettest.NewServer(study)
	url := imednettest.Start(t, server)
	path := filepath.Join(t.TempDir(), "journal.sqlite3")
	p := childtest.Start(t, stepTask{url, path, firstSubject(t, server), 4})
	said, _ := p.Next()
	require.Equal(t, "stopped", said)
	j := open(t, path)
	entries, err := j.Entries(t.Context(), submissions.Query{})
	require.NoError(t, err)
	id := entries[0].ID
	require.NotEmpty(t, entries[0].Holder)
	_, err = j.Take(t.Context(), id, other)
	require.ErrorIs(t, err, submissions.ErrLeased, "it lives")
	p.Kill(t)
	entries, err = j.Entries(t.Context(), submissions.Query{})
	require.NoError(t, err)
	require.Empty(t, entries[0].Holder, "it is dead")
	taken, err := j.Take(t.Context(), id, other)
	require.NoError(t, err)
	require.Equal(t, "bert", taken.Holder)
	requireAlive(t, path, 1)
	_, err = open(t, path).Take(t.Context(), id, other)
	require.ErrorIs(t, err, submissions.ErrLeased, "another journal of this process lives too")
}

// TestALeaseEndsByItsTimeWhereNobodyCanSee: the file that shows life is gone, or was left by another
// computer, or the journal is older than such files.
func TestALeaseEndsByItsTimeWhereNobodyCanSee(t *testing.T) {
	for name, hide := range map[string]func(path, alive string){
		"the file is gone": func(_, alive string) { require.NoError(t, os.Remove(alive)) },
		"another computer": func(path, _ string) {
			storetest.Exec(t, path, `UPDATE submissions SET holder_mark = 'elsewhere' || substr(holder_mark, instr(holder_mark, ' '))`)
		},
		"no mark": func(path, _ string) { storetest.Exec(t, path, `UPDATE submissions SET holder_mark = ''`) },
		"another path": func(path, _ string) {
			storetest.Exec(t, path, `UPDATE submissions SET holder_mark = holder_mark || '/../x'`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := imednettest.NewClock(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
			path := filepath.Join(t.TempDir(), "journal.sqlite3")
			prepared(t, path, clock)
			hide(path, requireAlive(t, path, 1)[0])
			j := open(t, path, sqlitejournal.WithClock(clock))
			_, err := j.Take(t.Context(), "s1", other)
			require.ErrorIs(t, err, submissions.ErrLeased)
			clock.Advance(time.Minute)
			_, err = j.Take(t.Context(), "s1", other)
			require.NoError(t, err)
		})
	}
}

// prepared leaves a submission whose holder has closed its journal without giving the lease up.
func prepared(t *testing.T, path string, clock *imednettest.Clock) {
	j := open(t, path, sqlitejournal.WithClock(clock))
	item := submissions.Item{FormKey: "AE", ContentHash: "a", Ordinal: 1, Payload: []byte(`{}`)}
	_, err := j.Prepare(t.Context(), submissions.Preparation{ID: "s1", StudyKey: "S", Author: "anna", Items: []submissions.Item{item}, Lease: submissions.Lease{Holder: "anna", For: time.Minute}})
	require.NoError(t, err)
	require.NoError(t, j.Close())
}

// TestALeaseEndsWithItsJournal: the holder closed the journal; no file is left once nothing refers to it.
func TestALeaseEndsWithItsJournal(t *testing.T) {
	clock := imednettest.NewClock(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	path := filepath.Join(t.TempDir(), "journal.sqlite3")
	prepared(t, path, clock)
	requireAlive(t, path, 1)
	j := open(t, path, sqlitejournal.WithClock(clock))
	taken, err := j.Take(t.Context(), "s1", other)
	require.NoError(t, err)
	requireAlive(t, path, 1)
	require.NoError(t, j.Release(t.Context(), "s1", taken.Fence))
	require.NoError(t, j.Close())
	requireAlive(t, path, 0)
}

// requireAlive lists the files that show life.
func requireAlive(t *testing.T, path string, n int) []string {
	t.Helper()
	files, err := filepath.Glob(path + ".alive-*")
	require.NoError(t, err)
	require.Len(t, files, n)
	return files
}
