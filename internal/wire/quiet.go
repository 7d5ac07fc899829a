package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
)

// ErrTimeout is the cause of a request that took too long.
var ErrTimeout = errors.New("timed out")

// Quiet wraps the cause of a request without a complete answer. Of a cause whose own text may repeat
// the URL or bytes of the reply only the kind of failure is kept, in its text and in what it unwraps to.
func Quiet(err error) error {
	q := &quietError{text: "connection failed or reply malformed", timeout: isTimeout(err)}
	var (
		dial        *net.OpError
		resolve     *net.DNSError
		certificate *tls.CertificateVerificationError
		number      syscall.Errno
	)
	switch {
	case q.timeout:
		q.text, q.cause = ErrTimeout.Error(), timeoutCause(err)
	case errors.As(err, &resolve):
		q.text, q.cause = resolve.Error(), resolve
	case errors.As(err, &certificate):
		q.text, q.cause = certificate.Error(), certificate
	case errors.Is(err, syscall.ECONNRESET):
		q.text, q.cause = "connection reset", syscall.ECONNRESET
	case errors.As(err, &dial):
		q.text, q.cause = dial.Error(), dial
	case errors.Is(err, io.ErrUnexpectedEOF):
		q.text, q.cause = "connection closed before the reply was complete", io.ErrUnexpectedEOF
	case errors.Is(err, io.EOF):
		q.text, q.cause = "connection closed before the reply was complete", io.EOF
	case errors.Is(err, context.Canceled):
		q.cause = context.Canceled
	case errors.As(err, &number):
		q.cause = number
	}
	return q
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return err == ErrTimeout || errors.As(err, &timeout) && timeout.Timeout()
}

// timeoutCause is the timeout as programs ask for it.
func timeoutCause(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return ErrTimeout
}

// quietError says what kind of failure a request met.
type quietError struct {
	text    string
	cause   error // whose text holds neither URL nor reply; may be nil
	timeout bool
}

func (e *quietError) Error() string { return e.text }

func (e *quietError) Unwrap() error { return e.cause }

// Timeout reports whether the request took too long.
func (e *quietError) Timeout() bool { return e.timeout }
