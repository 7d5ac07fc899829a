package imednettest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// TLSFailure is how a TLS handshake fails.
type TLSFailure string

// The failures of a handshake, and the errors of Go's net/http. A client that checks the chain
// first, as OpenSSL does, must trust the authority to see a wrong host or an expired date.
const (
	TLSUnknownAuthority TLSFailure = "unknownAuthority" // x509.UnknownAuthorityError
	TLSWrongHost        TLSFailure = "wrongHost"        // x509.HostnameError: the certificate is for elsewhere.invalid
	TLSExpired          TLSFailure = "expired"          // x509.CertificateInvalidError with x509.Expired
	TLSAborted          TLSFailure = "aborted"          // io.EOF: the connection closes after the client's first message
)

// Address is an address at which nothing answers.
type Address string

// The addresses. A server cannot make a name fail to resolve or a connection be refused, so the
// announced base URL leads nowhere instead.
const (
	Unresolvable Address = "unresolvable" // a name under .invalid, which never resolves (RFC 6761): *net.DNSError
	Refused      Address = "refused"      // a port of this computer on which nothing listens: syscall.ECONNREFUSED
)

// Connection describes what goes wrong before a request reaches a server. It concerns the listener,
// so [Server.Play] ignores it; "imednet demo --faults FILE" plays it.
type Connection struct {
	// TLS turns on TLS and makes handshakes fail in this way.
	TLS TLSFailure `json:"tls,omitempty"`
	// Handshakes is the number of handshakes that fail; 0 means all. Later ones present a good
	// certificate of the authority that Listen returns.
	Handshakes int `json:"handshakes,omitempty"`
	// Address announces an address at which nothing answers.
	Address Address `json:"address,omitempty"`
}

// Listening is a listener that [Connection.Listen] returns.
type Listening struct {
	net.Listener
	BaseURL   string // to announce to clients
	Authority []byte // PEM of the authority that signs good certificates; nil without TLS
}

// Listen makes the connections of a listener fail as c says. The zero Connection changes nothing.
func (c Connection) Listen(l net.Listener) (Listening, error) {
	if err := c.check(); err != nil {
		return Listening{}, err
	}
	out := Listening{Listener: l, BaseURL: "http://" + l.Addr().String()}
	if c.TLS != "" {
		certificates, err := newCertificates(c.TLS, l.Addr())
		if err != nil {
			return Listening{}, fmt.Errorf("imednettest: make certificates: %w", err)
		}
		out.Listener, out.BaseURL, out.Authority = tls.NewListener(l, c.config(certificates)), "https://"+l.Addr().String(), certificates.authority
	}
	switch c.Address {
	case Unresolvable:
		_, port, _ := net.SplitHostPort(l.Addr().String())
		out.BaseURL = "https://imednet-demo.invalid:" + port // clients send keys to another computer over TLS alone
	case Refused:
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return Listening{}, fmt.Errorf("imednettest: find a free port: %w", err)
		}
		out.BaseURL = "http://" + free.Addr().String()
		return out, free.Close()
	}
	return out, nil
}

// check refuses words that no connection knows.
func (c Connection) check() error {
	switch c.TLS {
	case "", TLSUnknownAuthority, TLSWrongHost, TLSExpired, TLSAborted:
	default:
		return fmt.Errorf("tls %q is none of unknownAuthority, wrongHost, expired and aborted", string(c.TLS))
	}
	switch c.Address {
	case "", Unresolvable, Refused:
	default:
		return fmt.Errorf("address %q is neither unresolvable nor refused", string(c.Address))
	}
	if c.TLS != "" && c.Address != "" || c.TLS == "" && c.Handshakes != 0 || c.Handshakes < 0 {
		return errors.New("a connection has either tls, with a number of handshakes that is not negative, or an address")
	}
	return nil
}

// errAborted ends a handshake whose connection is closed.
var errAborted = errors.New("imednettest: the handshake is broken off")

// config chooses what each handshake meets.
func (c Connection) config(certificates certificates) *tls.Config {
	var seen atomic.Int64
	with := func(certificate tls.Certificate) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, Time: time.Now}
	}
	good, bad := with(certificates.good), with(certificates.bad)
	return &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		switch {
		case seen.Add(1) > int64(c.Handshakes) && c.Handshakes > 0:
			return good, nil
		case c.TLS == TLSAborted:
			return nil, errors.Join(errAborted, hello.Conn.Close())
		}
		return bad, nil
	}}
}
