package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
)

// ran records so many runs, and returns the head after each.
func ran(t *testing.T, l *ledger.ExtractionStateLedger, from, to int) (heads []imednet.KeptHead) {
	t.Helper()
	for n := from; n <= to; n++ {
		require.NoError(t, l.SetLastTimestamp(t.Context(), "S", "records", noon.Add(time.Duration(n)*time.Minute), ledger.SetOptions{Reason: fmt.Sprint("run ", n)}))
		head, err := l.Head(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, n, head.Number)
		heads = append(heads, imednet.KeptHead{Name: fmt.Sprint(n, ".heads"), Line: head.String()})
	}
	return heads
}

// TestHeadsOutliveTheLimit: a head stays valid while its run is kept, however often the limit cuts the history, and is
// no fault afterwards.
func TestHeadsOutliveTheLimit(t *testing.T) {
	for name, store := range map[string]ledger.Store{
		"memory": newMemory(t, ledger.WithHistoryLimit(20)),
		"file":   openFile(t, filepath.Join(t.TempDir(), "l.json"), ledger.WithHistoryLimit(20)),
	} {
		t.Run(name, func(t *testing.T) { testHeadsOutliveTheLimit(t, store) })
	}
}

func testHeadsOutliveTheLimit(t *testing.T, store ledger.Store) {
	l := newLedger(t, store)
	heads := ran(t, l, 1, 20)
	v, err := l.Verify(t.Context(), ledger.VerifyOptions{Kept: heads})
	require.NoError(t, err, v.Problems)
	require.Zero(t, v.Outlived)
	require.Zero(t, v.Cut)
	heads = append(heads, ran(t, l, 21, 70)...)
	v, err = l.Verify(t.Context(), ledger.VerifyOptions{Kept: heads})
	require.NoError(t, err, v.Problems)
	require.Equal(t, 70-v.Runs, int64(v.Outlived))
	require.Equal(t, 70-v.Runs+1, v.Cut)
	require.GreaterOrEqual(t, v.Runs, int64(20))
	require.LessOrEqual(t, v.Runs, int64(22))

	heads[68].Line = heads[67].Line[:len(heads[67].Line)-1] + "0"
	if heads[68].Line == heads[67].Line {
		heads[68].Line = heads[67].Line[:len(heads[67].Line)-1] + "1"
	}
	v, err = l.Verify(t.Context(), ledger.VerifyOptions{Kept: heads})
	require.ErrorIs(t, err, ledger.ErrIntegrity)
	require.Equal(t, []imednet.Problem{{Path: "heads/69.heads", Message: "its entry 68 is another one in the store: the chain was rebuilt"}}, v.Problems)
}

// TestACutByHandIsNoCutByTheLimit: what the limit did not remove is missed, at the beginning as at the end.
func TestACutByHandIsNoCutByTheLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.json")
	l := newLedger(t, openFile(t, path, ledger.WithHistoryLimit(20)))
	heads := ran(t, l, 1, 70)
	history, err := os.ReadFile(path + ".history.jsonl")
	require.NoError(t, err)
	lines := bytes.SplitAfter(bytes.TrimSuffix(history, []byte("\n")), []byte("\n"))
	lines[len(lines)-1] = append(lines[len(lines)-1], '\n')
	first := 70 - len(lines) + 1
	for _, cut := range []int{1, 10, len(lines) - 1} {
		require.NoError(t, os.WriteFile(path+".history.jsonl", bytes.Join(lines[cut:], nil), 0o600))
		v, err := l.Verify(t.Context(), ledger.VerifyOptions{Kept: heads})
		require.ErrorIs(t, err, ledger.ErrIntegrity)
		require.Equal(t, imednet.Problem{Path: "runs", Message: fmt.Sprintf("the history begins with run %d, but was cut at run %d: its beginning was changed otherwise", first+cut, first)}, v.Problems[0])
		require.EqualValues(t, first+cut, v.Faults, "that, and every head before: none is excused")
		require.Zero(t, v.Outlived)
	}
	require.NoError(t, os.WriteFile(path+".history.jsonl", bytes.Join(lines[:len(lines)-1], nil), 0o600))
	_, err = l.Verify(t.Context(), ledger.VerifyOptions{Kept: heads})
	require.ErrorIs(t, err, ledger.ErrIntegrity)
}

// TestAHistoryFromBeforeNumbersGoesOn: its runs are counted, and its heads stay valid.
func TestAHistoryFromBeforeNumbersGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.json")
	l := newLedger(t, openFile(t, path, ledger.WithHistoryLimit(20)))
	require.NoError(t, os.WriteFile(path+".history.jsonl", unnumbered(t, 5), 0o600))
	head, err := l.Head(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 5, head.Number)
	heads := append([]imednet.KeptHead{{Name: "old.heads", Line: head.String()}}, ran(t, l, 6, 8)...)
	v, err := l.Verify(t.Context(), ledger.VerifyOptions{Kept: heads})
	require.NoError(t, err, v.Problems)
	require.Equal(t, int64(8), v.Runs)
	heads = append(heads, ran(t, l, 9, 60)...)
	v, err = l.Verify(t.Context(), ledger.VerifyOptions{Kept: heads})
	require.NoError(t, err, v.Problems)
	require.Equal(t, 60-v.Runs+1, v.Cut)
}

// unnumbered is a history of runs as they were written before runs had numbers.
func unnumbered(t *testing.T, n int) (history []byte) {
	t.Helper()
	previous := ""
	for i := range n {
		line := fmt.Sprintf(`{"kind":"restore","status":"success","started_at":"2026-01-01T00:00:0%dZ","ended_at":"2026-01-01T00:00:0%dZ","records_processed":0`, i, i)
		if previous != "" {
			line += `,"previous":"` + previous + `"`
		}
		previous = sha256Of(line + "}")
		history = append(history, line+`,"hash":"`+previous+"\"}\n"...)
	}
	require.NotRegexp(t, regexp.MustCompile(`number`), string(history))
	return history
}

func sha256Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
