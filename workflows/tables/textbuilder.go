package tables

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// textBuilder builds an array of texts. It does what Arrow's builder does, and can be given memory for exactly
// what is expected.
type textBuilder struct {
	mem memory.Allocator
	validity
	ends    *memory.Buffer
	offsets []int32 // of ends: where each text begins, and where the last one ends
	buffer  *memory.Buffer
	text    []byte // of the buffer, as much as there is memory for
	used    int    // of text
}

// newTextBuilder returns a builder with memory for what is expected; it makes more when that is full.
func newTextBuilder(mem memory.Allocator, r room) textBuilder {
	b := textBuilder{mem: mem}
	b.reserve(r)
	return b
}

func (b *textBuilder) reserve(r room) {
	if r.rows > 0 {
		b.growRows(r.rows)
	}
	if r.text > 0 {
		b.growText(r.text)
	}
}

func (b *textBuilder) textBytes() int { return b.used }

func (b *textBuilder) growRows(rows int) {
	first := b.ends == nil
	b.validity.grow(b.mem, rows)
	b.ends = resized(b.mem, b.ends, (rows+1)*arrow.Int32SizeBytes)
	b.offsets = arrow.GetData[int32](b.ends.Bytes())
	if first {
		b.offsets[0] = 0
	}
}

func (b *textBuilder) growText(bytes int) {
	b.buffer = resized(b.mem, b.buffer, bytes)
	b.text = b.buffer.Bytes()
}

func (b *textBuilder) append(text []byte) {
	end := b.begin(len(text))
	copy(b.text[b.used:end], text)
	b.end(end)
}

func (b *textBuilder) appendString(text string) {
	end := b.begin(len(text))
	copy(b.text[b.used:end], text)
	b.end(end)
}

// begin makes memory for another row with so many bytes, and returns where its text is to end.
func (b *textBuilder) begin(bytes int) (end int) {
	if b.rows+1 >= len(b.offsets) {
		b.growRows(moreRoom(b.rows, b.rows+1))
	}
	if end = b.used + bytes; end > len(b.text) {
		b.growText(moreRoom(len(b.text), end))
	}
	return end
}

func (b *textBuilder) end(at int) {
	b.used = at
	b.validity.append()
	b.offsets[b.rows] = int32(at)
}

// skip appends n nulls.
func (b *textBuilder) skip(n int) {
	if all := b.rows + n; all >= len(b.offsets) {
		b.growRows(moreRoom(b.rows, all))
	}
	b.validity.skip(n)
	for i := b.rows - n + 1; i <= b.rows; i++ {
		b.offsets[i] = int32(b.used)
	}
}

// newArray returns the array of all rows, and leaves nothing.
func (b *textBuilder) newArray() arrow.Array {
	if b.buffer == nil {
		b.growText(0)
	}
	ends, text := trimmed(b.mem, b.ends, (b.rows+1)*arrow.Int32SizeBytes), trimmed(b.mem, b.buffer, b.used)
	b.ends, b.offsets, b.buffer, b.text, b.used = nil, nil, nil, nil, 0
	return b.validity.newArray(b.mem, textType, ends, text)
}

func (b *textBuilder) release() {
	releaseBuffer(b.ends)
	releaseBuffer(b.buffer)
	releaseBuffer(b.validity.buffer)
}
