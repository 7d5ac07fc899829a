package postgrestest

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// Silent returns the URL of a server that takes connections and says nothing, which is waited for for a second.
func Silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	return "postgres://imednet@" + listener.Addr().String() + "/imednet?sslmode=disable&connect_timeout=1"
}
