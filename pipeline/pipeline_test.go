package pipeline_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	array18 "github.com/apache/arrow-go/v18/arrow/array"
	memory18 "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

var wroteAt = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// demo is a generated study with awkward answers in its form NOTE.
func demo(t testing.TB) *imednettest.Study {
	t.Helper()
	return imednettest.Generate(imednettest.GenerateOptions{Records: 600, Seed: 7})
}

func mapperOver(t testing.TB, study *imednettest.Study, opts ...tables.Option) *tables.RecordMapper {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	m, err := tables.NewRecordMapper(imednettest.NewServer(study).Client(), append(opts, tables.WithAllocator(mem))...)
	require.NoError(t, err)
	return m
}

func newPipeline(t testing.TB, opts ...pipeline.Option) *pipeline.ChunkedRecordPipeline {
	t.Helper()
	p, err := pipeline.New(append(opts, pipeline.WithClock(imednettest.NewClock(wroteAt)))...)
	require.NoError(t, err)
	return p
}

// filesIn lists the files below a directory.
func filesIn(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	return names
}

// readParquet reads a file with the library that wrote it; the caller releases the table.
func readParquet(t testing.TB, path string) arrow.Table {
	t.Helper()
	in, err := file.OpenParquetFile(path, false)
	require.NoError(t, err)
	defer in.Close()
	reader, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{}, memory18.DefaultAllocator)
	require.NoError(t, err)
	table, err := reader.ReadTable(context.Background())
	require.NoError(t, err)
	defer table.Release()
	rows18 := array18.NewTableReader(table, 0)
	defer rows18.Release()
	rows, err := arrow18.FromReader(rows18)
	require.NoError(t, err)
	defer rows.Release()
	var batches []arrow.Record
	for rows.Next() {
		batch := rows.Record()
		batch.Retain()
		defer batch.Release()
		batches = append(batches, batch)
	}
	require.NoError(t, rows.Err())
	return array.NewTableFromRecords(rows.Schema(), batches)
}

func TestIterChunks(t *testing.T) {
	items := func(n int, err error) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i+1, nil) {
					return
				}
			}
			if err != nil {
				yield(0, err)
			}
		}
	}
	gather := func(chunks iter.Seq2[[]int, error]) (got [][]int, err error) {
		for chunk, e := range chunks {
			if e != nil {
				return got, e
			}
			got = append(got, chunk)
		}
		return got, nil
	}
	got, err := gather(pipeline.IterChunks(items(5, nil), 2))
	require.NoError(t, err)
	require.Equal(t, [][]int{{1, 2}, {3, 4}, {5}}, got)
	got, err = gather(pipeline.IterChunks(items(0, nil), 2))
	require.NoError(t, err)
	require.Empty(t, got)
	got, err = gather(pipeline.MapChunks(items(3, nil), 2, func(n int) (int, error) { return 10 * n, nil }))
	require.NoError(t, err)
	require.Equal(t, [][]int{{10, 20}, {30}}, got)

	broken := errors.New("broken")
	got, err = gather(pipeline.IterChunks(items(3, broken), 2))
	require.ErrorIs(t, err, broken)
	require.Equal(t, [][]int{{1, 2}}, got)
	_, err = gather(pipeline.MapChunks(items(3, nil), 2, func(int) (int, error) { return 0, broken }))
	require.ErrorIs(t, err, broken)
	_, err = gather(pipeline.IterChunks(items(3, nil), 0))
	require.ErrorContains(t, err, "chunk size must be greater than zero")
}

func TestOptionsAreChecked(t *testing.T) {
	for _, opt := range []pipeline.Option{pipeline.WithChunkRows(0), pipeline.WithClock(nil)} {
		_, err := pipeline.New(opt)
		var problems *imednet.ValidationError
		require.ErrorAs(t, err, &problems)
	}
}

