package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/filelock"
	"github.com/imednetgo/imednet/ledger"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func copyReference(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("testdata/reference.json")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "pipeline_ledger.json")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

func TestReferenceFileReads(t *testing.T) {
	l := newLedger(t, openFile(t, copyReference(t)))
	state, err := l.ReadState(t.Context())
	require.NoError(t, err)
	require.Len(t, state.Keys(), 3)
	require.Contains(t, state.Studies, "EMPTY")
	e := entryOf(t, l, "DEMO", "queries")
	require.Equal(t, "2026-05-22T14:00:00.25+02:00", e.LastTimestamp.Format(time.RFC3339Nano))
	require.Equal(t, []any{int64(10), ledger.StatusFailed, "API Error"}, []any{e.RecordsProcessed, e.LastRunStatus, *e.ErrorMessage})
	mark, ok, err := l.LastTimestamp(t.Context(), "DEMO", "revisions")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, time.Date(2026, 5, 21, 0, 0, 0, 0, time.UTC), mark, "no zone means UTC")
	_, ok, err = l.LastTimestamp(t.Context(), "DEMO", "none")
	require.NoError(t, err)
	require.False(t, ok)
}

func TestUpdatedFileHasTheReferencesForm(t *testing.T) {
	path := copyReference(t)
	l := newLedger(t, openFile(t, path))
	require.NoError(t, l.Advance(t.Context(), "DEMO", "records", imednet.Watermark{Time: noon.Add(time.Hour + time.Millisecond), Records: 7}))
	err := l.Transaction(t.Context(), "DEMO", "queries", time.Time{}, func(context.Context, *ledger.Tx) error { return errors.New("no <connection> & more") })
	require.Error(t, err)
	require.NoError(t, l.SetLastTimestamp(t.Context(), "NEW", "records", noon, ledger.SetOptions{Metadata: ledger.Metadata{"b": []byte(`[1, 2]`)}}))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("testdata/updated.golden.json", got, 0o600))
	}
	want, err := os.ReadFile("testdata/updated.golden.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
	requireReferenceForm(t, got)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
}

var referenceTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?(Z|[+-]\d\d:\d\d)$`)

// requireReferenceForm accepts what the Python package's models accept in strict mode: exactly these
// members, with these types.
func requireReferenceForm(t *testing.T, data []byte) {
	t.Helper()
	require.NotEqual(t, byte('\n'), data[len(data)-1])
	var file map[string]map[string]map[string]map[string]map[string]any
	require.NoError(t, json.Unmarshal(data, &file))
	require.Len(t, file, 1)
	for _, study := range file["studies"] {
		require.Len(t, study, 1)
		for _, e := range study["streams"] {
			require.Len(t, e, 5)
			require.Regexp(t, referenceTime, e["last_timestamp"])
			require.IsType(t, float64(0), e["records_processed"])
			require.IsType(t, "", e["last_run_status"])
			if e["error_message"] != nil {
				require.IsType(t, "", e["error_message"])
			}
			require.IsType(t, map[string]any{}, e["metadata"])
		}
	}
}

func TestMembersNobodyKnowsSurvive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"v":2,"studies":{"S":{"owner":"x","streams":{"records":{"last_timestamp":"2026-05-22","tag":[1.0]}}}}}`), 0o600))
	l := newLedger(t, openFile(t, path))
	require.NoError(t, l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon}))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, member := range []string{`"v": 2`, `"owner": "x"`, `"tag": [`, `1.0`} {
		require.Contains(t, string(data), member)
	}
}

func TestReadingCreatesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sub")
	l := newLedger(t, openFile(t, filepath.Join(dir, "l.json")))
	state, err := l.ReadState(t.Context())
	require.NoError(t, err)
	require.Empty(t, state.Studies)
	require.Empty(t, runsOf(t, l))
	require.NoDirExists(t, dir)
}

