package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/duckdb/duckdb-go/v2"
)

// duckColumn says how an Arrow type stands in DuckDB.
type duckColumn struct {
	sql string
	typ duckdb.Type
}

func duckTypeOf(t arrow.DataType) (duckColumn, error) {
	switch t.ID() {
	case arrow.STRING, arrow.LARGE_STRING, arrow.DICTIONARY:
		return duckColumn{"VARCHAR", duckdb.TYPE_VARCHAR}, nil
	case arrow.INT64:
		return duckColumn{"BIGINT", duckdb.TYPE_BIGINT}, nil
	case arrow.FLOAT64:
		return duckColumn{"DOUBLE", duckdb.TYPE_DOUBLE}, nil
	case arrow.BOOL:
		return duckColumn{"BOOLEAN", duckdb.TYPE_BOOLEAN}, nil
	case arrow.DATE32:
		return duckColumn{"DATE", duckdb.TYPE_DATE}, nil
	case arrow.TIMESTAMP:
		return duckColumn{"TIMESTAMP", duckdb.TYPE_TIMESTAMP}, nil
	}
	return duckColumn{}, fmt.Errorf("no DuckDB type for Arrow's %s", t)
}

// arrowColumn writes the values of rows from the first into a column of a chunk.
type arrowColumn func(chunk duckdb.DataChunk, col, first, rows int) error

// arrowBatch is some rows of an Arrow batch, which must stay alive while they flow.
type arrowBatch struct {
	columns     []arrowColumn
	first, rows int
}

func (b *arrowBatch) fill(chunk duckdb.DataChunk) error {
	for col, fill := range b.columns {
		if err := fill(chunk, col, b.first, b.rows); err != nil {
			return err
		}
	}
	return chunk.SetSize(b.rows)
}

// arrowFeed makes the feed of an Arrow batch and the columns of its batches.
func arrowFeed(record arrow.Record) (*feed, []arrowColumn, error) {
	columns, names := make([]arrowColumn, record.NumCols()), columnNames(record.Schema())
	f := &feed{batches: make(chan batch, waitingBatches)}
	for i := range columns {
		typ, err := duckTypeOf(record.Column(i).DataType())
		if err != nil {
			return nil, nil, err
		}
		info, err := columnInfo(names[i], typ.typ)
		if err != nil {
			return nil, nil, err
		}
		f.columns = append(f.columns, info)
		if columns[i], err = arrowValues(record.Column(i)); err != nil {
			return nil, nil, err
		}
	}
	return f, columns, nil
}

// loadArrow runs an INSERT, as load does, fed with the rows of an Arrow batch.
func loadArrow(ctx context.Context, open *feeds, conn *sql.Conn, insert string, record arrow.Record) (int64, error) {
	f, columns, err := arrowFeed(record)
	if err != nil {
		return 0, err
	}
	rows := int(record.NumRows())
	return f.load(ctx, open, conn, insert, func(_ context.Context, emit func(batch) error) error {
		for first := 0; first < rows; first += chunkRows {
			if err := emit(&arrowBatch{columns, first, min(chunkRows, rows-first)}); err != nil {
				return err
			}
		}
		return nil
	}, nil)
}

func arrowValues(values arrow.Array) (arrowColumn, error) {
	switch a := values.(type) {
	case *array.String:
		return columnOf(a, a.Value), nil
	case *array.LargeString:
		return columnOf(a, a.Value), nil
	case *array.Dictionary:
		words, ok := a.Dictionary().(*array.String)
		if !ok {
			return nil, fmt.Errorf("no DuckDB type for Arrow's %s", a.DataType())
		}
		return columnOf(a, func(i int) string { return words.Value(a.GetValueIndex(i)) }), nil
	case *array.Int64:
		return columnOf(a, a.Value), nil
	case *array.Float64:
		return columnOf(a, a.Value), nil
	case *array.Boolean:
		return columnOf(a, a.Value), nil
	case *array.Date32:
		return columnOf(a, func(i int) time.Time { return a.Value(i).ToTime() }), nil
	case *array.Timestamp:
		unit := a.DataType().(*arrow.TimestampType).Unit
		return columnOf(a, func(i int) time.Time { return a.Value(i).ToTime(unit) }), nil
	}
	return nil, fmt.Errorf("no DuckDB type for Arrow's %s", values.DataType())
}

func columnOf[V any](values arrow.Array, value func(int) V) arrowColumn {
	return func(chunk duckdb.DataChunk, col, first, rows int) (err error) {
		for row := 0; row < rows && err == nil; row++ {
			if values.IsNull(first + row) {
				err = putNull(chunk, col, row)
				continue
			}
			err = duckdb.SetChunkValue(chunk, col, row, value(first+row))
		}
		return err
	}
}
