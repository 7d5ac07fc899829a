package arrowbridge

import (
	arrow18 "github.com/apache/arrow-go/v18/arrow"
	array18 "github.com/apache/arrow-go/v18/arrow/array"
	memory18 "github.com/apache/arrow-go/v18/arrow/memory"
	arrow17 "github.com/apache/arrow/go/v17/arrow"
	array17 "github.com/apache/arrow/go/v17/arrow/array"
	memory17 "github.com/apache/arrow/go/v17/arrow/memory"
)

// Record returns a v17 batch as a v18 one that shares its memory. The caller releases both.
func Record(record arrow17.Record) (arrow18.RecordBatch, error) {
	schema, err := Schema(record.Schema())
	if err != nil {
		return nil, err
	}
	return recordOf(record, schema), nil
}

// Column returns a v17 column as a v18 one of the same type that shares its memory. The caller releases
// both.
func Column(column arrow17.Array, typ arrow18.DataType) arrow18.Array {
	data := dataTo18(column.Data(), typ)
	defer data.Release()
	return array18.MakeFromData(data)
}

func recordOf(record arrow17.Record, schema *arrow18.Schema) arrow18.RecordBatch {
	columns := make([]arrow18.Array, record.NumCols())
	for i := range columns {
		columns[i] = Column(record.Column(i), schema.Field(i).Type)
	}
	batch := array18.NewRecordBatch(schema, columns, record.NumRows())
	for _, c := range columns {
		c.Release()
	}
	return batch
}

func dataTo18(data arrow17.ArrayData, typ arrow18.DataType) *array18.Data {
	buffers := make([]*memory18.Buffer, len(data.Buffers()))
	for i, b := range data.Buffers() {
		buffers[i] = bufferTo18(b)
	}
	defer func() {
		for _, b := range buffers {
			if b != nil {
				b.Release()
			}
		}
	}()
	dictionary, ok := typ.(*arrow18.DictionaryType)
	if !ok {
		return array18.NewData(typ, data.Len(), buffers, nil, data.NullN(), data.Offset())
	}
	values := dataTo18(data.Dictionary(), dictionary.ValueType)
	defer values.Release()
	return array18.NewDataWithDictionary(typ, data.Len(), buffers, data.NullN(), data.Offset(), values)
}

func bufferTo18(b *memory17.Buffer) *memory18.Buffer {
	if b == nil {
		return nil
	}
	b.Retain()
	return memory18.NewBufferWithAllocator(b.Bytes(), lender17{memory18.DefaultAllocator, b})
}

// lender17 is the allocator of a v18 buffer that shares the memory of a v17 one: freeing it gives
// back the reference. Only an immutable buffer has it, which never allocates.
type lender17 struct {
	memory18.Allocator
	buffer *memory17.Buffer
}

func (l lender17) Free([]byte) { l.buffer.Release() }

// Reader returns a reader of v17 batches as one of v18 batches. It retains the given reader and
// releases it after its own last Release.
func Reader(reader array17.RecordReader) (array18.RecordReader, error) {
	schema, err := Schema(reader.Schema())
	if err != nil {
		return nil, err
	}
	reader.Retain()
	r := &reader18{reader: reader, schema: schema}
	r.refs.Store(1)
	return r, nil
}
