//go:build cgo

package sqlite

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBackupIsACopyOfOneMoment(t *testing.T) {
	ctx := context.Background()
	cfg := config(t)
	db, err := Open(ctx, cfg)
	require.NoError(t, err)
	defer db.Close()
	for range 1000 {
		_, err = db.Writer().Exec(`INSERT INTO t VALUES (1)`)
		require.NoError(t, err)
	}
	tx, err := db.Writer().Begin() // somebody is writing
	require.NoError(t, err)
	_, err = tx.Exec(`INSERT INTO t VALUES (2)`)
	require.NoError(t, err)

	copied := cfg
	copied.Path = filepath.Join(t.TempDir(), "copy ' of.sqlite3")
	require.NoError(t, db.Backup(ctx, copied.Path))
	require.ErrorIs(t, db.Backup(ctx, copied.Path), fs.ErrExist, "a copy is never overwritten")
	require.NoError(t, tx.Commit())
	info, err := os.Stat(copied.Path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	back, err := Open(ctx, copied)
	require.NoError(t, err, "the copy is a file of this program")
	defer back.Close()
	var rows int
	require.NoError(t, back.Reader().QueryRow(`SELECT count(*) FROM t`).Scan(&rows))
	require.Equal(t, 1000, rows)

	ended, cancel := context.WithCancel(ctx)
	cancel()
	require.Error(t, db.Backup(ended, copied.Path+"2"))
	require.NoFileExists(t, copied.Path+"2")
}
