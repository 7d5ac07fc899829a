package pipeline

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"
)

// everyType has a column of each type that tables of the library and of callers have, with and without nulls, and
// two without an answer.
func everyType() *arrow.Schema {
	metadata := arrow.NewMetadata([]string{"studyKey", "é", "empty"}, []string{"S\x00", "\U0001F600", ""})
	field := arrow.NewMetadata([]string{"form", "name"}, []string{"AE", "TERM"})
	words := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	types := []arrow.DataType{
		arrow.BinaryTypes.String, words, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64, arrow.FixedWidthTypes.Boolean, arrow.FixedWidthTypes.Date32,
		&arrow.TimestampType{Unit: arrow.Microsecond}, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, arrow.BinaryTypes.Binary,
		arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Float32,
		arrow.FixedWidthTypes.Time64us,
	}
	var fields []arrow.Field
	for i, typ := range types {
		fields = append(fields,
			arrow.Field{Name: fmt.Sprint("c", i), Type: typ, Nullable: i%3 > 0, Metadata: field},
			arrow.Field{Name: fmt.Sprint("empty ", i), Type: typ, Nullable: true},
			arrow.Field{Name: fmt.Sprint("without an answer ", i), Type: typ, Nullable: true, Metadata: field})
	}
	return arrow.NewSchema(fields, &metadata)
}

// rowsOfEveryType makes rows whose texts are long where a page's bounds are cut.
func rowsOfEveryType(t *testing.T, schema *arrow.Schema, from, rows int) arrow.Record {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for n := from; n < from+rows; n++ {
		for i, f := range schema.Fields() {
			if f.Nullable && (n%(i+2) == 0 || i%3 > 0) {
				b.Field(i).AppendNull()
				continue
			}
			text := fmt.Sprint(n % 40)
			switch f.Type.ID() {
			case arrow.BOOL:
				text = fmt.Sprint(n%2 == 0)
			case arrow.DATE32:
				text = fmt.Sprintf("2024-01-%02d", n%28+1)
			case arrow.TIMESTAMP:
				text = fmt.Sprintf("2024-01-02T03:04:%02d", n%60)
			case arrow.TIME64:
				text = fmt.Sprintf("03:04:%02d", n%60)
			case arrow.BINARY, arrow.FIXED_SIZE_BINARY:
				text = "AAECAw=="
			case arrow.STRING:
				text = fmt.Sprintf("%0*d", 125*(n%40), n%40)
			}
			require.NoError(t, b.Field(i).AppendValueFromString(text), f.Name)
		}
	}
	return b.NewRecord()
}

// whole gives the columns of a batch to row groups.
type whole struct{ batch arrow.Record }

func (w whole) filled(field int) int64 {
	column := w.batch.Column(field)
	return int64(column.Len() - column.NullN())
}

func (w whole) column(field, from, to int, out *columnWriter) error {
	return writeSlice(w.batch.Column(field), from, to, out)
}

// writtenByTheLibrary is the same file from the library's own writer of files.
func writtenByTheLibrary(t *testing.T, shape *parquetShape, batch arrow.Record, groups [][2]int) []byte {
	t.Helper()
	settings := parquetSettings()
	for i, name := range shape.names {
		if (whole{batch}).filled(i) >= dictionaryRows {
			settings = append(settings, parquet.WithDictionaryPath(parquet.ColumnPath{name}, true))
		}
	}
	var out bytes.Buffer
	w, err := file.NewParquetWriterWithError(&out, shape.columns.Root(), file.WithWriterProps(parquet.NewWriterProperties(settings...)))
	require.NoError(t, err)
	for _, g := range groups {
		group, err := w.AppendRowGroupChecked()
		require.NoError(t, err)
		properties := pqarrow.DefaultWriterProps()
		column := &columnWriter{ctx: pqarrow.NewArrowWriteContext(context.Background(), &properties)}
		for i, typ := range shape.types {
			next, err := group.NextColumn()
			require.NoError(t, err)
			column.begin(next, typ, g[1]-g[0])
			require.NoError(t, whole{batch}.column(i, g[0], g[1], column))
		}
		require.NoError(t, group.Close())
	}
	for _, p := range shape.metadata {
		value := string(p.value)
		if p.base64 {
			value = base64.StdEncoding.EncodeToString(p.value)
		}
		require.NoError(t, w.AppendKeyValueMetadata(p.key, value))
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// TestAFileIsByteForByteThatOfTheLibrary: this program writes what stands around the pages, and the library is
// the authority on it.
func TestAFileIsByteForByteThatOfTheLibrary(t *testing.T) {
	schema := everyType()
	none := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Int64}}, nil)
	for name, c := range map[string]struct {
		schema *arrow.Schema
		rows   int
		groups [][2]int
	}{
		"no row":                       {schema, 0, nil},
		"no metadata":                  {none, 0, nil},
		"a row":                        {schema, 1, [][2]int{{0, 1}}},
		"plain columns":                {schema, 200, [][2]int{{0, 100}, {100, 200}}},
		"dictionaries and many groups": {schema, 6000, [][2]int{{0, 300}, {300, 5000}, {5000, 5001}, {5001, 6000}}},
		"more groups than a short list has": {schema, 40, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}, {8, 9}, {9, 10}, {10, 11}, {11, 12},
			{12, 13}, {13, 14}, {14, 15}, {15, 40}}},
	} {
		t.Run(name, func(t *testing.T) {
			shape, err := newParquetShape(c.schema)
			require.NoError(t, err)
			batch := rowsOfEveryType(t, c.schema, 0, c.rows)
			defer batch.Release()
			var out bytes.Buffer
			w, err := newParquetWriter(shape, whole{batch}, &out)
			require.NoError(t, err)
			for _, g := range c.groups {
				require.NoError(t, w.writeGroup(whole{batch}, g[0], g[1]))
			}
			require.NoError(t, w.close())
			want := writtenByTheLibrary(t, shape, batch, c.groups)
			require.True(t, bytes.Equal(want, out.Bytes()), "%d bytes, the library has %d", out.Len(), len(want))
		})
	}
}

