package postgres_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/postgres"
)

// answering serves a port where a request for TLS gets an answer, and then what follows it.
func answering(t *testing.T, answer byte, then func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := io.ReadFull(conn, make([]byte, 8)); err == nil {
				_, _ = conn.Write([]byte{answer})
				then(conn)
			}
			_ = conn.Close()
		}
	}()
	return "postgres://anna:sesame@" + l.Addr().String() + "/imednet?sslmode="
}

// TestAConnectionThatCannotBeEncryptedSaysWhy keeps people from searching the network for it.
func TestAConnectionThatCannotBeEncryptedSaysWhy(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	certificate := func(conn net.Conn) {
		_ = tls.Server(conn, &tls.Config{Certificates: server.TLS.Certificates}).Handshake()
	}
	for url, why := range map[string]string{
		answering(t, 'N', func(net.Conn) {}) + "require":     "the server does not encrypt connections",
		answering(t, 'N', func(net.Conn) {}) + "verify-full": "the server does not encrypt connections",
		answering(t, 'S', certificate) + "verify-full":       "the server's certificate could not be verified",
		answering(t, 'S', func(net.Conn) {}) + "require":     "no connection could be made",
		answering(t, 'E', func(net.Conn) {}) + "require":     "the server answered the request to encrypt with an error",
		answering(t, 'E', func(net.Conn) {}) + "verify-full": "the server answered the request to encrypt with an error",
		answering(t, 'H', func(net.Conn) {}) + "verify-full": "what answers there is no PostgreSQL server",
	} {
		_, err := postgres.Open(t.Context(), url)
		require.Error(t, err)
		require.ErrorContains(t, err, why)
		require.NotContains(t, err.Error(), "sesame")
	}
}
