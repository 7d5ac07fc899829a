package arrowbridge

import (
	arrow18 "github.com/apache/arrow-go/v18/arrow"
	array18 "github.com/apache/arrow-go/v18/arrow/array"
	memory18 "github.com/apache/arrow-go/v18/arrow/memory"
	arrow17 "github.com/apache/arrow/go/v17/arrow"
	array17 "github.com/apache/arrow/go/v17/arrow/array"
	memory17 "github.com/apache/arrow/go/v17/arrow/memory"
)

// FromRecord returns a v18 batch as a v17 one that shares its memory. The caller releases both.
func FromRecord(batch arrow18.RecordBatch) (arrow17.Record, error) {
	schema, err := FromSchema(batch.Schema())
	if err != nil {
		return nil, err
	}
	return recordFrom(batch, schema), nil
}

func recordFrom(batch arrow18.RecordBatch, schema *arrow17.Schema) arrow17.Record {
	columns := make([]arrow17.Array, batch.NumCols())
	for i := range columns {
		data := dataFrom18(batch.Column(i).Data(), schema.Field(i).Type)
		columns[i] = array17.MakeFromData(data)
		data.Release()
	}
	record := array17.NewRecord(schema, columns, batch.NumRows())
	for _, c := range columns {
		c.Release()
	}
	return record
}

func dataFrom18(data arrow18.ArrayData, typ arrow17.DataType) *array17.Data {
	buffers := make([]*memory17.Buffer, len(data.Buffers()))
	for i, b := range data.Buffers() {
		buffers[i] = bufferFrom18(b)
	}
	defer func() {
		for _, b := range buffers {
			if b != nil {
				b.Release()
			}
		}
	}()
	dictionary, ok := typ.(*arrow17.DictionaryType)
	if !ok {
		return array17.NewData(typ, data.Len(), buffers, nil, data.NullN(), data.Offset())
	}
	values := dataFrom18(data.Dictionary(), dictionary.ValueType)
	defer values.Release()
	return array17.NewDataWithDictionary(typ, data.Len(), buffers, data.NullN(), data.Offset(), values)
}

func bufferFrom18(b *memory18.Buffer) *memory17.Buffer {
	if b == nil {
		return nil
	}
	b.Retain()
	return memory17.NewBufferWithAllocator(b.Bytes(), lender18{memory17.DefaultAllocator, b})
}

// lender18 is lender17 the other way round.
type lender18 struct {
	memory17.Allocator
	buffer *memory18.Buffer
}

func (l lender18) Free([]byte) { l.buffer.Release() }

// FromReader returns a reader of v18 batches as one of v17 batches. It retains the given reader
// and releases it after its own last Release.
func FromReader(reader array18.RecordReader) (array17.RecordReader, error) {
	schema, err := FromSchema(reader.Schema())
	if err != nil {
		return nil, err
	}
	reader.Retain()
	r := &reader17{reader: reader, schema: schema}
	r.refs.Store(1)
	return r, nil
}
