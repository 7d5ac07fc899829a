package pipeline

import (
	"io"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/internal/arrowbridge"
)

// rowGroupRows ends a row group. Readers skip whole groups by their statistics.
const rowGroupRows = 1 << 16

// parquetWriter gathers small batches into row groups. It writes with arrow-go v18: v17's writer
// keeps pointers into batches for the bounds of a row group, which are then wrong once the batches'
// memory is used again.
type parquetWriter struct {
	file *pqarrow.FileWriter
	rows int64 // in the open row group
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
	return &parquetWriter{file: file}, nil
}

func (w *parquetWriter) write(batch arrow.Record) error {
	if w.rows+batch.NumRows() > rowGroupRows {
		if err := w.endGroup(); err != nil {
			return err
		}
	}
	w.rows += batch.NumRows()
	shared, err := arrowbridge.Record(batch)
	if err != nil {
		return err
	}
	defer shared.Release()
	return w.file.WriteBuffered(shared)
}

func (w *parquetWriter) pending() int64 {
	if w.rows == 0 {
		return 0
	}
	return w.file.RowGroupTotalBytesWritten()
}

func (w *parquetWriter) endGroup() error {
	if w.rows == 0 {
		return nil
	}
	w.rows = 0
	return w.file.NewBufferedRowGroupChecked()
}

func (w *parquetWriter) close() error { return w.file.Close() }
