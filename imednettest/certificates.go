package imednettest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// certificates are what a listener shows.
type certificates struct {
	good, bad tls.Certificate
	authority []byte // PEM
}

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// newCertificates makes a certificate for an address, and one with which its handshakes fail.
func newCertificates(failure TLSFailure, addr net.Addr) (certificates, error) {
	trusted, err := newAuthority()
	if err != nil {
		return certificates{}, err
	}
	out := certificates{authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.certificate.Raw})}
	host, _, err := net.SplitHostPort(addr.String())
	if err != nil {
		return certificates{}, err
	}
	if out.good, err = trusted.sign(host, time.Now().Add(24*time.Hour)); err != nil {
		return certificates{}, err
	}
	switch failure {
	case TLSWrongHost:
		out.bad, err = trusted.sign("elsewhere.invalid", time.Now().Add(24*time.Hour))
	case TLSExpired:
		out.bad, err = trusted.sign(host, time.Now().Add(-time.Hour))
	case TLSUnknownAuthority:
		var stranger authority
		if stranger, err = newAuthority(); err == nil {
			out.bad, err = stranger.sign(host, time.Now().Add(24*time.Hour))
		}
	}
	return out, err
}

func newAuthority() (authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, err
	}
	self := template("imednettest authority", time.Now().Add(48*time.Hour))
	self.IsCA, self.BasicConstraintsValid, self.KeyUsage = true, true, x509.KeyUsageCertSign
	raw, err := x509.CreateCertificate(rand.Reader, self, self, key.Public(), key)
	if err != nil {
		return authority{}, err
	}
	certificate, err := x509.ParseCertificate(raw)
	return authority{certificate, key}, err
}

// sign makes a certificate for a host.
func (a authority) sign(host string, until time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf := template(host, until)
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if ip := net.ParseIP(host); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{host}
	}
	raw, err := x509.CreateCertificate(rand.Reader, leaf, a.certificate, key.Public(), a.key)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, err
}

func template(name string, until time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-240 * time.Hour), NotAfter: until,
	}
}
