package postgres_test

import (
	"encoding/binary"
	"io"
	"sync/atomic"
)

// cutter cuts a connection once, before a message of the server.
type cutter struct{ left, cuts atomic.Int64 }

// never is a message that no test comes to.
const never = 1 << 40

func newCutter() *cutter {
	c := &cutter{}
	c.at(never)
	return c
}

// at cuts before the nth message from now on.
func (c *cutter) at(n int64) { c.left.Store(n) }

// passed is the number of messages since at(never).
func (c *cutter) passed() int64 { return never - c.left.Load() }

// pass is a way back from a server.
func (c *cutter) pass(client io.Writer, server io.Reader) {
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
