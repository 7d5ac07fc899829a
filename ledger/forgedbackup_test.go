package ledger_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/ledger"
)

// A backup is restored if the runs of the history left it; another one could say that data were read which nobody has read.
func TestAForgedBackupIsNotRestored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.json")
	store := openFile(t, path)
	l := newLedger(t, store)
	ran(t, l, 1, 3)
	backup, err := os.ReadFile(store.BackupPath())
	require.NoError(t, err)
	text := string(backup)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, forged := range map[string]string{
		"a later mark":   strings.Replace(text, `"last_timestamp": "20`, `"last_timestamp": "30`, 1),
		"another count":  strings.Replace(text, `"records_processed": `, `"records_processed": 9`, 1),
		"an entry less":  `{"studies": {}}`,
		"another stream": strings.Replace(text, `"streams": {`, `"streams": {"invented": {"last_timestamp": "2030-01-01T00:00:00Z", "records_processed": 1, "last_run_status": "success", "error_message": null, "metadata": {}, "last_attempt": "2030-01-01T00:00:00Z"},`, 1),
	} {
		require.NotEqual(t, text, forged, name)
		require.NoError(t, os.WriteFile(store.BackupPath(), []byte(forged), 0o600))
		require.ErrorIs(t, store.RestoreBackup(t.Context(), "disk fault"), ledger.ErrIntegrity, name)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after), name)
		require.Len(t, runsOf(t, l), 3, name)
	}
	require.NoError(t, os.WriteFile(store.BackupPath(), backup, 0o600))
	history, err := os.ReadFile(store.HistoryPath())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(store.HistoryPath(), []byte(strings.Replace(string(history), `"mark_after":"20`, `"mark_after":"30`, 1)), 0o600))
	require.ErrorIs(t, store.RestoreBackup(t.Context(), "disk fault"), ledger.ErrIntegrity, "a history that is not intact")
	require.NoError(t, os.WriteFile(store.HistoryPath(), history, 0o600))

	require.NoError(t, store.RestoreBackup(t.Context(), "disk fault"))
	v, err := l.Verify(t.Context(), ledger.VerifyOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 4, v.Runs)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(text, `"records_processed": `, `"records_processed": 9`, 1)), 0o600))
	_, err = l.Verify(t.Context(), ledger.VerifyOptions{})
	require.ErrorIs(t, err, ledger.ErrIntegrity, "what runs left is demanded after a restore too")

	require.NoError(t, store.RestoreUnprovenBackup(t.Context(), "Python wrote to it"))
	require.Equal(t, []any{ledger.RunRestore, ""}, []any{runsOf(t, l)[0].Kind, runsOf(t, l)[0].EntryHash})
}