// TestTheSameColumnsAreTheSameBytes: a column whose dictionary grew too large has pages of two encodings, of which the
// library counts the pages in any order.
func TestTheSameColumnsAreTheSameBytes(t *testing.T) {
	const rows = 2000
	schema := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.BinaryTypes.String}, {Name: "b", Type: arrow.BinaryTypes.String}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for n := range rows {
		for i := range schema.Fields() {
			b.Field(i).(*array.StringBuilder).Append(fmt.Sprintf("%02000d", n))
		}
	}
	batch := b.NewRecord()
	defer batch.Release()
	shape, err := newParquetShape(schema)
	require.NoError(t, err)
	write := func() []byte {
		var out bytes.Buffer
		w, err := newParquetWriter(shape, whole{batch}, &out)
		require.NoError(t, err)
		require.NoError(t, w.writeGroup(whole{batch}, 0, rows))
		require.NoError(t, w.close())
		return out.Bytes()
	}
	first := write()
	read, err := file.NewParquetReader(bytes.NewReader(first))
	require.NoError(t, err)
	about, err := read.MetaData().RowGroup(0).ColumnChunk(0)
	require.NoError(t, err)
	require.Len(t, about.EncodingStats(), 3, "the dictionary did not grow too large")
	for range 20 {
		require.True(t, bytes.Equal(first, write()))
	}
}

// fullAfter is a disk that takes so many more writes.
type fullAfter int

var errFull = errors.New("no space left on device")

func (f *fullAfter) Write(p []byte) (int, error) {
	if *f--; *f < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAFileOnAFullDisk(t *testing.T) {
	schema := everyType()
	shape, err := newParquetShape(schema)
	require.NoError(t, err)
	batch := rowsOfEveryType(t, schema, 0, 10)
	defer batch.Release()
	write := func(disk *fullAfter) error {
		w, err := newParquetWriter(shape, whole{batch}, disk)
		if err != nil {
			return err
		}
		if err := w.writeGroup(whole{batch}, 0, 10); err != nil {
			return err
		}
		return w.close()
	}
	enough := fullAfter(1 << 20)
	require.NoError(t, write(&enough))
	for writes := range 1<<20 - int(enough) {
		disk := fullAfter(writes)
		require.ErrorIs(t, write(&disk), errFull, "after %d writes", writes)
	}
}

// shortColumn leaves rows of a column out.
type shortColumn struct{ whole }

func (w shortColumn) column(field, from, to int, out *columnWriter) error {
	if field == 3 {
		to--
	}
	return w.whole.column(field, from, to, out)
}

func TestAColumnWithoutAllRowsIsRefused(t *testing.T) {
	schema := everyType()
	shape, err := newParquetShape(schema)
	require.NoError(t, err)
	batch := rowsOfEveryType(t, schema, 0, 10)
	defer batch.Release()
	w, err := newParquetWriter(shape, whole{batch}, &bytes.Buffer{})
	require.NoError(t, err)
	require.ErrorContains(t, w.writeGroup(shortColumn{whole{batch}}, 0, 10), "column 3 has 9 rows in a row group of 10")
}
