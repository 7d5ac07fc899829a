// Package mapper_test measures records to Arrow batches and to Parquet beside the limits: the
// same columns appended from memory with no parsing, the source read with no mapping, and the
// same batches written with no mapping. IMEDNET_BENCH_ROWS sets the number of records (default
// 20,000; 1,000,000 is the full size):
//
//	IMEDNET_BENCH_ROWS=1000000 go test -bench . -benchtime 1x ./bench/mapper
package mapper_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

const (
	study     = "DEMO"
	form      = "BENCH"
	variables = 40
	distinct  = 1000 // different records; the source repeats them under new ids
)

func rows(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("IMEDNET_BENCH_ROWS"))
	if err != nil {
		return 20_000
	}
	return n
}

// plan has 40 columns: half numbers, a quarter text, an eighth dates and choices each.
func plan() *tables.Plan {
	f := tables.FormPlan{FormKey: form, FormID: 9000}
	for i := range variables {
		typ := tables.TypeFloat64
		switch {
		case i%8 == 7:
			typ = tables.TypeDate
		case i%2 == 1:
			typ = tables.TypeText
		}
		f.Columns = append(f.Columns, tables.Column{Name: fmt.Sprintf("VAR%02d", i), Form: form, VariableID: int64(i + 1), Type: typ})
	}
	return &tables.Plan{StudyKey: study, Forms: []tables.FormPlan{f}}
}

func answerOf(column tables.Column, n int) string {
	switch column.Type {
	case tables.TypeFloat64:
		return fmt.Sprintf("%d.%d", n%200, n%10)
	case tables.TypeDate:
		return fmt.Sprintf("2013-%02d-%02d", n%12+1, n%28+1)
	}
	return fmt.Sprintf("answer %d of a question", n%50)
}

func sample(n int) imednet.Record {
	var b strings.Builder
	for i, c := range plan().Forms[0].Columns {
		fmt.Fprintf(&b, `,%q:%q`, c.Name, answerOf(c, n*7+i*3))
	}
	data, err := imednet.NewRecordData([]byte("{" + b.String()[1:] + "}"))
	if err != nil {
		panic(err)
	}
	return imednet.Record{
		FormKey: imednet.Some(form), FormID: imednet.Some[int64](9000), SubjectKey: imednet.Some(fmt.Sprint("S-", n%300)),
		SubjectID: imednet.Some(int64(n % 300)), VisitID: imednet.Some(int64(n % 20)), RecordData: data,
	}
}

// memorySource serves n records without decoding anything.
type memorySource struct {
	n       int
	records []imednet.Record
}

func newMemorySource(n int) *memorySource {
	s := &memorySource{n: n}
	for i := range distinct {
		s.records = append(s.records, sample(i))
	}
	return s
}

func (s *memorySource) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for i := range s.n {
			r := s.records[i%distinct]
			r.RecordID = int64(i + 1)
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s *memorySource) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return func(func(imednet.Form, error) bool) {}
}

func (s *memorySource) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return func(func(imednet.Variable, error) bool) {}
}

// report prints rates and the anonymous resident memory of the process, SQLite's included.
func report(b *testing.B, n int, bytes int64) {
	perOp := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(float64(n)/perOp, "rows/s")
	b.ReportMetric(float64(bytes)/perOp/1e6, "MB/s")
	b.ReportMetric(anonymousMB(b), "MB-RssAnon")
}

// settle gives back what building the input took, so that report tells of the measured work.
func settle() {
	runtime.GC()
	debug.FreeOSMemory()
}

func anonymousMB(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("memory is read from /proc")
	}
	var kib float64
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			_, err := fmt.Sscan(text, &kib)
			require.NoError(b, err)
		}
	}
	return kib / 1000
}

func jsonBytes(n int) (total int64) {
	for i := range distinct {
		total += int64(len(sample(i).RecordData.Raw()))
	}
	return total * int64(n) / distinct
}

func mapAll(b *testing.B, src tables.Source, n int) {
	m, err := tables.NewRecordMapper(src)
	require.NoError(b, err)
	for b.Loop() {
		got := int64(0)
		for batch, err := range m.MapForms(b.Context(), study, tables.MapOptions{Plan: plan(), Forms: []string{form}}).Batches() {
			require.NoError(b, err)
			got += batch.Record.NumRows()
		}
		require.EqualValues(b, n, got)
	}
}

// BenchmarkMapping maps records that are in memory already.
func BenchmarkMapping(b *testing.B) {
	n := rows(b)
	mapAll(b, newMemorySource(n), n)
	report(b, n, jsonBytes(n))
}

