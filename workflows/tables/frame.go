package tables

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet"
)

// frame gathers the rows of one table until they make a batch.
type frame struct {
	layout  *tableLayout
	formKey string // "" for the wide table
	builder *array.RecordBuilder
	columns []frameColumn
	rows    int
	bytes   int64
}

// frameColumn knows how many rows it holds. A column without an answer is filled with nulls when
// the next answer comes or the batch ends, so that a sparse wide table costs what it holds.
type frameColumn struct {
	writer cellWriter
	rows   int
}

func newFrame(mem memory.Allocator, layout *tableLayout, formKey string) *frame {
	f := &frame{layout: layout, formKey: formKey, builder: array.NewRecordBuilder(mem, layout.schema)}
	fields := f.builder.Fields()[len(layout.metadata):]
	for i := range layout.columns {
		c := &layout.columns[i]
		n := len(c.Type.dataTypes())
		f.columns = append(f.columns, frameColumn{writer: newCellWriter(c, fields[:n])})
		fields = fields[n:]
	}
	return f
}

// putMetadata appends the metadata columns of the next row. misfit receives the fields that are
// not of their documented type.
func (f *frame) putMetadata(r *imednet.Record, cover *subjectCover, misfit func(name string, raw []byte)) {
	for i := range f.layout.metadata {
		field := &f.layout.metadata[i]
		if raw := field.put(f.builder.Field(i), r, cover); raw != nil {
			misfit(field.name, raw)
		}
	}
}

// write puts a cell into a column of the row that is being built.
func (f *frame) write(column int, c cell) Reason {
	col := &f.columns[column]
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

// endRow completes the row; size is the bytes of its record.
func (f *frame) endRow(size int) {
	f.rows++
	f.bytes += int64(size) + f.layout.rowWidth
}

// take returns the rows as a batch, which the caller releases, and starts the next one.
func (f *frame) take() arrow.Record {
	for i := range f.columns {
		col := &f.columns[i]
		col.writer.skip(f.rows - col.rows)
		col.rows = 0
	}
	record := f.builder.NewRecord()
	for _, b := range f.builder.Fields() {
		if d, ok := b.(*array.BinaryDictionaryBuilder); ok {
			d.ResetFull() // a batch brings the texts that it uses, and no others
		}
	}
	f.rows, f.bytes = 0, 0
	return record
}

func (f *frame) release() { f.builder.Release() }
