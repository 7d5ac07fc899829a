package transit

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// What a connection fails with when the request to encrypt it is answered by neither yes nor no. pgx takes any answer
// but yes for a server that does not encrypt.
var (
	// ErrAnsweredError means that the server answered with an error, of which nothing is repeated: nobody has proven yet
	// that it is the server's.
	ErrAnsweredError = errors.New("the server answered the request to encrypt with an error")
	// ErrNoServer means that the answer is not of PostgreSQL's protocol.
	ErrNoServer = errors.New("what answers there is no PostgreSQL server")
)

// HearAnswers makes connections of a configuration fail with [ErrAnsweredError] and [ErrNoServer].
func HearAnswers(config *pgx.ConnConfig) {
	config.DialFunc = hearing(config.DialFunc)
}

func hearing(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &listener{Conn: conn}, nil
	}
}

// listener hears the answer to a request to encrypt, which is the first thing that is said if it is said at all. Later a
// connection is written to and read from at the same time.
type listener struct {
	net.Conn
	state atomic.Int32
}

// The states of a listener.
const (
	silent = iota // nothing was said yet
	asked         // the request was, and not answered
	over
)

var encryptionRequest = binary.BigEndian.AppendUint64(nil, 8<<32|80877103)

// Write is part of net.Conn.
func (l *listener) Write(b []byte) (int, error) {
	said := int32(over)
	if string(b) == string(encryptionRequest) {
		said = asked
	}
	l.state.CompareAndSwap(silent, said)
	return l.Conn.Write(b)
}

// Read is part of net.Conn.
func (l *listener) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if n == 0 || !l.state.CompareAndSwap(asked, over) {
		return n, err
	}
	switch b[0] {
	case 'S', 'N':
		return n, err
	case 'E':
		return 0, ErrAnsweredError
	}
	return 0, ErrNoServer
}