func TestWriteParquetChunks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	m := mapperOver(t, demo(t))
	write := func(rows int, opts tables.MapOptions) []string {
		reader, err := m.MapForm(t.Context(), "DEMO", "VS", opts).Reader()
		require.NoError(t, err)
		defer reader.Release()
		paths, err := newPipeline(t, pipeline.WithChunkRows(rows)).WriteParquetChunks(t.Context(), reader, dir, "vs")
		require.NoError(t, err)
		return paths
	}
	paths := write(30, tables.MapOptions{})
	require.Greater(t, len(paths), 2)
	require.Equal(t, filepath.Join(dir, "vs_chunk_00001.parquet"), paths[0])
	require.Len(t, filesIn(t, dir), len(paths))
	total := int64(0)
	var schema *arrow.Schema
	for i, path := range paths {
		table := readParquet(t, path)
		if i < len(paths)-1 {
			require.EqualValues(t, 30, table.NumRows())
		}
		if schema == nil {
			schema = table.Schema()
		}
		require.True(t, schema.Equal(table.Schema()), "one schema for all chunks")
		total += table.NumRows()
		table.Release()
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "vs_chunk_note.txt"), nil, 0o600))
	again := write(int(total), tables.MapOptions{})
	require.Equal(t, paths[:1], again)
	require.Equal(t, []string{"vs_chunk_00001.parquet", "vs_chunk_note.txt"}, filesIn(t, dir), "stale chunks go, other files stay")
	none := write(10, tables.MapOptions{VisitKey: "999999999"})
	require.Empty(t, none)
	require.Equal(t, []string{"vs_chunk_note.txt"}, filesIn(t, dir), "no rows give no files")
}

func TestPrefixIsAFileName(t *testing.T) {
	m := mapperOver(t, demo(t))
	for _, prefix := range []string{"../up", "a/b", `a\b`, "C:", "..", ".", ".hidden", "_hidden", " ", "nul", "COM1.x", "a\x00b", "a\nb", strings.Repeat("x", 101)} {
		_, err := newPipeline(t).WriteParquet(t.Context(), m, "DEMO", t.TempDir(), pipeline.DataSetOptions{Prefix: prefix})
		var problems *imednet.ValidationError
		require.ErrorAs(t, err, &problems, "%q", prefix)
		reader, err := m.Map(t.Context(), "DEMO", tables.MapOptions{}).Reader()
		require.NoError(t, err)
		_, err = newPipeline(t).WriteParquetChunks(t.Context(), reader, t.TempDir(), prefix)
		reader.Release()
		require.ErrorAs(t, err, &problems, "%q", prefix)
	}
}

// TestParquetHoldsWhatTheMapperGives compares files with tables in memory, row by row and in order: in
// every layout, with row groups that are cut anywhere, and with hardly any memory for them.
func TestParquetHoldsWhatTheMapperGives(t *testing.T) {
	m := mapperOver(t, demo(t), tables.WithBatchRows(37), tables.WithBatchBytes(20_000))
	plan, _, err := m.InferPlan(t.Context(), "DEMO", tables.InferOptions{ExtraColumns: true})
	require.NoError(t, err)
	options := tables.MapOptions{Plan: plan, IncludeDeleted: true}
	for _, layout := range []pipeline.Layout{pipeline.PerForm, pipeline.Hive, pipeline.HivePerForm, pipeline.Wide} {
		for _, held := range []int64{1, 48 << 20} {
			for _, fileRows := range []int{100, 1_000_000} {
				p := newPipeline(t)
				p.HoldAtMost(held)
				dir := t.TempDir()
				given := options
				given.OneSchema = layout != pipeline.PerForm && fileRows == 100 // which is the layout's business
				manifest, err := p.WriteParquet(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{Map: given, FileRows: fileRows, Layout: layout})
				require.NoError(t, err)
				dir = pipeline.DataSetDir(dir, layout, "DEMO")
				requireTables(t, dir, manifest, mapped(t, m, options, layout))
				require.NoError(t, manifest.Verify(dir))
				for _, name := range filesIn(t, dir) {
					require.NotContains(t, name, "spool")
				}
			}
		}
	}
}

