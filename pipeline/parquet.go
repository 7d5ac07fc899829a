package pipeline

import (
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

// rowGroupRows ends a row group. Readers skip whole groups by their statistics.
const rowGroupRows = 1 << 16

// parquetWriter gathers small batches into row groups.
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
	file, err := pqarrow.NewFileWriter(schema, struct{ io.Writer }{w}, properties,
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return nil, err
	}
	return &parquetWriter{file: file}, nil
}

func (w *parquetWriter) write(batch arrow.Record) error {
	if w.rows+batch.NumRows() > rowGroupRows {
		w.endGroup()
	}
	w.rows += batch.NumRows()
	return w.file.WriteBuffered(batch)
}

func (w *parquetWriter) pending() int64 {
	if w.rows == 0 {
		return 0
	}
	return w.file.RowGroupTotalBytesWritten()
}

func (w *parquetWriter) endGroup() {
	if w.rows > 0 {
		w.file.NewBufferedRowGroup()
		w.rows = 0
	}
}

func (w *parquetWriter) close() error { return w.file.Close() }
