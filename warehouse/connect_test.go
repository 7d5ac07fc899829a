package warehouse_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/warehouse"
)

// A file of another format is named as such, and DuckDB does not go looking for an extension.
func TestFilesOfAnotherFormat(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sqlite":  "SQLite format 3\x00" + strings.Repeat("\x00", 100),
		"parquet": "PAR1" + strings.Repeat("x", 100) + "PAR1",
		"short":   "{}",
		"empty":   "",
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		_, err := warehouse.NewDuckDBIngestion(t.Context(), path)
		require.ErrorIs(t, err, warehouse.ErrNotDuckDB, name)
		_, err = warehouse.OpenReadOnly(t.Context(), path)
		require.ErrorIs(t, err, warehouse.ErrNotDuckDB, name)
		kept, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(kept))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o644), info.Mode().Perm(), "nothing was done to it")
	}
	_, err := warehouse.NewDuckDBIngestion(t.Context(), dir)
	require.ErrorIs(t, err, syscall.EISDIR)
	db, err := warehouse.NewDuckDBIngestion(t.Context(), filepath.Join(dir, "new"))
	require.NoError(t, err)
	require.NoError(t, db.Close())
	db, err = warehouse.NewDuckDBIngestion(t.Context(), filepath.Join(dir, "new"))
	require.NoError(t, err, "what it made it opens again")
	require.NoError(t, db.Close())
}
