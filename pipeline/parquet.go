package pipeline

import (
	"context"
	"io"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	array18 "github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// fileColumns is the number of columns, of all row groups together, at which a file ends: what a file
// says of them is held in memory until then.
const fileColumns = 100_000

// dictionaryRows is the number of rows with a column from which on the column is worth a dictionary.
const dictionaryRows = 256

// rowSource gives the columns of a row group, one at a time and in the order of the table.
type rowSource interface {
	// column writes the rows from and below to.
	column(field int, from, to int, out *columnWriter) error
	// filled returns how many rows may have an answer in the column.
	filled(field int) int64
}

// parquetWriter writes row groups column by column. It writes with arrow-go v18: v17's writer keeps
// pointers into batches for the bounds of a row group, which are then wrong once the batches' memory
// is used again. It knows no Arrow schema but only its shape: tables may have 100,000 columns.
type parquetWriter struct {
	file    *parquetFile
	shape   *parquetShape
	columns int                  // written, of all row groups
	empty   map[int]copiedColumn // of the row group, by kind of the column
}

// newParquetWriter begins a file. Columns have dictionaries if the rows at hand are enough for them.
func newParquetWriter(shape *parquetShape, rows rowSource, w io.Writer) (*parquetWriter, error) {
	settings := parquetSettings()
	for i, name := range shape.names {
		if rows != nil && rows.filled(i) >= dictionaryRows || shape.begins[i] != nil {
			settings = append(settings, parquet.WithDictionaryPath(parquet.ColumnPath{name}, true))
		}
	}
	out, err := newParquetFile(w, shape, parquet.NewWriterProperties(settings...))
	return &parquetWriter{file: out, shape: shape}, err
}

func parquetSettings() []parquet.WriterProperty {
	return []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithCompressionLevel(1),
		parquet.WithStats(true),
		parquet.WithDictionaryDefault(false),
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCreatedBy("github.com/imednetgo/imednet"),
	}
}

// writeGroup writes the rows from and below to, of which there are some, as one row group.
func (w *parquetWriter) writeGroup(rows rowSource, from, to int) error {
	w.file.beginGroup(to - from)
	w.empty = map[int]copiedColumn{}
	properties := pqarrow.DefaultWriterProps()
	column := &columnWriter{ctx: pqarrow.NewArrowWriteContext(context.Background(), &properties)}
	write := func(i int) error {
		out, err := w.file.nextColumn()
		if err != nil {
			return err
		}
		column.begin(out, w.shape.types[i], to-from)
		if err := column.declare(w.shape.begins[i]); err != nil {
			return err
		}
		if err := rows.column(i, from, to, column); err != nil {
			return err
		}
		return w.file.endColumn()
	}
	for i := range w.shape.types {
		if rows.filled(i) > 0 || w.file.hasDictionary(i) {
			if err := write(i); err != nil {
				return err
			}
		} else if err := w.writeEmpty(i, write); err != nil {
			return err
		}
	}
	w.columns += len(w.shape.types)
	return w.file.endGroup()
}

// writeEmpty writes a column without answers, which is encoded once for all columns of its kind: with one
// schema for all forms, these are most of the columns.
func (w *parquetWriter) writeEmpty(i int, write func(int) error) error {
	kind := w.shape.kinds[i]
	if c, known := w.empty[kind]; known {
		return w.file.repeatColumn(c)
	}
	var err error
	w.empty[kind], err = w.file.copyColumn(func() error { return write(i) })
	return err
}

// full reports whether a further row group is better off in another file.
func (w *parquetWriter) full() bool { return w.columns+len(w.shape.types) > fileColumns }

func (w *parquetWriter) close() error { return w.file.close() }

// columnWriter writes one column of a row group after the other.
type columnWriter struct {
	ctx    context.Context
	out    file.ColumnChunkWriter
	typ    arrow18.DataType
	levels []int16 // of the rows: 1 for an answer
	// declared is true if the dictionary has begun: answers are then looked up in it one by one, since
	// those of batches may end differently.
	declared bool
	answers
}

func (w *columnWriter) begin(out file.ColumnChunkWriter, typ arrow18.DataType, rows int) {
	w.out, w.typ = out, typ
	if cap(w.levels) < rows {
		w.levels = make([]int16, rows)
	}
	w.levels = w.levels[:rows]
	clear(w.levels)
	w.reset()
}

func (w *columnWriter) nullable() bool { return w.out.Descr().MaxDefinitionLevel() > 0 }

// write writes the next rows of a column as they are.
func (w *columnWriter) write(rows arrow18.Array) error {
	if rows.Len() == 0 {
		return nil
	}
	if dictionary, ok := rows.(*array18.Dictionary); ok && w.declared {
		plain := plainTexts(dictionary)
		defer plain.Release()
		rows = plain
	}
	if !w.nullable() {
		return pqarrow.WriteArrowToColumn(w.ctx, w.out, rows, nil, nil, false)
	}
	levels := w.levels[:rows.Len()]
	for i := range levels {
		levels[i] = 0
		if rows.IsValid(i) {
			levels[i] = 1
		}
	}
	return pqarrow.WriteArrowToColumn(w.ctx, w.out, rows, levels, nil, true)
}

// writeAnswers writes a whole column from its answers and their places in levels.
func (w *columnWriter) writeAnswers() error {
	levels := w.levels
	if !w.nullable() {
		levels = nil
	}
	return w.writeTo(w.out, levels)
}
