package imednettest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"syscall"

	"github.com/imednetgo/imednet/internal/wire"
)

// Transport returns a transport that reaches s without a network, for any HTTP client:
//
//	rest.WithHTTPClient(&http.Client{Transport: server.Transport()})
//
// A request is answered on the goroutine that sends it. If a fault breaks the connection, the error
// is syscall.ECONNRESET before the answer and io.ErrUnexpectedEOF within it. What happens before a
// server is reached (names, certificates, refused connections) is played by [BrokenTransport].
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip hands the request to the server's handler.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}}
	broken := w.serve(t.server, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if broken && w.status == 0 {
		return nil, syscall.ECONNRESET
	}
	length, err := strconv.Atoi(w.header.Get("Content-Length"))
	body := io.Reader(&w.body)
	if broken || err == nil && length > w.body.Len() {
		body = io.MultiReader(body, cut{})
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(body), ContentLength: int64(length), Request: r,
	}, nil
}

// cut is where a body ends too early.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// serve runs a handler and reports whether it broke the connection.
func (w *recorder) serve(h http.Handler, r *http.Request) (broken bool) {
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			broken = true
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

// Header implements http.ResponseWriter.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		w.header = w.header.Clone()
	}
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush implements http.Flusher.
func (w *recorder) Flush() {}

// BrokenTransport returns a transport that does not reach a server: the first times requests fail
// with err, such as the *net.DNSError, *tls.CertificateVerificationError or refused connection that
// the standard library's transport returns. Later requests go through next.
func BrokenTransport(err error, times int, next http.RoundTripper) http.RoundTripper {
	b := &brokenTransport{err: err, next: next}
	b.left.Store(int64(times))
	return b
}

type brokenTransport struct {
	err  error
	left atomic.Int64
	next http.RoundTripper
}

// RoundTrip fails as long as it was told to.
func (b *brokenTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.left.Add(-1) >= 0 {
		return nil, b.err
	}
	return b.next.RoundTrip(r)
}

// withoutNetwork is an HTTP client that asks s and follows redirects on s alone.
func withoutNetwork(s *Server) *http.Client {
	return wire.GuardRedirects(&http.Client{Transport: s.Transport()}, inMemoryURL())
}
