package pipeline

import (
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// answers are the values of one column without its nulls, in the list of its type. Texts share the
// memory of the batches that they come from.
type answers struct {
	whole []int64
	days  []int32
	real  []float64
	flags []bool
	texts []parquet.ByteArray
}

func (a *answers) reset() {
	a.whole, a.days, a.real, a.flags, a.texts = a.whole[:0], a.days[:0], a.real[:0], a.flags[:0], a.texts[:0]
}

// from returns a function that adds a row of a column, whose type is one that a RecordMapper gives.
func (a *answers) from(column arrow.Array) (func(row int), error) {
	switch c := column.(type) {
	case *array.Int64:
		return func(row int) { a.whole = append(a.whole, c.Value(row)) }, nil
	case *array.Timestamp:
		return func(row int) { a.whole = append(a.whole, int64(c.Value(row))) }, nil
	case *array.Date32:
		return func(row int) { a.days = append(a.days, int32(c.Value(row))) }, nil
	case *array.Float64:
		return func(row int) { a.real = append(a.real, c.Value(row)) }, nil
	case *array.Boolean:
		return func(row int) { a.flags = append(a.flags, c.Value(row)) }, nil
	case *array.String:
		return func(row int) { a.texts = append(a.texts, parquet.ByteArray(c.Value(row))) }, nil
	case *array.Dictionary:
		if words, ok := c.Dictionary().(*array.String); ok {
			return func(row int) { a.texts = append(a.texts, parquet.ByteArray(words.Value(c.GetValueIndex(row)))) }, nil
		}
	}
	return nil, fmt.Errorf("a wide table has no columns of type %s", column.DataType())
}

// writeTo writes the column.
func (a *answers) writeTo(out file.ColumnChunkWriter, levels []int16) (err error) {
	switch out := out.(type) {
	case *file.Int64ColumnChunkWriter:
		_, err = out.WriteBatch(a.whole, levels, nil)
	case *file.Int32ColumnChunkWriter:
		_, err = out.WriteBatch(a.days, levels, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = out.WriteBatch(a.real, levels, nil)
	case *file.BooleanColumnChunkWriter:
		_, err = out.WriteBatch(a.flags, levels, nil)
	case *file.ByteArrayColumnChunkWriter:
		_, err = out.WriteBatch(a.texts, levels, nil)
	default:
		return fmt.Errorf("a wide table has no columns of type %s", out.Descr().PhysicalType())
	}
	return err
}
