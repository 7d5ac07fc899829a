package postgrestest

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// Way returns the URL of a way to the server by which back passes on what the server says.
func Way(t testing.TB, databaseURL string, back func(client io.Writer, server io.Reader)) string {
	t.Helper()
	wayURL, socket, of := otherSocket(t, databaseURL)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", of)
			if err != nil {
				client.Close()
				return
			}
			go func() { defer server.Close(); _, _ = io.Copy(server, client) }()
			go func() { defer client.Close(); back(client, server) }()
		}
	}()
	return wayURL
}

// Late returns the URL of a server that cannot be reached until it is called to arrive.
func Late(t testing.TB, databaseURL string) (lateURL string, arrive func()) {
	t.Helper()
	lateURL, socket, of := otherSocket(t, databaseURL)
	return lateURL, func() {
		if err := os.Symlink(of, socket); err != nil {
			t.Error(err)
		}
	}
}

// otherSocket returns a URL with a socket that is not there in the place of the server's.
func otherSocket(t testing.TB, databaseURL string) (otherURL, socket, of string) {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	of = filepath.Join(query.Get("host"), ".s.PGSQL.5432")
	if _, err := os.Stat(of); err != nil {
		t.Skip("the server has no socket here")
	}
	dir, err := os.MkdirTemp("", "way")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	return u.String(), filepath.Join(dir, ".s.PGSQL.5432"), of
}

// Cutter cuts a connection once, before a message of the server.
type Cutter struct{ left, cuts atomic.Int64 }

// Never is a message that no test comes to.
const Never = 1 << 40

// NewCutter returns one that cuts nothing yet.
func NewCutter() *Cutter {
	c := &Cutter{}
	c.At(Never)
	return c
}

// At cuts before the nth message from now on.
func (c *Cutter) At(n int64) { c.left.Store(n) }

// Passed is the number of messages since At(Never).
func (c *Cutter) Passed() int64 { return Never - c.left.Load() }

// Cuts is the number of connections that were cut.
func (c *Cutter) Cuts() int64 { return c.cuts.Load() }

// Pass is a way back from a server.
func (c *Cutter) Pass(client io.Writer, server io.Reader) {
	for {
		var head [5]byte
		if _, err := io.ReadFull(server, head[:]); err != nil {
			return
		}
		if c.left.Add(-1) == 0 {
			c.cuts.Add(1)
			return
		}
		if _, err := client.Write(head[:]); err != nil {
			return
		}
		if _, err := io.CopyN(client, server, int64(binary.BigEndian.Uint32(head[1:]))-4); err != nil {
			return
		}
	}
}
