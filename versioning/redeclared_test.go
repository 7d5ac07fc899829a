package versioning_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

// What somebody adds to the declarations of the tables, or alters in them, is found though every row is what it was.
func TestOtherDeclarationsAreFound(t *testing.T) {
	path, heads := written(t)
	for _, f := range storetest.Redeclarations(t, path) {
		altered := storetest.Copy(t, path)
		storetest.Exec(t, altered, f.SQL)
		v, err := verify(t, altered, heads)
		require.ErrorIs(t, err, versioning.ErrIntegrity, f.Name)
		require.NotEmpty(t, v.Problems, f.Name)
	}
}
