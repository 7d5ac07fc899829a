package tables

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// fixedValue is a Go type of which an Arrow array of values of one size is made.
type fixedValue interface {
	int64 | float64 | arrow.Date32 | arrow.Timestamp
}

// fixedBuilder builds an array of values of one size. It does what Arrow's builder of the type does, and can be
// given memory for exactly the rows that are expected.
type fixedBuilder[T fixedValue] struct {
	mem memory.Allocator
	typ arrow.DataType
	validity
	buffer *memory.Buffer
	values []T // of the buffer, as many as there is memory for
}

// newFixedBuilder returns a builder with memory for what is expected; it makes more when that is full.
func newFixedBuilder[T fixedValue](mem memory.Allocator, typ arrow.DataType, r room) fixedBuilder[T] {
	b := fixedBuilder[T]{mem: mem, typ: typ}
	b.reserve(r)
	return b
}

func (b *fixedBuilder[T]) reserve(r room) {
	if r.rows > 0 {
		b.grow(r.rows)
	}
}

func (b *fixedBuilder[T]) textBytes() int { return 0 }

func (b *fixedBuilder[T]) grow(rows int) {
	b.validity.grow(b.mem, rows)
	b.buffer = resized(b.mem, b.buffer, rows*b.size())
	b.values = arrow.GetData[T](b.buffer.Bytes())
}

// size is that of a value in bytes.
func (b *fixedBuilder[T]) size() int { return b.typ.(arrow.FixedWidthDataType).Bytes() }

func (b *fixedBuilder[T]) append(v T) {
	if b.rows == len(b.values) {
		b.grow(moreRoom(b.rows, b.rows+1))
	}
	b.values[b.rows] = v
	b.validity.append()
}

// skip appends n nulls.
func (b *fixedBuilder[T]) skip(n int) {
	if all := b.rows + n; all > len(b.values) {
		b.grow(moreRoom(b.rows, all))
	}
	clear(b.values[b.rows : b.rows+n])
	b.validity.skip(n)
}

// newArray returns the array of all rows, and leaves nothing.
func (b *fixedBuilder[T]) newArray() arrow.Array {
	values := trimmed(b.mem, b.buffer, b.rows*b.size())
	b.buffer, b.values = nil, nil
	return b.validity.newArray(b.mem, b.typ, values)
}

func (b *fixedBuilder[T]) release() {
	releaseBuffer(b.buffer)
	releaseBuffer(b.validity.buffer)
}
