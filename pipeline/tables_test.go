package pipeline_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/pipeline"
)

func measureSchema() *arrow.Schema {
	return arrow.NewSchema([]arrow.Field{
		{Name: "subjectKey", Type: arrow.BinaryTypes.String},
		{Name: "AVAL", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	}, nil)
}

// measures is a batch of n rows, of which every other one has no value.
func measures(t *testing.T, n int) arrow.Record {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	b := array.NewRecordBuilder(mem, measureSchema())
	defer b.Release()
	for i := range n {
		b.Field(0).(*array.StringBuilder).Append("01-001")
		if i%2 == 0 {
			b.Field(1).AppendNull()
			continue
		}
		b.Field(1).(*array.Float64Builder).Append(float64(i))
	}
	record := b.NewRecord()
	t.Cleanup(func() {
		record.Release()
		mem.AssertSize(t, 0)
	})
	return record
}

var measureTables = []pipeline.Table{{Name: "ADLB", Schema: measureSchema()}, {Name: "ADSL", Schema: measureSchema()}}

func TestWriteTables(t *testing.T) {
	for _, format := range []pipeline.Format{pipeline.Parquet, pipeline.CSV, pipeline.NDJSON} {
		dir := t.TempDir()
		origin := imednet.Origin{Version: 7, ServerTime: wroteAt, Cut: "IA1"}
		opts := pipeline.TableOptions{Prefix: "canonical", FileRows: 40, Origin: origin}
		written, err := newPipeline(t).WriteTables(t.Context(), "DEMO", dir, format, measureTables, opts, func(w *pipeline.TableWriter) error {
			return errors.Join(
				w.Write("ADLB", measures(t, 30)), w.Write("ADLB", measures(t, 30)),
				w.AddReject(map[string]any{"recordId": 5}), w.AddFinding(map[string]any{"code": "a"}), w.AddFinding(map[string]any{"code": "b"}),
				w.Describe("first"), w.Describe(map[string]int{"in": 62}))
		})
		require.NoError(t, err)
		extension := "." + string(format)
		require.Equal(t, []string{
			"ADLB/canonical_chunk_00001" + extension, "ADLB/canonical_chunk_00002" + extension, "ADSL/canonical_chunk_00001" + extension,
			"_canonical_findings.jsonl", "_canonical_manifest.json", "_canonical_rejects.jsonl",
		}, filesIn(t, dir))
		manifest, err := pipeline.ReadManifest(dir, "canonical")
		require.NoError(t, err)
		require.Equal(t, pipeline.Layout("tables"), manifest.Layout)
		require.Equal(t, written.Tables, manifest.Tables)
		require.Equal(t, origin, manifest.Origin)
		require.JSONEq(t, `{"in": 62}`, string(manifest.About))
		require.Equal(t, []int64{60, 0}, []int64{manifest.Tables[0].Rows, manifest.Tables[1].Rows})
		require.Equal(t, pipeline.SchemaHash(measureSchema()), manifest.Tables[0].SchemaHash)
		require.Equal(t, []string{`{"recordId":5}`}, linesIn(t, dir, manifest.Rejects))
		require.Equal(t, []string{`{"code":"a"}`, `{"code":"b"}`}, linesIn(t, dir, manifest.Findings))
		require.NoError(t, manifest.Verify(dir))
		require.NoError(t, os.WriteFile(filepath.Join(dir, manifest.Findings.Path), nil, 0o600))
		require.ErrorContains(t, manifest.Verify(dir), "_canonical_findings.jsonl: differs")
	}
}

func TestTablesReplaceTables(t *testing.T) {
	dir := t.TempDir()
	write := func(ctx context.Context, fill func(w *pipeline.TableWriter) error) error {
		_, err := newPipeline(t).WriteTables(ctx, "DEMO", dir, pipeline.CSV, measureTables[:1], pipeline.TableOptions{}, fill)
		return err
	}
	full := func(w *pipeline.TableWriter) error {
		return errors.Join(w.Write("ADLB", measures(t, 3)), w.AddReject(1), w.AddFinding(2))
	}
	require.NoError(t, write(t.Context(), full))
	names := filesIn(t, dir)
	manifest, err := pipeline.ReadManifest(dir, "")
	require.NoError(t, err)

	broken := errors.New("broken")
	require.ErrorIs(t, write(t.Context(), func(w *pipeline.TableWriter) error { return errors.Join(full(w), broken) }), broken)
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, write(ctx, func(w *pipeline.TableWriter) error { cancel(); return full(w) }), context.Canceled)
	require.Equal(t, names, filesIn(t, dir))
	require.NoError(t, manifest.Verify(dir))

	require.NoError(t, write(t.Context(), func(*pipeline.TableWriter) error { return nil }))
	require.Equal(t, []string{"ADLB/records_chunk_00001.r2.csv", "_records_manifest.json"}, filesIn(t, dir), "no lists without lines")
	_, err = newPipeline(t).WriteParquet(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{Layout: pipeline.Wide})
	require.NoError(t, err)
	require.NoDirExists(t, filepath.Join(dir, "ADLB"), "one prefix, one data set, wherever it came from")
}

