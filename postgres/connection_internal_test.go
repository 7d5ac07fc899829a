package postgres

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatDatabaseSQLCallsIsOurs holds a connection and what it gives to the methods written here. One that came with an
// embedded type of pgx's, as NextRow and ScanColumn did for Go 1.27, would show errors with a subject's data, and a
// connection that was lost while rows were read would not be waited out.
func TestWhatDatabaseSQLCallsIsOurs(t *testing.T) {
	for _, of := range []any{connection{}, transaction{}, opened{}, statement{}, rows{}} {
		kind := reflect.TypeOf(of)
		for i := range kind.NumField() {
			require.False(t, kind.Field(i).Anonymous, "%s embeds %s", kind, kind.Field(i).Name)
		}
	}
}
