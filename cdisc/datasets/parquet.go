package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// batchRows is how many rows are held at once.
const batchRows = 4096

// schemaOf reads the columns of a file.
func schemaOf(path string) (*arrow.Schema, error) {
	in, err := file.OpenParquetFile(path, false)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	r, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{BatchSize: batchRows}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	return r.Schema()
}

// batches yields the rows of a table's files in their order, with all columns or with these. A batch is
// valid until the next.
func (t *table) batches(ctx context.Context, columns ...int) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		var rows int64
		for _, f := range t.files {
			n, more, err := readBatches(ctx, filepath.Join(t.dir, filepath.FromSlash(f.Path)), t.schema, columns, yield)
			if err != nil {
				yield(nil, fail("read", f.Path, err))
				return
			}
			if !more {
				return
			}
			rows += n
		}
		if rows != t.rows {
			yield(nil, fail("read", "table "+t.name, fmt.Errorf("%d rows, the manifest says %d", rows, t.rows)))
		}
	}
}

func readBatches(ctx context.Context, path string, want *arrow.Schema, columns []int, yield func(arrow.RecordBatch, error) bool) (rows int64, more bool, err error) {
	in, err := file.OpenParquetFile(path, false)
	if err != nil {
		return 0, false, err
	}
	defer in.Close()
	r, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{BatchSize: batchRows}, memory.DefaultAllocator)
	if err != nil {
		return 0, false, err
	}
	schema, err := r.Schema()
	if err != nil {
		return 0, false, err
	}
	if !schema.Equal(want) {
		return 0, false, errors.New("the columns differ from those of the table's first file")
	}
	records, err := r.GetRecordReader(ctx, columns, nil)
	if err != nil {
		return 0, false, err
	}
	defer records.Release()
	for ctx.Err() == nil && records.Next() {
		batch := records.RecordBatch()
		rows += batch.NumRows()
		if !yield(batch, nil) {
			return rows, false, nil
		}
	}
	if err := records.Err(); err != nil && !errors.Is(err, io.EOF) {
		return rows, false, err
	}
	return rows, true, ctx.Err()
}