func TestTablesAreChecked(t *testing.T) {
	binary := arrow.NewSchema([]arrow.Field{{Name: "raw", Type: arrow.BinaryTypes.Binary}}, nil)
	nothing := func(*pipeline.TableWriter) error { return nil }
	for name, try := range map[string]struct {
		format pipeline.Format
		tables []pipeline.Table
		opts   pipeline.TableOptions
		fill   func(*pipeline.TableWriter) error
	}{
		"there is no format":            {"xls", measureTables, pipeline.TableOptions{}, nothing},
		"no name or no schema":          {pipeline.CSV, []pipeline.Table{{Schema: binary}}, pipeline.TableOptions{}, nothing},
		"name or no schema":             {pipeline.CSV, []pipeline.Table{{Name: "A"}}, pipeline.TableOptions{}, nothing},
		`the name "A" is there twice`:   {pipeline.CSV, []pipeline.Table{{"A", measureSchema()}, {"A", measureSchema()}}, pipeline.TableOptions{}, nothing},
		"binary have no text form":      {pipeline.NDJSON, []pipeline.Table{{"A", binary}}, pipeline.TableOptions{}, nothing},
		"path separator":                {pipeline.CSV, measureTables, pipeline.TableOptions{Prefix: "a/b"}, nothing},
		"greater than zero":             {pipeline.CSV, measureTables, pipeline.TableOptions{FileRows: -1}, nothing},
		`there is no table "ADAE"`:      {pipeline.CSV, measureTables, pipeline.TableOptions{}, func(w *pipeline.TableWriter) error { return w.Write("ADAE", measures(t, 1)) }},
		`do not have the schema of tab`: {pipeline.CSV, []pipeline.Table{{"A", arrow.NewSchema(measureSchema().Fields()[:1], nil)}}, pipeline.TableOptions{}, func(w *pipeline.TableWriter) error { return w.Write("A", measures(t, 1)) }},
	} {
		dir := t.TempDir()
		_, err := newPipeline(t).WriteTables(t.Context(), "DEMO", dir, try.format, try.tables, try.opts, try.fill)
		var problems *imednet.ValidationError
		require.ErrorAs(t, err, &problems, name)
		require.ErrorContains(t, err, name)
		require.Empty(t, filesIn(t, dir))
	}
	_, err := newPipeline(t).WriteTables(t.Context(), "DEMO", t.TempDir(), pipeline.Parquet, []pipeline.Table{{"A", binary}}, pipeline.TableOptions{}, nothing)
	require.NoError(t, err, "Parquet holds what Arrow holds")
	_, err = newPipeline(t).WriteTables(t.Context(), "DEMO", t.TempDir(), pipeline.CSV, measureTables, pipeline.TableOptions{}, func(w *pipeline.TableWriter) error { return w.AddReject(func() {}) })
	require.Error(t, err, "what is no JSON is an error and not a lost line")
}
