package warehouse

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/duckdb/duckdb-go/v2"
)

// arrowRow is the number of a row of the batch that its columns were made for.
type arrowRow int

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

// arrowColumns makes the columns of a feed of row numbers of one batch, which must stay alive while
// rows flow.
func arrowColumns(batch arrow.Record) ([]column[arrowRow], error) {
	columns, names := make([]column[arrowRow], batch.NumCols()), columnNames(batch.Schema())
	for i := range columns {
		typ, err := duckTypeOf(batch.Column(i).DataType())
		if err != nil {
			return nil, err
		}
		put, err := arrowPut(batch.Column(i))
		if err != nil {
			return nil, err
		}
		columns[i] = column[arrowRow]{name: names[i], typ: typ.typ, put: put}
	}
	return columns, nil
}

type putArrow = func(chunk duckdb.DataChunk, col, row int, at *arrowRow) error

func arrowPut(values arrow.Array) (putArrow, error) {
	switch a := values.(type) {
	case *array.String:
		return putOf(a, func(i int) string { return a.Value(i) }), nil
	case *array.LargeString:
		return putOf(a, func(i int) string { return a.Value(i) }), nil
	case *array.Dictionary:
		words, ok := a.Dictionary().(*array.String)
		if !ok {
			return nil, fmt.Errorf("no DuckDB type for Arrow's %s", a.DataType())
		}
		return putOf(a, func(i int) string { return words.Value(a.GetValueIndex(i)) }), nil
	case *array.Int64:
		return putOf(a, a.Value), nil
	case *array.Float64:
		return putOf(a, a.Value), nil
	case *array.Boolean:
		return putOf(a, a.Value), nil
	case *array.Date32:
		return putOf(a, func(i int) any { return a.Value(i).ToTime() }), nil
	case *array.Timestamp:
		unit := a.DataType().(*arrow.TimestampType).Unit
		return putOf(a, func(i int) any { return a.Value(i).ToTime(unit) }), nil
	}
	return nil, fmt.Errorf("no DuckDB type for Arrow's %s", values.DataType())
}

func putOf[V any](values arrow.Array, value func(int) V) putArrow {
	return func(chunk duckdb.DataChunk, col, row int, at *arrowRow) error {
		if values.IsNull(int(*at)) {
			return putNull(chunk, col, row)
		}
		return duckdb.SetChunkValue(chunk, col, row, value(int(*at)))
	}
}
