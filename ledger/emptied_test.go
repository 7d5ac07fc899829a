package ledger_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
)

// A history that was emptied or removed as a whole is found by the entries that its runs left. Entries of which only the
// Python package knows have none.
func TestAHistoryThatWasEmptiedIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.json")
	l := newLedger(t, openFile(t, path))
	ran(t, l, 1, 3)
	for _, attack := range []func(string) error{func(file string) error { return os.Truncate(file, 0) }, os.Remove} {
		require.NoError(t, attack(path+".history.jsonl"))
		v, err := l.Verify(t.Context(), ledger.VerifyOptions{})
		require.ErrorIs(t, err, ledger.ErrIntegrity)
		require.Equal(t, []imednet.Problem{{Path: "runs", Message: "the history is missing: entries are there that its runs left"}}, v.Problems)
	}
	python := filepath.Join(t.TempDir(), "p.json")
	require.NoError(t, os.WriteFile(python, []byte(`{"studies": {"S": {"streams": {"records": {"last_timestamp": "2026-03-01T08:00:00Z", "records_processed": 1, "last_run_status": "success", "error_message": null, "metadata": {}}}}}}`), 0o600))
	l = newLedger(t, openFile(t, python))
	v, err := l.Verify(t.Context(), ledger.VerifyOptions{})
	require.NoError(t, err)
	require.Equal(t, ledger.Verification{Entries: 1, Unattested: 1}, v)
	require.Equal(t, "0 runs, 1 entries: intact; 1 entries were left by no run, as another program writes them", v.String())
	require.NoError(t, l.SetLastTimestamp(t.Context(), "S", "other", time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), ledger.SetOptions{}))
	v, err = l.Verify(t.Context(), ledger.VerifyOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, v.Unattested, "it is told also beside what runs left")
	require.NoError(t, l.SetLastTimestamp(t.Context(), "S", "records", time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), ledger.SetOptions{}))
	v, err = l.Verify(t.Context(), ledger.VerifyOptions{})
	require.NoError(t, err)
	require.Zero(t, v.Unattested)
}
