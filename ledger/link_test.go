package ledger_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/filelock"
	"github.com/imednetgo/imednet/ledger"
)

// A symbolic link leads to one ledger: it is neither replaced by a second one, nor left without the history.
func TestASymbolicLinkIsNoSecondLedger(t *testing.T) {
	for name, target := range map[string]string{"relative": filepath.Join("..", "real", "l.json"), "absolute": "", "of a link": "second"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			real, link := filepath.Join(dir, "real", "l.json"), filepath.Join(dir, "linked", "l.json")
			require.NoError(t, os.MkdirAll(filepath.Dir(link), 0o700))
			switch target {
			case "":
				target = real
			case "second":
				target = filepath.Join(dir, "second")
				require.NoError(t, os.Symlink(filepath.Join("real", "l.json"), target))
			}
			require.NoError(t, os.Symlink(target, link))
			through, direct := newLedger(t, openFile(t, link)), newLedger(t, openFile(t, real))
			require.NoError(t, through.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon, Records: 1}))
			require.NoError(t, direct.Advance(t.Context(), "S", "queries", imednet.Watermark{Time: noon, Records: 2}))
			info, err := os.Lstat(link)
			require.NoError(t, err)
			require.NotZero(t, info.Mode()&os.ModeSymlink)
			entries, err := os.ReadDir(filepath.Dir(link))
			require.NoError(t, err)
			require.Len(t, entries, 2, "nothing but the lock stands beside the link")
			for _, l := range []*ledger.ExtractionStateLedger{through, direct} {
				v, err := l.Verify(t.Context(), ledger.VerifyOptions{})
				require.NoError(t, err)
				require.Equal(t, "2 runs, 2 entries: intact", v.String())
			}
		})
	}
	loop := filepath.Join(t.TempDir(), "l.json")
	require.NoError(t, os.Symlink(loop, loop))
	_, err := ledger.OpenFile(loop)
	require.Error(t, err)
}

// A program that was given the link takes the lock beside it, one that was given the file the lock beside that: the Python package
// follows no link. Either excludes us, through whichever path we came.
func TestThroughALinkBothLocksOfPythonAreTaken(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real", "l.json"), filepath.Join(dir, "linked", "m.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(link), 0o700))
	require.NoError(t, os.Symlink(real, link))
	for _, lock := range []string{filepath.Join(dir, "linked", "m.lock"), filepath.Join(dir, "real", "l.lock")} {
		held, ok, err := filelock.Try(lock, filelock.Exclusive)
		require.NoError(t, err)
		require.True(t, ok)
		through, err := ledger.OpenFile(link, ledger.WithCommitTimeout(time.Millisecond))
		require.NoError(t, err)
		err = newLedger(t, through).SetLastTimestamp(t.Context(), "S", "records", noon, ledger.SetOptions{})
		require.ErrorIs(t, err, ledger.ErrLocked, lock)
		require.NoError(t, held.Release())
		require.NoError(t, newLedger(t, through).SetLastTimestamp(t.Context(), "S", "records", noon, ledger.SetOptions{}))
	}
}

// What is no regular file is no ledger, and gets nothing beside it.
func TestNothingIsLeftBesideAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.json")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	require.Error(t, newLedger(t, openFile(t, path)).SetLastTimestamp(t.Context(), "S", "records", noon, ledger.SetOptions{}))
	require.Error(t, openFile(t, path).RestoreBackup(t.Context(), "x"))
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
