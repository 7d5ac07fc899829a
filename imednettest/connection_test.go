package imednettest_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// listen serves a study under a connection, and returns a plain client that trusts its authority.
func listen(t *testing.T, c imednettest.Connection, trust bool) (baseURL string, client *http.Client) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listening, err := c.Listen(l)
	require.NoError(t, err)
	server := &http.Server{Handler: imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 60})), ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listening) }()
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	transport := &http.Transport{}
	if trust {
		pool := x509.NewCertPool()
		require.True(t, pool.AppendCertsFromPEM(listening.Authority))
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return listening.BaseURL, &http.Client{Transport: transport}
}

// Each failure before the first request is what net/http calls it, and an error of rest that says
// which without the URL.
func TestFailingConnections(t *testing.T) {
	for name, c := range map[string]struct {
		connection imednettest.Connection
		trust      bool
		check      func(err error)
		says       string
	}{
		"unknown authority": {imednettest.Connection{TLS: imednettest.TLSUnknownAuthority}, true, func(err error) {
			var unknown x509.UnknownAuthorityError
			require.ErrorAs(t, err, &unknown)
		}, "certificate signed by unknown authority"},
		"authority that nobody trusts": {imednettest.Connection{TLS: imednettest.TLSUnknownAuthority}, false, func(err error) {
			var unknown x509.UnknownAuthorityError
			require.ErrorAs(t, err, &unknown)
		}, "certificate signed by unknown authority"},
		"wrong host": {imednettest.Connection{TLS: imednettest.TLSWrongHost}, true, func(err error) {
			var host x509.HostnameError
			require.ErrorAs(t, err, &host)
		}, "certificate"},
		"expired": {imednettest.Connection{TLS: imednettest.TLSExpired}, true, func(err error) {
			var invalid x509.CertificateInvalidError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, x509.Expired, invalid.Reason)
		}, "certificate has expired"},
		"aborted": {imednettest.Connection{TLS: imednettest.TLSAborted}, true, func(err error) {
			require.ErrorIs(t, err, io.EOF)
		}, "connection closed"},
		"name": {imednettest.Connection{Address: imednettest.Unresolvable}, false, func(err error) {
			var resolve *net.DNSError
			require.ErrorAs(t, err, &resolve)
			require.Equal(t, "imednet-demo.invalid", resolve.Name)
		}, "imednet-demo.invalid"},
		"refused": {imednettest.Connection{Address: imednettest.Refused}, false, func(err error) {
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
		}, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			base, client := listen(t, c.connection, c.trust)
			for range 2 {
				_, err := client.Get(base + "/api/v1/edc/studies")
				require.Error(t, err)
				c.check(err)
			}
			reader, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(base), rest.WithHTTPClient(client), rest.WithRetry(rest.RetryPolicy{MaxAttempts: 1}))
			require.NoError(t, err)
			_, err = reader.ProbeRecords(t.Context(), "DEMO", imednet.Filter{})
			var transport *imednet.TransportError
			require.ErrorAs(t, err, &transport)
			c.check(err)
			require.Contains(t, err.Error(), c.says)
			require.NotContains(t, err.Error(), "filter")
		})
	}
}

// After as many handshakes as were to fail, the server answers with a good certificate.
func TestHandshakesThatFailAtFirst(t *testing.T) {
	for _, failure := range []imednettest.TLSFailure{imednettest.TLSUnknownAuthority, imednettest.TLSWrongHost, imednettest.TLSExpired, imednettest.TLSAborted} {
		base, client := listen(t, imednettest.Connection{TLS: failure, Handshakes: 2}, true)
		for range 2 {
			_, err := client.Get(base)
			require.Error(t, err, failure)
		}
		res, err := client.Do(request(t, "GET", base+"/api/v1/edc/studies", ""))
		require.NoError(t, err, failure)
		require.Equal(t, http.StatusOK, res.StatusCode)
		require.NoError(t, res.Body.Close())
	}
}

func TestConnectionsThatCannotBe(t *testing.T) {
	for _, text := range []string{
		`{"tls":"weak"}`, `{"address":"moon"}`, `{"tls":"expired","address":"refused"}`, `{"handshakes":2}`, `{"tls":"expired","handshakes":-1}`, `{"TLS ":"expired"}`,
	} {
		_, err := imednettest.ReadScenario(strings.NewReader(`{"connection":` + text + `}`))
		require.Error(t, err, text)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, err = imednettest.Connection{TLS: "weak"}.Listen(l)
	require.Error(t, err)
	listening, err := imednettest.Connection{}.Listen(l)
	require.NoError(t, err)
	require.Equal(t, l, listening.Listener)
	u, err := url.Parse(listening.BaseURL)
	require.NoError(t, err)
	require.Equal(t, l.Addr().String(), u.Host)
}