func TestDamagedFileIsAnErrorThatNamesTheCopy(t *testing.T) {
	for name, damage := range map[string]string{
		"empty": "", "cut": `{"studies": {"S"`, "wrong shape": `[]`, "zeros": "\x00\x00\x00",
		"no mark":       `{"studies":{"S":{"streams":{"records":{"last_timestamp":null}}}}}`,
		"no time":       `{"studies":{"S":{"streams":{"records":{"last_timestamp":"yesterday"}}}}}`,
		"text for list": `{"studies":{"S":{"streams":{"records":{"last_timestamp":"2026-05-22T12:00:00Z","metadata":"x"}}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "l.json")
			store := openFile(t, path)
			l := newLedger(t, store)
			set(t, l, noon, 1)
			require.NoError(t, os.WriteFile(path, []byte(damage), 0o600))
			calls := map[string]func() error{
				"read":    func() error { _, err := l.ReadState(t.Context()); return err },
				"mark":    func() error { _, _, err := l.LastTimestamp(t.Context(), "S", "records"); return err },
				"advance": func() error { return l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon}) },
				"commit": func() error {
					return store.Commit(t.Context(), ledger.Commit{Changes: []ledger.Change{{Key: ledger.Key{StudyKey: "S", Stream: "records"}}}})
				},
			}
			for call, run := range calls {
				err := run()
				require.ErrorIs(t, err, ledger.ErrDamaged, call)
				require.False(t, imednet.Retryable(err))
				if call != "commit" {
					continue // what only reads writes nothing, not even a copy
				}
				var located *ledger.DamageError
				require.ErrorAs(t, err, &located)
				require.Contains(t, err.Error(), located.Copy)
				require.Contains(t, err.Error(), store.BackupPath())
				saved, readErr := os.ReadFile(located.Copy)
				require.NoError(t, readErr)
				require.Equal(t, damage, string(saved))
			}
			copies, err := filepath.Glob(path + ".corrupt-*")
			require.NoError(t, err)
			require.Len(t, copies, 1, "one damage, one copy")
			left, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, damage, string(left), "nothing is written over")

			require.Error(t, store.RestoreBackup(t.Context(), ""))
			require.NoError(t, store.RestoreBackup(t.Context(), "disk fault"))
			require.Equal(t, noon, entryOf(t, l, "S", "records").LastTimestamp)
			require.Equal(t, []any{ledger.RunRestore, "disk fault"}, []any{runsOf(t, l)[0].Kind, runsOf(t, l)[0].Reason})
		})
	}
}

func TestDamagedBackupIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.json")
	store := openFile(t, path)
	require.Error(t, store.RestoreBackup(t.Context(), "none there"))
	set(t, newLedger(t, store), noon, 1)
	require.NoError(t, os.WriteFile(store.BackupPath(), []byte("{"), 0o600))
	require.ErrorIs(t, store.RestoreBackup(t.Context(), "x"), ledger.ErrDamaged)
	require.NotNil(t, entryOf(t, newLedger(t, store), "S", "records"))
}

func TestHistoryDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.json")
	store := openFile(t, path)
	l := newLedger(t, store)
	set(t, l, noon, 1)
	appendText(t, store.HistoryPath(), `{"torn`)
	require.Len(t, runsOf(t, l), 1, "a torn last line is left out")
	set(t, l, noon, 2)
	require.Len(t, runsOf(t, l), 2, "and cut off by the next write")
	appendText(t, store.HistoryPath(), "{\n")
	var last error
	for _, err := range l.Runs(t.Context(), ledger.RunFilter{}) {
		last = err
	}
	require.ErrorIs(t, last, ledger.ErrDamaged)
	require.ErrorContains(t, last, "line 3")
}

func appendText(t *testing.T, path, text string) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, errors.Join(err, f.Close()))
}

func TestLockFileIsTheReferences(t *testing.T) {
	for name, lock := range map[string]string{"ledger.json": "ledger.lock", "ledger": "ledger.lock", "a.b.json": "a.b.lock", ".json": ".json.lock", "x.": "x..lock"} {
		dir := t.TempDir()
		held, ok, err := filelock.Try(filepath.Join(dir, lock), filelock.Exclusive)
		require.NoError(t, err)
		require.True(t, ok)
		l := newLedger(t, openFile(t, filepath.Join(dir, name), ledger.WithClock(&fakeClock{now: noon})))
		err = l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon})
		require.ErrorIs(t, err, ledger.ErrLocked, name)
		require.NoError(t, held.Release())
		require.NoError(t, l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon}))
	}
}

func TestWorkDoesNotHoldTheReferencesLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.json")
	l := newLedger(t, openFile(t, path))
	err := l.Transaction(t.Context(), "S", "records", noon, func(ctx context.Context, _ *ledger.Tx) error {
		held, ok, err := filelock.Try(filepath.Join(filepath.Dir(path), "ledger.lock"), filelock.Exclusive)
		require.NoError(t, err)
		require.True(t, ok)
		return held.Release()
	})
	require.NoError(t, err)
}

// TestSharedWithTheReference lets a Python process, written as the Python package works, and ledgers of
// ours count up in one file at the same time: some streams each alone, one together.
func TestSharedWithTheReference(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not there")
	}
	path := filepath.Join(t.TempDir(), "pipeline_ledger.json")
	l, err := ledger.NewExtractionStateLedger(openFile(t, path))
	require.NoError(t, err)
	const times = 60
	for _, stream := range []string{"theirs", "ours", "both"} {
		require.NoError(t, l.Advance(t.Context(), "S", stream, imednet.Watermark{Time: noon}))
	}
	var theirs []*exec.Cmd
	for _, stream := range []string{"theirs", "both"} {
		cmd := exec.CommandContext(t.Context(), python, "testdata/reference.py", path, "S", stream, "60")
		cmd.Stderr = os.Stderr
		require.NoError(t, cmd.Start())
		theirs = append(theirs, cmd)
	}
	for _, stream := range []string{"ours", "both"} {
		for n := 0; n < times; {
			err := l.Transaction(t.Context(), "S", stream, time.Time{}, func(_ context.Context, tx *ledger.Tx) error {
				tx.NewTimestamp = tx.LastTimestamp.Add(time.Second)
				return nil
			})
			if errors.Is(err, ledger.ErrConflict) {
				continue // theirs came between: repeat the work
			}
			require.NoError(t, err)
			n++
		}
	}
	for _, cmd := range theirs {
		require.NoError(t, cmd.Wait())
	}
	for stream, want := range map[string]int{"theirs": times, "ours": times, "both": 2 * times} {
		mark, _, err := l.LastTimestamp(t.Context(), "S", stream)
		require.NoError(t, err)
		require.Equal(t, noon.Add(time.Duration(want)*time.Second), mark, stream)
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	requireReferenceForm(t, data)
}
