package arrow18_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	arrow18lib "github.com/apache/arrow-go/v18/arrow"
	array18 "github.com/apache/arrow-go/v18/arrow/array"
	memory18 "github.com/apache/arrow-go/v18/arrow/memory"
	arrow17 "github.com/apache/arrow/go/v17/arrow"
	array17 "github.com/apache/arrow/go/v17/arrow/array"
	memory17 "github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// everyType has one column of each type that is converted, with a null in the middle.
func everyType(t *testing.T, mem memory17.Allocator) arrow17.Record {
	t.Helper()
	types := []arrow17.DataType{
		arrow17.FixedWidthTypes.Boolean, arrow17.PrimitiveTypes.Int8, arrow17.PrimitiveTypes.Int16, arrow17.PrimitiveTypes.Int32,
		arrow17.PrimitiveTypes.Int64, arrow17.PrimitiveTypes.Uint8, arrow17.PrimitiveTypes.Uint16, arrow17.PrimitiveTypes.Uint32,
		arrow17.PrimitiveTypes.Uint64, arrow17.PrimitiveTypes.Float32, arrow17.PrimitiveTypes.Float64, arrow17.BinaryTypes.String,
		arrow17.BinaryTypes.LargeString, arrow17.BinaryTypes.Binary, arrow17.BinaryTypes.LargeBinary,
		&arrow17.DictionaryType{IndexType: arrow17.PrimitiveTypes.Int32, ValueType: arrow17.BinaryTypes.String},
	}
	texts := map[arrow17.Type]string{arrow17.BOOL: "true", arrow17.BINARY: "eHk=", arrow17.LARGE_BINARY: "eHk="}
	dated := map[arrow17.DataType]string{
		arrow17.FixedWidthTypes.Date32: "2013-12-26", arrow17.FixedWidthTypes.Date64: "2013-12-26",
		arrow17.FixedWidthTypes.Time32s: "10:00:00", arrow17.FixedWidthTypes.Time64us: "10:00:00.000001",
		&arrow17.TimestampType{Unit: arrow17.Microsecond, TimeZone: "UTC"}: "2013-12-26 10:00:00",
		&arrow17.TimestampType{Unit: arrow17.Microsecond}:                  "2013-12-26 10:00:00",
	}
	var fields []arrow17.Field
	var values []string
	add := func(typ arrow17.DataType, text string) {
		meta := arrow17.NewMetadata([]string{"label"}, []string{typ.Name()})
		fields = append(fields, arrow17.Field{Name: typ.String(), Type: typ, Nullable: true, Metadata: meta})
		values = append(values, text)
	}
	for _, typ := range types {
		text, ok := texts[typ.ID()]
		if !ok {
			text = "7"
		}
		add(typ, text)
	}
	for typ, text := range dated {
		add(typ, text)
	}
	meta := arrow17.NewMetadata([]string{"studyKey"}, []string{"DEMO"})
	b := array17.NewRecordBuilder(mem, arrow17.NewSchema(fields, &meta))
	defer b.Release()
	for i, f := range b.Fields() {
		require.NoError(t, f.AppendValueFromString(values[i]))
		f.AppendNull()
		require.NoError(t, f.AppendValueFromString(values[i]))
	}
	return b.NewRecord()
}

