package wire

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
)

// ErrTimeout is the cause of a request that took too long.
var ErrTimeout = errors.New("timed out")

// Quiet wraps the cause of a request without a complete answer.
func Quiet(err error) error { return &quietError{err} }

// quietError keeps a cause whose own text may repeat the URL or bytes of the reply, and says
// only what kind of failure it is.
type quietError struct{ cause error }

func (e *quietError) Unwrap() error { return e.cause }

// Timeout reports whether the request took too long.
func (e *quietError) Timeout() bool {
	var timeout interface{ Timeout() bool }
	return e.cause == ErrTimeout || errors.As(e.cause, &timeout) && timeout.Timeout()
}

func (e *quietError) Error() string {
	var (
		dial        *net.OpError
		resolve     *net.DNSError
		certificate *tls.CertificateVerificationError
	)
	switch {
	case e.Timeout():
		return ErrTimeout.Error()
	case errors.As(e.cause, &resolve):
		return resolve.Error()
	case errors.As(e.cause, &certificate):
		return certificate.Error()
	case errors.Is(e.cause, syscall.ECONNRESET):
		return "connection reset"
	case errors.As(e.cause, &dial):
		return dial.Error()
	case errors.Is(e.cause, io.EOF), errors.Is(e.cause, io.ErrUnexpectedEOF):
		return "connection closed before the reply was complete"
	}
	return "connection failed or reply malformed"
}
