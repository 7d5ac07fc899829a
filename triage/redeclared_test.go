package triage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

// What somebody adds to the declarations of the tables, or alters in them, is found though every row is what it was.
func TestOtherDeclarationsAreFound(t *testing.T) {
	path, head := reviewed(t)
	for _, f := range storetest.Redeclarations(t, path) {
		altered := storetest.Copy(t, path)
		storetest.Exec(t, altered, f.SQL)
		v, err := verify(t, altered, &head)
		require.ErrorIs(t, err, triage.ErrIntegrity, f.Name)
		require.NotEmpty(t, v.Problems, f.Name)
	}
	storetest.Exec(t, path, `CREATE TABLE notes (n); CREATE VIEW open AS SELECT item_id FROM triage_items WHERE status = 'OPEN'`)
	_, err := verify(t, path, &head)
	require.NoError(t, err, "what stands beside the tables")
}