func TestEveryTypeGoesThereAndBack(t *testing.T) {
	mem := memory17.NewCheckedAllocator(memory17.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	whole := everyType(t, mem)
	record := whole.NewSlice(1, 3) // an offset must survive too
	whole.Release()

	there, err := arrow18.Record(record)
	require.NoError(t, err)
	require.EqualValues(t, 2, there.NumRows())
	for i, c := range there.Columns() {
		require.Equal(t, record.Column(i).ValueStr(0), c.ValueStr(0))
		want, got := record.Column(i).ValueStr(1), c.ValueStr(1)
		if c.DataType().ID() == arrow18lib.TIMESTAMP { // the generations print instants differently
			want, got = strings.TrimSuffix(strings.Replace(want, " ", "T", 1), "Z"), strings.TrimSuffix(got, "Z")
		}
		require.Equal(t, want, got, c.DataType().String())
		require.Equal(t, 1, c.NullN())
	}
	value, ok := there.Schema().Metadata().GetValue("studyKey")
	require.True(t, ok)
	require.Equal(t, "DEMO", value)
	want, got := record.Column(3).Data().Buffers()[1].Bytes(), there.Column(3).Data().Buffers()[1].Bytes()
	require.Same(t, &want[0], &got[0], "the memory is shared")

	back, err := arrow18.FromRecord(there)
	require.NoError(t, err)
	require.True(t, array17.RecordEqual(record, back))
	require.True(t, record.Schema().Equal(back.Schema()))
	record.Release()
	there.Release()
	require.EqualValues(t, 2, back.NumRows())
	require.Equal(t, "7", back.Column(4).ValueStr(1), "the last holder keeps the memory")
	back.Release()
}

func TestMemoryOfV18IsCountedToo(t *testing.T) {
	mem := memory18.NewCheckedAllocator(memory18.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	schema := arrow18lib.NewSchema([]arrow18lib.Field{{Name: "x", Type: arrow18lib.BinaryTypes.String, Nullable: true}}, nil)
	b := array18.NewRecordBuilder(mem, schema)
	b.Field(0).(*array18.StringBuilder).AppendValues([]string{"a", "b"}, nil)
	batch := b.NewRecordBatch()
	b.Release()
	record, err := arrow18.FromRecord(batch)
	require.NoError(t, err)
	batch.Release()
	require.Equal(t, "b", record.Column(0).ValueStr(1))
	record.Release()

	reader, err := array18.NewRecordReader(schema, nil)
	require.NoError(t, err)
	converted, err := arrow18.FromReader(reader)
	require.NoError(t, err)
	reader.Release()
	require.False(t, converted.Next())
	require.NoError(t, converted.Err())
	converted.Release()
}

func TestUnsupportedTypes(t *testing.T) {
	_, err := arrow18.DataType(arrow17.ListOf(arrow17.PrimitiveTypes.Int8))
	require.ErrorIs(t, err, arrow18.ErrUnsupportedType)
	_, err = arrow18.FromDataType(&arrow18lib.DictionaryType{IndexType: arrow18lib.PrimitiveTypes.Int8, ValueType: arrow18lib.ListOf(arrow18lib.Null)})
	require.ErrorIs(t, err, arrow18.ErrUnsupportedType)
	schema := arrow18lib.NewSchema([]arrow18lib.Field{{Name: "x", Type: arrow18lib.BinaryTypes.StringView}}, nil)
	_, err = arrow18.FromSchema(schema)
	require.ErrorContains(t, err, `column "x"`)
}

func TestMapperBatchesThroughAReader(t *testing.T) {
	mem := memory17.NewCheckedAllocator(memory17.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500}))
	m, err := tables.NewRecordMapper(server.Client(), tables.WithAllocator(mem), tables.WithBatchRows(40))
	require.NoError(t, err)
	plan, _, err := m.InferPlan(t.Context(), "DEMO", tables.InferOptions{ExtraColumns: true})
	require.NoError(t, err)
	options := tables.MapOptions{Plan: plan, IncludeDeleted: true}

	reader, err := m.Map(t.Context(), "DEMO", options).Reader()
	require.NoError(t, err)
	there, err := arrow18.Reader(reader)
	require.NoError(t, err)
	reader.Release()
	back, err := arrow18.FromReader(there)
	require.NoError(t, err)
	there.Release()
	rows := int64(0)
	for back.Next() {
		rows += back.Record().NumRows()
	}
	require.NoError(t, back.Err())
	require.True(t, reader.Schema().Equal(back.Schema()))
	back.Release()
	run := m.Map(t.Context(), "DEMO", options)
	table, err := run.Table()
	require.NoError(t, err)
	table.Release()
	require.Equal(t, run.Report().Rows, rows)
}

func TestAStreamOfBatches(t *testing.T) {
	mem := memory17.NewCheckedAllocator(memory17.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	record := everyType(t, mem)
	defer record.Release()
	failure := errors.New("no more")
	stream := func(yield func(arrow17.Record, error) bool) {
		for range 2 {
			if !yield(record, nil) {
				return
			}
		}
		yield(nil, failure)
	}
	rows, last := int64(0), error(nil)
	for batch, err := range arrow18.Batches(stream) {
		if last = err; err == nil {
			rows += batch.NumRows()
		}
	}
	require.EqualValues(t, 6, rows)
	require.ErrorIs(t, last, failure)
	for batch, err := range arrow18.Batches(stream) {
		require.NoError(t, err)
		require.EqualValues(t, 3, batch.NumRows())
		break
	}
}

func TestErrorsOfAReaderPassThrough(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500}))
	m, err := tables.NewRecordMapper(server.Client())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	reader, err := m.Map(ctx, "DEMO", tables.MapOptions{}).Reader()
	require.NoError(t, err)
	defer reader.Release()
	there, err := arrow18.Reader(reader)
	require.NoError(t, err)
	defer there.Release()
	there.Retain()
	there.Release()
	cancel()
	require.False(t, there.Next())
	require.ErrorIs(t, there.Err(), context.Canceled)
	require.Nil(t, there.RecordBatch())
}
