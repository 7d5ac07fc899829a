package tables

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet"
)

// frame gathers the rows of one table until they make a batch. A column without an answer has no
// writer: all such columns of a batch share one array of nulls for each type. So a table costs
// what it holds and not what it has room for, and wide tables over many forms stay small.
type frame struct {
	mem       memory.Allocator
	layout    *tableLayout
	formKey   string // "" for the wide table
	at        int    // place in the plan
	metadata  []fieldBuilder
	texts     []int         // bytes of the metadata in the last batch
	first     int           // of the layout's columns that this frame may fill
	columns   []frameColumn // these
	touched   []int         // columns with an answer in the open batch
	rows      int
	positions []int64 // of the rows among all rows of the run
	bytes     int64
	width     int64 // bytes that every further row takes in the columns that have writers
	expected  int   // rows, as many as the last batch had
	ahead     *ahead
	reserved  int64 // of ahead, by this batch
}

// ahead bounds the memory that the frames of a pass make for rows that they expect.
type ahead struct{ left int64 } // in bytes

// reserve takes bytes if they are left.
func (a *ahead) reserve(bytes int64) bool {
	if bytes > a.left {
		return false
	}
	a.left -= bytes
	return true
}

// frameColumn knows how many rows it holds. Nulls are filled in when the next answer comes or the
// batch ends.
type frameColumn struct {
	writer cellWriter // nil without an answer
	rows   int
	text   int // bytes in the last batch
}

// newFrame returns a frame that fills count of the layout's columns, from the first of them on.
func newFrame(mem memory.Allocator, layout *tableLayout, formKey string, first, count int, a *ahead) *frame {
	f := &frame{mem: mem, layout: layout, formKey: formKey, first: first, columns: make([]frameColumn, count), ahead: a}
	for _, field := range layout.metadata {
		f.metadata = append(f.metadata, newFieldBuilder(mem, field.typ))
	}
	f.texts = make([]int, len(f.metadata))
	f.width = metadataWidth * int64(len(layout.metadata))
	return f
}

// metadataWidth estimates the bytes of a row in a metadata column.
const metadataWidth = 8

// putMetadata appends the metadata columns of the next row. misfit receives the fields that are
// not of their documented type.
func (f *frame) putMetadata(r *imednet.Record, c *cover, misfit func(name string, raw []byte)) {
	if f.rows == 0 {
		f.openMetadata()
	}
	for i := range f.layout.metadata {
		field := &f.layout.metadata[i]
		if raw := field.put(f.metadata[i], r, c); raw != nil {
			misfit(field.name, raw)
		}
	}
}

// openMetadata gives the metadata memory for another batch like the last.
func (f *frame) openMetadata() {
	for i, b := range f.metadata {
		b.reserve(f.expect(metadataWidth, f.texts[i]))
	}
}

// expect takes memory for the column of another batch like the last; none if there is too little left.
func (f *frame) expect(width int64, text int) room {
	size := int64(f.expected)*width + int64(text)
	if !f.ahead.reserve(size) {
		return room{}
	}
	f.reserved += size
	return room{f.expected, text}
}

// write puts a cell into a column of the row that is being built.
func (f *frame) write(column int, c cell) Reason {
	col := &f.columns[column-f.first]
	if col.writer == nil {
		f.open(column - f.first)
	}
	if gap := f.rows - col.rows; gap > 0 {
		col.writer.skip(gap)
		col.rows = f.rows
	}
	reason := col.writer.write(c)
	if reason == "" {
		col.rows++
	}
	return reason
}

// open gives a column its writer, with memory for the rows of another batch like the last.
func (f *frame) open(column int) {
	col, c := &f.columns[column], f.layout.columns[f.first+column]
	col.writer = newCellWriter(f.mem, c, f.expect(c.Type.rowWidth(), col.text))
	f.touched = append(f.touched, column)
	f.width += c.Type.rowWidth()
	f.bytes += int64(f.rows) * c.Type.rowWidth()
}

// endRow completes the row, and returns by how much the frame grew; size is the bytes of the
// record.
func (f *frame) endRow(size int) (grown int64) {
	f.rows++
	grown = int64(size) + f.width
	f.bytes += grown
	return grown
}

// take returns the rows as a batch, which the caller releases, and starts the next one.
func (f *frame) take() arrow.Record {
	arrays := make([]arrow.Array, 0, f.layout.schema.NumFields())
	for i, b := range f.metadata {
		f.texts[i] = b.textBytes()
		arrays = append(arrays, b.newArray())
	}
	nulls := map[arrow.DataType]arrow.Array{}
	for i := range f.layout.columns {
		col := f.column(i)
		if col == nil || col.writer == nil {
			arrays = f.appendNulls(arrays, nulls, f.layout.columns[i])
			continue
		}
		col.writer.skip(f.rows - col.rows)
		col.text = col.writer.textBytes()
		arrays = col.writer.arrays(arrays)
	}
	record := array.NewRecord(f.layout.schema, arrays, int64(f.rows))
	for _, a := range arrays {
		a.Release()
	}
	for _, a := range nulls {
		a.Release()
	}
	f.reset()
	return record
}

// column returns the frame's part of a column of the layout, nil for one that it does not fill.
func (f *frame) column(i int) *frameColumn {
	if i -= f.first; i < 0 || i >= len(f.columns) {
		return nil
	}
	return &f.columns[i]
}

// appendNulls appends the arrays of a column without an answer. One with declared choices has an array of its
// own, whose dictionary has them.
func (f *frame) appendNulls(arrays []arrow.Array, nulls map[arrow.DataType]arrow.Array, c *Column) []arrow.Array {
	if c.begins() != nil {
		b := newBuilder(f.mem, c, dictionaryType)
		defer b.Release()
		b.AppendNulls(f.rows)
		return append(arrays, b.NewArray())
	}
	for _, t := range c.Type.dataTypes() {
		a := nulls[t]
		if a == nil {
			b := array.NewBuilder(f.mem, t)
			b.AppendNulls(f.rows)
			a = b.NewArray()
			b.Release()
			nulls[t] = a
		}
		a.Retain()
		arrays = append(arrays, a)
	}
	return arrays
}

// reset drops the writers of the columns: the next batch may have answers in others, and a
// dictionary must not keep the texts of this one.
func (f *frame) reset() {
	for _, i := range f.touched {
		col := &f.columns[i]
		col.writer.release()
		*col = frameColumn{text: col.text}
	}
	f.touched = f.touched[:0]
	f.ahead.left += f.reserved
	f.expected = f.rows
	f.rows, f.bytes, f.reserved = 0, 0, 0
	f.width = metadataWidth * int64(len(f.layout.metadata))
}

func (f *frame) release() {
	f.reset()
	for _, b := range f.metadata {
		b.release()
	}
}
