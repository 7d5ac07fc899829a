package pipeline

import (
	"io"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/internal/arrowbridge"
)

// fileColumns is the number of columns, of all row groups together, at which a file ends: what a file
// says of them is held in memory until then.
const fileColumns = 100_000

// parquetWriter writes row groups column by column. It writes with arrow-go v18: v17's writer keeps
// pointers into batches for the bounds of a row group, which are then wrong once the batches' memory
// is used again.
type parquetWriter struct {
	file    *pqarrow.FileWriter
	schema  *arrow18.Schema
	columns int // written, of all row groups
}

func newParquetWriter(schema *arrow.Schema, w io.Writer) (*parquetWriter, error) {
	properties := parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithCompressionLevel(1),
		parquet.WithStats(true),
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCreatedBy("github.com/imednetgo/imednet"),
	)
	// A plain io.Writer keeps pqarrow from closing the file underneath.
	schema18, err := arrowbridge.Schema(schema)
	if err != nil {
		return nil, err
	}
	file, err := pqarrow.NewFileWriter(schema18, struct{ io.Writer }{w}, properties,
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return nil, err
	}
	return &parquetWriter{file: file, schema: schema18}, nil
}

// writeGroup writes the rows from and below to of an assembly as one row group.
func (w *parquetWriter) writeGroup(a *assembly, from, to int) error {
	if err := w.file.NewRowGroupChecked(); err != nil {
		return err
	}
	for i, field := range w.schema.Fields() {
		column, err := a.column(i, field.Type, from, to)
		if err != nil {
			return err
		}
		err = w.file.WriteColumnChunked(column, 0, int64(to-from))
		column.Release()
		if err != nil {
			return err
		}
	}
	w.columns += w.schema.NumFields()
	return nil
}

// full reports whether a further row group is better off in another file.
func (w *parquetWriter) full() bool { return w.columns+w.schema.NumFields() > fileColumns }

func (w *parquetWriter) close() error { return w.file.Close() }
