package tables

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// room is what a builder gets memory for before there are values.
type room struct {
	rows int
	text int // bytes
}

// leastRoom is the least number of rows that memory is made for.
const leastRoom = 64

// moreRoom is the number of rows or bytes to make memory for when needed no longer fits.
func moreRoom(room, needed int) int { return max(leastRoom, 2*room, needed) }

// validity says which rows of a column have a value.
type validity struct {
	rows, nulls int
	buffer      *memory.Buffer
	bits        []byte // of the buffer
}

// grow makes memory for so many rows in all. Those to come are null.
func (v *validity) grow(mem memory.Allocator, rows int) {
	before := len(v.bits)
	v.buffer = resized(mem, v.buffer, int(bitutil.BytesForBits(int64(rows))))
	v.bits = v.buffer.Bytes()
	clear(v.bits[before:])
}

// append adds a row with a value. There must be memory.
func (v *validity) append() {
	v.bits[v.rows/8] |= 1 << (v.rows % 8)
	v.rows++
}

// skip adds n rows without. There must be memory.
func (v *validity) skip(n int) {
	v.rows += n
	v.nulls += n
}

// newArray returns the rows as an array with these buffers behind that of its nulls. It takes the buffers over.
func (v *validity) newArray(mem memory.Allocator, typ arrow.DataType, buffers ...*memory.Buffer) arrow.Array {
	all := append([]*memory.Buffer{trimmed(mem, v.buffer, int(bitutil.BytesForBits(int64(v.rows))))}, buffers...)
	data := array.NewData(typ, v.rows, all, nil, v.nulls, 0)
	defer data.Release()
	for _, b := range all {
		b.Release()
	}
	*v = validity{}
	return array.MakeFromData(data)
}

// resized returns a buffer of more bytes than it had; nil has none.
func resized(mem memory.Allocator, b *memory.Buffer, bytes int) *memory.Buffer {
	if b == nil {
		b = memory.NewResizableBuffer(mem)
	}
	b.Resize(bytes)
	return b
}

// trimmed ends a buffer behind its first bytes. If that leaves most of its memory unused, they move: Go's
// allocator gives none back otherwise.
func trimmed(mem memory.Allocator, b *memory.Buffer, bytes int) *memory.Buffer {
	if 2*bytes >= b.Len() {
		b.Resize(bytes)
		return b
	}
	defer b.Release()
	small := resized(mem, nil, bytes)
	copy(small.Bytes(), b.Bytes())
	return small
}

// releaseBuffer releases a buffer if there is one.
func releaseBuffer(b *memory.Buffer) {
	if b != nil {
		b.Release()
	}
}
