package arrow18

import (
	"iter"

	arrow18 "github.com/apache/arrow-go/v18/arrow"
	array18 "github.com/apache/arrow-go/v18/arrow/array"
	arrow17 "github.com/apache/arrow/go/v17/arrow"
	array17 "github.com/apache/arrow/go/v17/arrow/array"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/arrowbridge"
)

// ErrUnsupportedType means that this package cannot convert the type of a column.
var ErrUnsupportedType = arrowbridge.ErrUnsupportedType

// DataType returns the v18 equivalent of a v17 type.
func DataType(typ arrow17.DataType) (arrow18.DataType, error) {
	if err := argument.Required("arrow18.DataType", "typ", typ); err != nil {
		return nil, err
	}
	return arrowbridge.DataType(typ)
}

// FromDataType returns the v17 equivalent of a v18 type.
func FromDataType(typ arrow18.DataType) (arrow17.DataType, error) {
	if err := argument.Required("arrow18.FromDataType", "typ", typ); err != nil {
		return nil, err
	}
	return arrowbridge.FromDataType(typ)
}

// Schema returns the v18 equivalent of a v17 schema, with its metadata.
func Schema(schema *arrow17.Schema) (*arrow18.Schema, error) {
	if err := argument.Required("arrow18.Schema", "schema", schema); err != nil {
		return nil, err
	}
	return arrowbridge.Schema(schema)
}

// FromSchema returns the v17 equivalent of a v18 schema, with its metadata.
func FromSchema(schema *arrow18.Schema) (*arrow17.Schema, error) {
	if err := argument.Required("arrow18.FromSchema", "schema", schema); err != nil {
		return nil, err
	}
	return arrowbridge.FromSchema(schema)
}

// Record returns a v18 batch that shares the memory of a v17 batch. The caller must release both.
func Record(record arrow17.Record) (arrow18.RecordBatch, error) {
	if err := argument.Required("arrow18.Record", "record", record); err != nil {
		return nil, err
	}
	return arrowbridge.Record(record)
}

// FromRecord returns a v17 batch that shares the memory of a v18 batch. The caller must release
// both.
func FromRecord(batch arrow18.RecordBatch) (arrow17.Record, error) {
	if err := argument.Required("arrow18.FromRecord", "batch", batch); err != nil {
		return nil, err
	}
	return arrowbridge.FromRecord(batch)
}

// Reader converts a reader of v17 batches to v18. It retains the given reader and releases it with
// its own last Release.
func Reader(reader array17.RecordReader) (array18.RecordReader, error) {
	if err := argument.Required("arrow18.Reader", "reader", reader); err != nil {
		return nil, err
	}
	return arrowbridge.Reader(reader)
}

// FromReader converts a reader of v18 batches to v17. It retains the given reader and releases it
// with its own last Release.
func FromReader(reader array18.RecordReader) (array17.RecordReader, error) {
	if err := argument.Required("arrow18.FromReader", "reader", reader); err != nil {
		return nil, err
	}
	return arrowbridge.FromReader(reader)
}

// Batches converts a stream of v17 batches to v18. A batch is valid until the next iteration; call
// Retain to keep it.
func Batches(batches iter.Seq2[arrow17.Record, error]) iter.Seq2[arrow18.RecordBatch, error] {
	return func(yield func(arrow18.RecordBatch, error) bool) {
		if err := argument.Required("arrow18.Batches", "batches", batches); err != nil {
			yield(nil, err)
			return
		}
		for record, err := range batches {
			if err != nil {
				yield(nil, err)
				return
			}
			batch, err := Record(record)
			if err != nil {
				yield(nil, err)
				return
			}
			more := yield(batch, nil)
			batch.Release()
			if !more {
				return
			}
		}
	}
}
