package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/filelock"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/ledger"
)

var anna = ledger.Author{User: "anna", Host: "etl-1", Process: "imednet 4711"}

// worked returns the path of a JSON ledger that a named person has written to, and its head.
func worked(t *testing.T) (path, head string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "l.json")
	l := newLedger(t, openFile(t, path), ledger.WithAuthor(anna))
	for _, stream := range []string{"records", "queries"} {
		require.NoError(t, l.Advance(t.Context(), "S", stream, imednet.Watermark{Time: noon, Records: 3}))
	}
	failed := l.Transaction(t.Context(), "S", "records", noon, func(context.Context, *ledger.Tx) error { return errors.New("disk full") })
	require.ErrorContains(t, failed, "disk full")
	_, err := l.DeleteEntry(t.Context(), "S", "queries", ledger.DeleteOptions{Reason: "new variables"})
	require.NoError(t, err)
	v, err := l.Verify(t.Context(), ledger.VerifyOptions{})
	require.NoError(t, err)
	require.Equal(t, "4 runs, 1 entries: intact", v.String())
	return path, v.Head
}

func TestRunsAndEntriesSayWho(t *testing.T) {
	path, _ := worked(t)
	l := newLedger(t, openFile(t, path))
	for _, r := range runsOf(t, l) {
		require.Equal(t, &anna, r.By, r.Kind)
	}
	e := entryOf(t, l, "S", "records")
	require.Equal(t, []*ledger.Author{&anna, &anna}, []*ledger.Author{e.LastSuccess.By, e.LastAttempt.By})
	_, err := ledger.NewExtractionStateLedger(openFile(t, path), ledger.WithAuthor(ledger.Author{}))
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}

// Every change of a line, of their order or number, and of a mark is found; a tail that was cut needs
// the head.
func TestVerifyFindsForgeries(t *testing.T) {
	path, head := worked(t)
	verify := func(head string) error {
		_, err := newLedger(t, openFile(t, path)).Verify(t.Context(), ledger.VerifyOptions{Head: head})
		return err
	}
	history := path + ".history.jsonl"
	forge := func(name, file string, change func(text string) string) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		forged := change(string(text))
		require.NotEqual(t, string(text), forged, name)
		require.NoError(t, os.WriteFile(file, []byte(forged), 0o600))
		require.ErrorIs(t, verify(head), ledger.ErrIntegrity, name)
		require.NoError(t, os.WriteFile(file, text, 0o600))
	}
	forge("author", history, func(s string) string { return strings.Replace(s, "anna", "bert", 1) })
	forge("reason", history, func(s string) string { return strings.Replace(s, "new variables", "old variables", 1) })
	forge("order", history, func(s string) string {
		lines := strings.SplitAfter(s, "\n")
		lines[0], lines[1] = lines[1], lines[0]
		return strings.Join(lines, "")
	})
	forge("a line removed", history, func(s string) string {
		lines := strings.SplitAfter(s, "\n")
		return strings.Join(append(lines[:1], lines[2:]...), "")
	})
	forge("tail cut", history, func(s string) string { return s[:strings.LastIndex(strings.TrimRight(s, "\n"), "\n")+1] })
	forge("mark", path, func(s string) string { return strings.Replace(s, "2026-05-22", "2027-05-22", 1) })
	forge("count", path, func(s string) string {
		return strings.Replace(s, `"records_processed": 3`, `"records_processed": 4`, 1)
	})
	forge("entry removed", path, func(string) string { return `{"studies": {}}` })
	require.NoError(t, verify(head))
	require.NoError(t, verify(""))
}

// A ledger damaged anywhere either cannot be read, is not intact, or says the same.
func TestEveryFlippedBitIsFound(t *testing.T) {
	path, head := worked(t)
	for _, file := range []string{path, path + ".history.jsonl"} {
		entry := func() string {
			text, err := entryOf(t, newLedger(t, openFile(t, path)), "S", "records").MarshalJSON()
			require.NoError(t, err)
			return string(text)
		}
		want := entry()
		storetest.FlipBits(t, file, storetest.Flips(), func(at string) bool {
			_, err := newLedger(t, openFile(t, path)).Verify(t.Context(), ledger.VerifyOptions{Head: head})
			if err == nil {
				require.Equal(t, want, entry(), at)
			}
			return err != nil
		})
	}
}

// Reading looks at files only, and leaves nothing beside them.
func TestReadingWritesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "l.json")
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	l := newLedger(t, openFile(t, path))
	_, err := l.ReadState(t.Context())
	require.ErrorIs(t, err, ledger.ErrDamaged)
	_, err = l.Verify(t.Context(), ledger.VerifyOptions{})
	require.ErrorIs(t, err, ledger.ErrDamaged)
	require.ErrorIs(t, l.Export(t.Context(), &bytes.Buffer{}), ledger.ErrDamaged)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	_, err = newLedger(t, openFile(t, "/dev/null")).ReadState(t.Context())
	require.ErrorContains(t, err, "not a regular file")
}

// While the Python package's transaction holds the file, work under WithPythonLock does not begin;
// and while such work runs, the Python package's does not.
func TestPythonLockComesBeforeTheWork(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.json")
	store, err := ledger.OpenFile(path, ledger.WithPythonLock())
	require.NoError(t, err)
	l := newLedger(t, store, ledger.WithLockTimeout(0))
	lockFile := strings.TrimSuffix(path, ".json") + ".lock"
	python, held, err := filelock.Try(lockFile, filelock.Exclusive)
	require.NoError(t, err)
	require.True(t, held)
	worked := false
	work := func(_ context.Context, tx *ledger.Tx) error {
		worked = true
		_, held, err := filelock.Try(lockFile, filelock.Exclusive)
		require.NoError(t, err)
		require.False(t, held, "the work holds the lock")
		tx.NewTimestamp = noon
		return nil
	}
	require.ErrorIs(t, l.Transaction(t.Context(), "S", "records", noon, work), ledger.ErrLocked)
	require.False(t, worked, "nothing was done in vain")
	require.NoError(t, python.Release())
	require.NoError(t, l.Transaction(t.Context(), "S", "records", noon, work))
	require.Equal(t, noon, entryOf(t, l, "S", "records").LastTimestamp)
	require.NoError(t, l.Advance(t.Context(), "S", "queries", imednet.Watermark{Time: noon}))
	again, held, err := filelock.Try(lockFile, filelock.Exclusive)
	require.NoError(t, err)
	require.True(t, held, "and gives it back")
	require.NoError(t, again.Release())
}
