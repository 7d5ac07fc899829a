//go:build cgo

package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func config(t *testing.T) Config {
	return Config{Path: filepath.Join(t.TempDir(), "dir", "a?b%20c.sqlite3"), ApplicationID: 7, Migrations: []string{`CREATE TABLE t (x INTEGER)`}}
}

func TestOpenIsPrivateAndRepeatable(t *testing.T) {
	cfg := config(t)
	for range 2 {
		db, err := Open(context.Background(), cfg)
		require.NoError(t, err)
		_, err = db.Writer().Exec(`INSERT INTO t VALUES (1)`)
		require.NoError(t, err)
		_, err = db.Reader().Exec(`INSERT INTO t VALUES (1)`)
		require.Error(t, err, "readers must not write")
		require.NoError(t, db.Close())
	}
	info, err := os.Stat(cfg.Path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	info, err = os.Stat(filepath.Dir(cfg.Path))
	require.NoError(t, err)
	require.EqualValues(t, 0o700, info.Mode().Perm())
}

// A file of another program stays as it is, its journal mode too.
func TestStrangersAreNotTouched(t *testing.T) {
	cfg := config(t)
	cfg.Path = filepath.Join(t.TempDir(), "other.db")
	other, err := sql.Open("sqlite3", cfg.Path)
	require.NoError(t, err)
	_, err = other.Exec(`CREATE TABLE x (a); INSERT INTO x VALUES (1)`)
	require.NoError(t, err)
	require.NoError(t, other.Close())
	before, err := os.ReadFile(cfg.Path)
	require.NoError(t, err)
	_, err = Open(t.Context(), cfg)
	require.ErrorIs(t, err, ErrForeignFile)
	after, err := os.ReadFile(cfg.Path)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func TestOpenRefusesStrangers(t *testing.T) {
	cfg := config(t)
	db, err := Open(context.Background(), cfg)
	require.NoError(t, err)
	require.NoError(t, db.Close())

	other := cfg
	other.ApplicationID = 8
	_, err = Open(context.Background(), other)
	require.ErrorIs(t, err, ErrForeignFile)

	older := cfg
	older.Migrations = nil
	_, err = Open(context.Background(), older)
	require.ErrorIs(t, err, ErrNewerSchema)
}

// A file of whole stores exists with its tables or not at all; an empty one has lost its content.
func TestWholeFiles(t *testing.T) {
	cfg := config(t)
	cfg.Whole = true
	db, err := Open(t.Context(), cfg)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	entries, err := os.ReadDir(filepath.Dir(cfg.Path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left of making it")
	info, err := os.Stat(cfg.Path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())

	require.NoError(t, os.Truncate(cfg.Path, 0))
	_, err = Open(t.Context(), cfg)
	require.ErrorIs(t, err, ErrEmpty)
	info, err = os.Stat(cfg.Path)
	require.NoError(t, err)
	require.Zero(t, info.Size(), "it is left as it is")

	cfg.Path = os.DevNull
	_, err = Open(t.Context(), cfg)
	require.ErrorIs(t, err, ErrNoFile)
}

// A file whose tables were dropped is as empty as one without a byte, and no new store.
func TestAFileThatLostItsTables(t *testing.T) {
	for name, statements := range map[string][]string{
		"all":                 {`DROP TABLE imednet_schema`, `DROP TABLE t`, `VACUUM`},
		"those of the schema": {`DROP TABLE imednet_schema`},
		"and its mark":        {`DROP TABLE imednet_schema`, `DROP TABLE t`, `PRAGMA application_id = 0`},
	} {
		cfg := config(t)
		cfg.Path, cfg.Whole = filepath.Join(t.TempDir(), "a.sqlite3"), true
		db, err := Open(t.Context(), cfg)
		require.NoError(t, err)
		require.NoError(t, db.Close())
		raw, err := sql.Open("sqlite3", cfg.Path)
		require.NoError(t, err)
		for _, s := range statements {
			_, err := raw.Exec(s)
			require.NoError(t, err, s)
		}
		require.NoError(t, raw.Close())
		before, err := os.ReadFile(cfg.Path)
		require.NoError(t, err)
		_, err = Open(t.Context(), cfg)
		require.ErrorIs(t, err, ErrEmpty, name)
		after, err := os.ReadFile(cfg.Path)
		require.NoError(t, err)
		require.Equal(t, before, after, name)
	}
}

// Opening a file that is up to date writes nothing, and needs no lock.
func TestOpeningWritesNothing(t *testing.T) {
	cfg := config(t)
	db, err := Open(t.Context(), cfg)
	require.NoError(t, err)
	defer db.Close()
	err = db.Write(t.Context(), func(*sql.Tx) error {
		cfg := cfg
		cfg.BusyTimeout = 1
		second, err := Open(t.Context(), cfg)
		require.NoError(t, err, "while another process writes")
		return second.Close()
	})
	require.NoError(t, err)
}
