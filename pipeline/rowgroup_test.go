package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/pipeline"
)

// everyColumnType is a schema with a column of each type that the mapper emits.
func everyColumnType() *arrow.Schema {
	return arrow.NewSchema([]arrow.Field{
		{Name: "subject", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "code", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, Nullable: true},
		{Name: "whole", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "real", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "flag", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "day", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "local", Type: &arrow.TimestampType{Unit: arrow.Microsecond}, Nullable: true},
		{Name: "instant", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, Nullable: true},
		{Name: "raw", Type: arrow.BinaryTypes.Binary, Nullable: true},
	}, nil)
}

func appendEveryColumnType(b *array.RecordBuilder, n int) {
	text := fmt.Sprintf("B%03d", n)
	b.Field(0).(*array.StringBuilder).Append(text)
	_ = b.Field(1).(*array.BinaryDictionaryBuilder).AppendString(text)
	b.Field(2).(*array.Int64Builder).Append(int64(n))
	b.Field(3).(*array.Float64Builder).Append(float64(n) / 4)
	b.Field(4).(*array.BooleanBuilder).Append(true)
	b.Field(5).(*array.Date32Builder).Append(arrow.Date32(n))
	b.Field(6).(*array.TimestampBuilder).Append(arrow.Timestamp(n * 1e6))
	b.Field(7).(*array.TimestampBuilder).Append(arrow.Timestamp(n * 1e6))
	b.Field(8).(*array.BinaryBuilder).Append([]byte(text))
}

// TestSpilledRowsComeBack has three tables that hold no batch in memory: each value of each type comes
// back once and in order, with the dictionary of its own batch, and no byte of the batches stays held.
func TestSpilledRowsComeBack(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	schema := everyColumnType()
	p := newPipeline(t)
	p.HoldAtMost(1)
	dir := t.TempDir()
	names := []string{"A", "B", "C"}
	var list []pipeline.Table
	for _, name := range names {
		list = append(list, pipeline.Table{Name: name, Schema: schema})
	}
	want := map[string][]string{}
	spooled := 0
	manifest, err := p.WriteTables(t.Context(), "S", dir, pipeline.Parquet, list, pipeline.TableOptions{FileRows: 250}, func(w *pipeline.TableWriter) error {
		for n := range 300 {
			name := names[n%7%3]
			b := array.NewRecordBuilder(mem, schema)
			for i := range n % 5 {
				appendEveryColumnType(b, n*5+i)
			}
			for i := range schema.Fields() {
				b.Field(i).AppendNull()
			}
			batch := b.NewRecord()
			b.Release()
			for row := range int(batch.NumRows()) {
				var cells []string
				for _, c := range batch.Columns() {
					cells = append(cells, c.ValueStr(row))
				}
				want[name] = append(want[name], strings.Join(cells, "|"))
			}
			err := w.Write(name, batch)
			batch.Release()
			if err != nil {
				return err
			}
		}
		spools, err := filepath.Glob(filepath.Join(dir, ".records_spool.*.tmp"))
		spooled = len(spools)
		for _, spool := range spools {
			info, err := os.Stat(spool)
			require.NoError(t, err)
			require.EqualValues(t, 0o600, info.Mode().Perm(), "subject data are for the owner alone")
		}
		return err
	})
	require.NoError(t, err)
	require.Equal(t, 3, spooled)
	for _, table := range manifest.Tables {
		require.Greater(t, len(table.Files), 1)
		var got []string
		for _, f := range table.Files {
			read := readParquet(t, filepath.Join(dir, f.Path))
			got = append(got, rowsOf(read)...)
			read.Release()
		}
		require.Equal(t, want[table.Name], got)
	}
	for _, name := range filesIn(t, dir) {
		require.NotContains(t, name, "spool")
	}
}

// TestASpoolThatIsDamaged: the run fails, and the directory is as it was.
func TestASpoolThatIsDamaged(t *testing.T) {
	p := newPipeline(t)
	p.HoldAtMost(1)
	dir := t.TempDir()
	_, err := p.WriteTables(t.Context(), "S", dir, pipeline.Parquet, measureTables, pipeline.TableOptions{}, func(w *pipeline.TableWriter) error {
		for range 5 {
			if err := w.Write("ADLB", measures(t, 30)); err != nil {
				return err
			}
		}
		spools, err := filepath.Glob(filepath.Join(dir, ".records_spool.*.tmp"))
		require.NoError(t, err)
		require.Len(t, spools, 1)
		return os.Truncate(spools[0], 3000)
	})
	require.Error(t, err)
	require.Empty(t, filesIn(t, dir))
}

// TestAKilledWritersSpoolIsSwept: what it left holds subject data.
func TestAKilledWritersSpoolIsSwept(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".records_spool.123.tmp", ".other_spool.123.tmp"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("answers"), 0o600))
	}
	_, err := newPipeline(t).WriteTables(t.Context(), "S", dir, pipeline.Parquet, measureTables, pipeline.TableOptions{}, func(*pipeline.TableWriter) error { return nil })
	require.NoError(t, err)
	require.NoFileExists(t, filepath.Join(dir, ".records_spool.123.tmp"))
	require.FileExists(t, filepath.Join(dir, ".other_spool.123.tmp"), "another prefix is another data set")
}
