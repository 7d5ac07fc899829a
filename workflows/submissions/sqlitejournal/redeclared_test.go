package sqlitejournal_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// What somebody adds to the declarations of the tables, or alters in them, is found though every row is what it was.
func TestOtherDeclarationsAreFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, _ := journalWithHistory(t, path)
	require.NoError(t, j.Close())
	for _, f := range storetest.Redeclarations(t, path) {
		altered := storetest.Copy(t, path)
		storetest.Exec(t, altered, f.SQL)
		opened := open(t, altered)
		_, err := opened.Verify(t.Context(), "")
		require.ErrorIs(t, err, submissions.ErrDamaged, f.Name)
		require.NoError(t, opened.Close())
	}
}