// BenchmarkMappingLimit appends the same columns from values that need no parsing.
func BenchmarkMappingLimit(b *testing.B) {
	n := rows(b)
	m, err := tables.NewRecordMapper(newMemorySource(distinct))
	require.NoError(b, err)
	table, err := m.MapForms(b.Context(), study, tables.MapOptions{Plan: plan()}).Tables()
	require.NoError(b, err)
	defer table[0].Table.Release()
	schema := table[0].Table.Schema()
	var columns []arrow.Array
	for i := range schema.NumFields() {
		columns = append(columns, table[0].Table.Column(i).Data().Chunk(0))
	}
	for b.Loop() {
		builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		for from := 0; from < n; from += tables.DefaultBatchRows {
			for row := range min(tables.DefaultBatchRows, n-from) {
				appendRow(builder, columns, row%distinct)
			}
			builder.NewRecord().Release()
		}
		builder.Release()
	}
	report(b, n, jsonBytes(n))
}

func appendRow(builder *array.RecordBuilder, columns []arrow.Array, row int) {
	for i, column := range columns {
		if column.IsNull(row) {
			builder.Field(i).AppendNull()
			continue
		}
		switch c := column.(type) {
		case *array.Float64:
			builder.Field(i).(*array.Float64Builder).Append(c.Value(row))
		case *array.Int64:
			builder.Field(i).(*array.Int64Builder).Append(c.Value(row))
		case *array.String:
			builder.Field(i).(*array.StringBuilder).Append(c.Value(row))
		case *array.Date32:
			builder.Field(i).(*array.Date32Builder).Append(c.Value(row))
		default:
			builder.Field(i).AppendNull()
		}
	}
}

// mirror holds n records in a file.
func mirror(b *testing.B, n int) *cache.CachedRecordsLoader {
	s := imednettest.Generate(imednettest.GenerateOptions{Records: 10})
	for i := range n {
		s.InsertRecord(sample(i % distinct))
	}
	l, err := cache.NewCachedRecordsLoader(b.Context(), imednettest.NewServer(s).Client(), filepath.Join(b.TempDir(), "mirror.sqlite3"))
	require.NoError(b, err)
	_, err = l.SyncRecords(b.Context(), study, cache.SyncOptions{})
	require.NoError(b, err)
	require.NoError(b, l.Close())
	// Opened without a client, the mirror holds on to nothing of the study that filled it.
	l, err = cache.NewCachedRecordsLoader(b.Context(), nil, l.Path())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, l.Close()) })
	return l
}

// BenchmarkMirror maps records from the mirror's file.
func BenchmarkMirror(b *testing.B) {
	n := rows(b)
	l := mirror(b, n)
	settle()
	mapAll(b, l, n)
	report(b, n, jsonBytes(n))
}

// BenchmarkMirrorParquet maps records from the mirror's file and writes them.
func BenchmarkMirrorParquet(b *testing.B) {
	n := rows(b)
	m, err := tables.NewRecordMapper(mirror(b, n))
	require.NoError(b, err)
	p, err := pipeline.New()
	require.NoError(b, err)
	settle()
	for b.Loop() {
		_, err := p.WriteParquet(b.Context(), m, study, b.TempDir(), pipeline.DataSetOptions{Map: tables.MapOptions{Plan: plan(), Forms: []string{form}}})
		require.NoError(b, err)
	}
	report(b, n, jsonBytes(n))
}

// BenchmarkMirrorLimit reads the mirror's file and maps nothing.
func BenchmarkMirrorLimit(b *testing.B) {
	n := rows(b)
	l := mirror(b, n)
	settle()
	for b.Loop() {
		for _, err := range l.Records(b.Context(), study, imednet.ListOptions{}) {
			require.NoError(b, err)
		}
	}
	report(b, n, jsonBytes(n))
}

// BenchmarkParquet maps records from memory and writes them.
func BenchmarkParquet(b *testing.B) {
	n := rows(b)
	m, err := tables.NewRecordMapper(newMemorySource(n))
	require.NoError(b, err)
	p, err := pipeline.New()
	require.NoError(b, err)
	for b.Loop() {
		_, err := p.WriteParquet(b.Context(), m, study, b.TempDir(), pipeline.DataSetOptions{Map: tables.MapOptions{Plan: plan()}})
		require.NoError(b, err)
	}
	report(b, n, jsonBytes(n))
}

// BenchmarkParquetLimit writes one batch again and again and maps nothing.
func BenchmarkParquetLimit(b *testing.B) {
	n := rows(b)
	m, err := tables.NewRecordMapper(newMemorySource(tables.DefaultBatchRows))
	require.NoError(b, err)
	p, err := pipeline.New(pipeline.WithChunkRows(pipeline.DefaultFileRows))
	require.NoError(b, err)
	reader, err := m.MapForm(b.Context(), study, form, tables.MapOptions{Plan: plan()}).Reader()
	require.NoError(b, err)
	defer reader.Release()
	require.True(b, reader.Next())
	var batches []arrow.Record
	for range (n + tables.DefaultBatchRows - 1) / tables.DefaultBatchRows {
		batches = append(batches, reader.Record())
	}
	for b.Loop() {
		again, err := array.NewRecordReader(reader.Schema(), batches)
		require.NoError(b, err)
		_, err = p.WriteParquetChunks(b.Context(), again, b.TempDir(), "")
		require.NoError(b, err)
		again.Release()
	}
	report(b, n, jsonBytes(n))
}