// TestATableAloneIsNotWrittenTwice watches the directory while more than a row group is written.
func TestATableAloneIsNotWrittenTwice(t *testing.T) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "TEXT", Type: arrow.BinaryTypes.String}}, nil))
	defer b.Release()
	for range 10 {
		b.Field(0).(*array.StringBuilder).Append(strings.Repeat("x", 100_000))
	}
	batch := b.NewRecord()
	defer batch.Release()
	dir := t.TempDir()
	list := []pipeline.Table{{Name: "T", Schema: batch.Schema()}}
	manifest, err := newPipeline(t).WriteTables(t.Context(), "DEMO", dir, pipeline.Parquet, list, pipeline.TableOptions{}, func(w *pipeline.TableWriter) error {
		for range 60 { // megabytes
			if err := w.Write("T", batch); err != nil {
				return err
			}
			for _, name := range filesIn(t, dir) {
				require.NotContains(t, name, "spool")
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, 600, manifest.Tables[0].Rows)
	require.NoError(t, manifest.Verify(dir))
}

// mapped returns the tables of a layout as the mapper gives them.
func mapped(t *testing.T, m *tables.RecordMapper, options tables.MapOptions, layout pipeline.Layout) []tables.FormTable {
	t.Helper()
	if layout == pipeline.Wide {
		table, err := m.Map(t.Context(), "DEMO", options).Table()
		require.NoError(t, err)
		t.Cleanup(table.Release)
		return []tables.FormTable{{Table: table}}
	}
	options.OneSchema = layout == pipeline.Hive
	list, err := m.MapForms(t.Context(), "DEMO", options).Tables()
	require.NoError(t, err)
	for _, table := range list {
		t.Cleanup(table.Table.Release)
	}
	return list
}

func requireTables(t *testing.T, dir string, manifest *pipeline.Manifest, want []tables.FormTable) {
	t.Helper()
	require.Len(t, manifest.Tables, len(want))
	for i, want := range want {
		written := manifest.Tables[i]
		require.Equal(t, want.FormKey, written.Name)
		require.Equal(t, want.Table.NumRows(), written.Rows)
		var got []string
		for _, f := range written.Files {
			table := readParquet(t, filepath.Join(dir, f.Path))
			require.Equal(t, f.Rows, table.NumRows())
			require.Equal(t, written.SchemaHash, pipeline.SchemaHash(withoutParquetIDs(table.Schema())), want.FormKey)
			got = append(got, rowsOf(table)...)
			table.Release()
		}
		require.Equal(t, rowsOf(want.Table), got, want.FormKey)
	}
}

// withoutParquetIDs drops the field ids that reading Parquet adds to the metadata.
func withoutParquetIDs(schema *arrow.Schema) *arrow.Schema {
	fields := schema.Fields()
	for i := range fields {
		var keys, values []string
		for j, key := range fields[i].Metadata.Keys() {
			if key != "PARQUET:field_id" {
				keys, values = append(keys, key), append(values, fields[i].Metadata.Values()[j])
			}
		}
		fields[i].Metadata = arrow.NewMetadata(keys, values)
	}
	return arrow.NewSchema(fields, nil)
}

// rowsOf renders the rows of a table.
func rowsOf(table arrow.Table) []string {
	reader := array.NewTableReader(table, 0)
	defer reader.Release()
	var rows []string
	for reader.Next() {
		batch := reader.Record()
		for row := range int(batch.NumRows()) {
			var cells []string
			for _, c := range batch.Columns() {
				cells = append(cells, c.ValueStr(row))
			}
			rows = append(rows, strings.Join(cells, "|"))
		}
	}
	return rows
}

func TestManifest(t *testing.T) {
	dir := t.TempDir()
	study := demo(t)
	written, err := newPipeline(t).WriteParquet(t.Context(), mapperOver(t, study), "DEMO", dir, pipeline.DataSetOptions{})
	require.NoError(t, err)
	manifest, err := pipeline.ReadManifest(dir, "")
	require.NoError(t, err)
	require.Equal(t, written.Tables, manifest.Tables)
	require.Equal(t, wroteAt, manifest.Created)
	require.True(t, manifest.Origin.IsZero(), "the server's state has no name")
	require.Zero(t, manifest.Selection)
	require.False(t, manifest.Deidentified)
	require.Equal(t, *written.Report, *manifest.Report)
	report := *manifest.Report
	require.Equal(t, report.Records, report.Rows+report.RecordsRejected+report.Deleted)
	require.Equal(t, report.Rejected+report.RecordsRejected+report.FieldsRejected, manifest.Rejects.Rows)
	rows := int64(0)
	for _, table := range manifest.Tables {
		rows += table.Rows
		require.NotEmpty(t, table.Files, "a form without records has a file with its columns")
	}
	require.Equal(t, report.Rows, rows)

	rejects, err := os.ReadFile(filepath.Join(dir, manifest.Rejects.Path))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(rejects), "\n"), "\n")
	require.Len(t, lines, int(manifest.Rejects.Rows))
	require.Positive(t, len(lines))
	for _, line := range lines {
		var reject struct {
			RecordID                 int64
			FormKey, Variable, Value string
			JSON                     string `json:"json"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &reject))
		record, ok := study.Record(reject.RecordID)
		require.True(t, ok)
		value, n := record.RecordData.Lookup(reject.Variable)
		if n == 1 {
			require.Equal(t, string(value.Raw()), reject.JSON)
		}
	}

	target := filepath.Join(dir, manifest.Tables[0].Files[0].Path)
	content, err := os.ReadFile(target)
	require.NoError(t, err)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(target, content, 0o600))
	require.ErrorContains(t, manifest.Verify(dir), "differs from what its manifest says")
	manifest.Tables[0].Files[0].Path = "../elsewhere"
	require.ErrorContains(t, manifest.Verify(dir), "leads out of the directory")
	_, err = pipeline.ReadManifest(t.TempDir(), "")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestWritingAgainReplacesTheWhole(t *testing.T) {
	dir := t.TempDir()
	m := mapperOver(t, demo(t))
	p := newPipeline(t)
	_, err := p.WriteParquet(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{FileRows: 20})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "AE", "mine.txt"), nil, 0o600))
	_, err = p.WriteCSV(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{Map: tables.MapOptions{Forms: []string{"VS"}}})
	require.NoError(t, err)
	require.Equal(t, []string{"AE/mine.txt", "VS/records_chunk_00001.r2.csv", "_records_manifest.json"}, filesIn(t, dir))
}

// failing is a client whose records end in an error.
type failing struct {
	*imednettest.Client
	after int
	err   error
}

func (f failing) Records(ctx context.Context, key string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		n := 0
		for r, err := range f.Client.Records(ctx, key, opts) {
			if n++; n > f.after {
				yield(imednet.Record{}, f.err)
				return
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func TestFailureLeavesTheEarlierDataSet(t *testing.T) {
	for _, layout := range []pipeline.Layout{pipeline.PerForm, pipeline.Hive, pipeline.HivePerForm, pipeline.Wide} {
		t.Run(string(layout), func(t *testing.T) { testFailure(t, layout) })
	}
}

func testFailure(t *testing.T, layout pipeline.Layout) {
	dir := t.TempDir()
	study := demo(t)
	p := newPipeline(t)
	before, err := p.WriteParquet(t.Context(), mapperOver(t, study), "DEMO", dir, pipeline.DataSetOptions{Layout: layout})
	require.NoError(t, err)
	names := filesIn(t, dir)

	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	src := failing{imednettest.NewServer(study).Client(), 300, imednet.ErrServer}
	m, err := tables.NewRecordMapper(src, tables.WithAllocator(mem), tables.WithBatchRows(10))
	require.NoError(t, err)
	_, err = p.WriteParquet(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{Layout: layout, FileRows: 15})
	require.ErrorIs(t, err, imednet.ErrServer)
	require.Equal(t, names, filesIn(t, dir))
	require.NoError(t, before.Verify(pipeline.DataSetDir(dir, layout, "DEMO")))

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stopper, err := pipeline.New(pipeline.WithProgress(func(imednet.Progress) { cancel() }))
	require.NoError(t, err)
	fresh := filepath.Join(t.TempDir(), "fresh")
	_, err = stopper.WriteParquet(ctx, mapperOver(t, study, tables.WithBatchRows(10)), "DEMO", fresh, pipeline.DataSetOptions{Layout: layout})
	require.ErrorIs(t, err, context.Canceled)
	require.NoDirExists(t, fresh)

	reader, err := m.Map(t.Context(), "DEMO", tables.MapOptions{}).Reader()
	require.NoError(t, err)
	defer reader.Release()
	_, err = p.WriteParquetChunks(t.Context(), reader, fresh, "")
	require.ErrorIs(t, err, imednet.ErrServer)
	require.NoDirExists(t, fresh)
}

// TestAnEndAfterTheLastRowCounts ends the context when all rows are written and nothing has taken
// its place yet.
func TestAnEndAfterTheLastRowCounts(t *testing.T) {
	study := demo(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows := int64(len(study.RecordIDs()))
	stopper, err := pipeline.New(pipeline.WithProgress(func(p imednet.Progress) {
		if p.Done == rows {
			cancel()
		}
	}))
	require.NoError(t, err)
	dir := t.TempDir()
	_, err = stopper.WriteCSV(ctx, mapperOver(t, study), "DEMO", dir, pipeline.DataSetOptions{Layout: pipeline.Wide, Map: tables.MapOptions{IncludeDeleted: true}})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, filesIn(t, dir))
}

func TestStrictRunWritesNothing(t *testing.T) {
	dir := t.TempDir()
	_, err := newPipeline(t).WriteParquet(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{
		Map: tables.MapOptions{Strict: true},
	})
	var reject *tables.RejectError
	require.ErrorAs(t, err, &reject)
	require.Empty(t, filesIn(t, dir))
}

func TestHiveDirectoriesHaveOneSchema(t *testing.T) {
	dir := t.TempDir()
	manifest, err := newPipeline(t).WriteParquet(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{Layout: pipeline.Hive})
	require.NoError(t, err)
	for _, table := range manifest.Tables {
		require.Equal(t, manifest.Tables[0].SchemaHash, table.SchemaHash)
		require.Equal(t, "formKey="+table.Name+"/records_chunk_00001.parquet", table.Files[0].Path)
	}
}

// writeFunc is a method of a pipeline that writes a data set in one format.
type writeFunc = func(context.Context, *tables.RecordMapper, string, string, pipeline.DataSetOptions) (*pipeline.Manifest, error)

// TestHiveDirectoriesOfFormsWithTheirOwnColumns compares every file with that of the layout of forms, whose
// columns a form's file has here too.
func TestHiveDirectoriesOfFormsWithTheirOwnColumns(t *testing.T) {
	study := demo(t)
	for format, write := range map[pipeline.Format]writeFunc{
		pipeline.Parquet: newPipeline(t).WriteParquet, pipeline.CSV: newPipeline(t).WriteCSV, pipeline.NDJSON: newPipeline(t).WriteNDJSON,
	} {
		plain, dir := t.TempDir(), t.TempDir()
		want, err := write(t.Context(), mapperOver(t, study), "DEMO", plain, pipeline.DataSetOptions{})
		require.NoError(t, err)
		got, err := write(t.Context(), mapperOver(t, study), "DEMO", dir, pipeline.DataSetOptions{Layout: pipeline.HivePerForm})
		require.NoError(t, err)
		require.Equal(t, []string{"studyKey", "formKey"}, got.Partitions)
		require.Equal(t, pipeline.HivePerForm, got.Layout)
		require.NoError(t, got.Verify(pipeline.DataSetDir(dir, pipeline.HivePerForm, "DEMO")))
		require.Len(t, got.Tables, len(want.Tables))
		for i, table := range got.Tables {
			require.Equal(t, want.Tables[i].SchemaHash, table.SchemaHash)
			require.Equal(t, "formKey="+want.Tables[i].Files[0].Path, table.Files[0].Path)
			require.Equal(t, want.Tables[i].Files[0].SHA256, table.Files[0].SHA256, "%s of %s", table.Name, format)
		}
	}
}

func TestDeidentifiedManifestListsFreeTextColumns(t *testing.T) {
	d := tables.Deidentification{Key: []byte("0123456789abcdef"), PHIFields: []string{"AETERM"}, FreeText: []string{"AEDESC", "AETERM"}}
	manifest, err := newPipeline(t).WriteNDJSON(t.Context(), mapperOver(t, demo(t), tables.WithDeidentification(d)), "DEMO", t.TempDir(), pipeline.DataSetOptions{})
	require.NoError(t, err)
	require.True(t, manifest.Deidentified)
	require.Equal(t, []string{"AE.AEDESC"}, manifest.FreeTextColumns, "PHIFields go before FreeText")
	require.Contains(t, manifest.MaskedColumns, "DM.SEX")
	require.NotContains(t, manifest.MaskedColumns, "AE.AEDESC")
}

// oneNote is a study with one note, as one CSV or NDJSON file.
func oneNote(t *testing.T, note string, format pipeline.Format) string {
	t.Helper()
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 50})
	data, err := json.Marshal(map[string]any{"NOTE": note, "NOTENUM": -5.5, "NOTEDTC": "-1"})
	require.NoError(t, err)
	recordData, err := imednet.NewRecordData(data)
	require.NoError(t, err)
	id := study.InsertRecord(imednet.Record{FormKey: imednet.Some("NOTE"), FormID: imednet.Some[int64](3008), RecordData: recordData})
	dir := t.TempDir()
	options := pipeline.DataSetOptions{Map: tables.MapOptions{
		Forms: []string{"NOTE"}, Filter: imednet.Where("recordId", imednet.Equal, id),
		Variables: []string{"NOTE", "NOTENUM", "NOTEDTC"},
	}}
	write := newPipeline(t).WriteCSV
	if format == pipeline.NDJSON {
		write = newPipeline(t).WriteNDJSON
	}
	manifest, err := write(t.Context(), mapperOver(t, study), "DEMO", dir, options)
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(dir, manifest.Tables[0].Files[0].Path))
	require.NoError(t, err)
	return string(content)
}

func TestCSVGuardsFormulas(t *testing.T) {
	for note, want := range map[string]string{
		"=1+1": "'=1+1", "+cmd": "'+cmd", "@SUM(A1)": "'@SUM(A1)", "-x": "'-x", " =1": "' =1", "\t=1": "'\t=1",
		"\r=1": "'\r=1", "＝1": "'＝1", "-5": "-5", "+5.5e3": "+5.5e3", "plain": "plain", "a=b": "a=b", "-inf": "'-inf",
		" -5": " -5", "-5\u00a0": "-5\u00a0", "-1e400": "-1e400", "-0x1p4": "'-0x1p4", "-1_0": "'-1_0", "-5 mg": "'-5 mg",
		"quote\" and\nline": "quote\" and\nline", "\u2028": "\u2028",
	} {
		rows, err := csv.NewReader(strings.NewReader(oneNote(t, note, pipeline.CSV))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 2)
		at := slices.Index(rows[0], "NOTE")
		require.Equal(t, want, rows[1][at], "%q", note)
		require.Equal(t, "-5.5", rows[1][at+1], "a number is never guarded")
		require.Equal(t, "-1", rows[1][at+2])
	}
}

func TestNDJSONKeepsTextExactly(t *testing.T) {
	for _, note := range []string{"=1+1", "quote\" and\nline", "a\u2028b", "\x07\x1f", strings.Repeat("x", 70_000)} {
		var row map[string]any
		require.NoError(t, json.Unmarshal([]byte(oneNote(t, note, pipeline.NDJSON)), &row))
		require.Equal(t, note, row["NOTE"])
		require.Equal(t, -5.5, row["NOTENUM"])
		require.Contains(t, row, "NOTEDTC_date")
		require.Nil(t, row["NOTEDTC_date"])
	}
}

func TestFormKeysAreSafeDirectories(t *testing.T) {
	plan := &tables.Plan{StudyKey: "DEMO"}
	keys := []string{"../up", "a/b", "AE=1", "..", "con", "_x", "é", "50%"}
	for i, key := range keys {
		plan.Forms = append(plan.Forms, tables.FormPlan{FormKey: key, FormID: int64(i + 1)})
	}
	dir := t.TempDir()
	manifest, err := newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{Map: tables.MapOptions{Plan: plan, Forms: keys}})
	require.NoError(t, err)
	var dirs []string
	for _, table := range manifest.Tables {
		dirs = append(dirs, filepath.Dir(table.Files[0].Path))
	}
	require.Equal(t, []string{"%2E.%2Fup", "a%2Fb", "AE%3D1", "%2E%2E", "%63on", "%5Fx", "%C3%A9", "50%25"}, dirs)
	require.Len(t, filesIn(t, dir), len(keys)+1)

	for i, key := range []string{"ae=1", "Ae=1"} {
		plan.Forms = append(plan.Forms, tables.FormPlan{FormKey: key, FormID: int64(100 + i)})
		keys = append(keys, key)
	}
	manifest, err = newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{Map: tables.MapOptions{Plan: plan, Forms: keys}})
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, table := range manifest.Tables {
		name := filepath.Dir(table.Files[0].Path)
		require.False(t, seen[strings.ToLower(name)], "distinct where case is ignored")
		seen[strings.ToLower(name)] = true
		back, err := url.PathUnescape(name)
		require.NoError(t, err)
		require.Equal(t, table.Name, back, "and readers get the key back")
	}
	require.NoError(t, manifest.Verify(dir))
}

func TestErrorsNameThePlace(t *testing.T) {
	_, err := pipeline.ReadManifest("nowhere", "")
	require.ErrorIs(t, err, os.ErrNotExist)
	var failed *imednet.Error
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "pipeline: read manifest: path nowhere", strings.TrimSuffix(err.Error(), ": "+failed.Err.Error()))
}
