package pipeline_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

var loadPilot = sync.OnceValues(func() (*imednettest.Study, error) { return imednettest.LoadDir(os.Getenv("IMEDNET_PILOT")) })

// pilot is the pilot study, which no test may change.
func pilot(t *testing.T) *imednettest.Study {
	t.Helper()
	study, err := loadPilot()
	require.NoError(t, err)
	return study
}

// answersOf reads the populated answers of a record with the standard library's tokens, so that it
// shares nothing with the code under test.
func answersOf(t *testing.T, record imednet.Record) map[string][]string {
	answers := map[string][]string{}
	data := record.RecordData.Raw()
	if len(data) == 0 || data[0] != '{' {
		return answers
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	_, err := dec.Token()
	require.NoError(t, err)
	for dec.More() {
		key, err := dec.Token()
		require.NoError(t, err)
		var raw json.RawMessage
		require.NoError(t, dec.Decode(&raw))
		text := string(raw)
		if raw[0] == '"' {
			require.NoError(t, json.Unmarshal(raw, &text))
		}
		if text != "" && string(raw) != "null" {
			name := strings.ToLower(key.(string))
			answers[name] = append(answers[name], text)
		}
	}
	return answers
}

// sameAnswer compares a cell with an answer: as text, and numbers as numbers.
func sameAnswer(cell, answer string) bool {
	a, errA := strconv.ParseFloat(cell, 64)
	b, errB := strconv.ParseFloat(answer, 64)
	return cell == answer || errA == nil && errB == nil && a == b
}

// answerColumn is a column that holds answers, with the name of its variable.
type answerColumn struct {
	at   int
	name string
}

func answerColumns(schema *arrow.Schema) []answerColumn {
	var columns []answerColumn
	for i, field := range schema.Fields() {
		name, _ := field.Metadata.GetValue("name")
		part, _ := field.Metadata.GetValue("part")
		if _, answer := field.Metadata.GetValue("form"); answer && part != "day" && part != "precision" {
			columns = append(columns, answerColumn{i, strings.ToLower(name)})
		}
	}
	return columns
}

// takeAnswers takes every cell of a row out of the answers of its record.
func takeAnswers(t *testing.T, batch arrow.Record, row int, columns []answerColumn, answers map[string][]string) {
	for _, c := range columns {
		cells := batch.Column(c.at)
		if cells.IsNull(row) {
			continue
		}
		at := slices.IndexFunc(answers[c.name], func(a string) bool { return sameAnswer(cells.ValueStr(row), a) })
		if at < 0 {
			t.Fatalf("column %s of row %d holds no answer of its record", batch.ColumnName(c.at), row)
		}
		answers[c.name] = slices.Delete(answers[c.name], at, at+1)
	}
}

// requireEveryValueOnce reads a wide Parquet data set and its rejects back, and finds every
// populated answer of the study in one of them, once.
func requireEveryValueOnce(t *testing.T, study *imednettest.Study, dir string, manifest *pipeline.Manifest) {
	t.Helper()
	open, total := map[int64]map[string][]string{}, int64(0)
	for _, id := range study.RecordIDs() {
		record, _ := study.Record(id)
		open[id] = answersOf(t, record)
		for _, list := range open[id] {
			total += int64(len(list))
		}
	}
	require.Equal(t, total, manifest.Report.Values)
	for _, f := range manifest.Tables[0].Files {
		table := readParquet(t, filepath.Join(dir, f.Path))
		columns := answerColumns(table.Schema())
		reader := array.NewTableReader(table, 0)
		for reader.Next() {
			batch := reader.Record()
			for row, id := range batch.Column(0).(*array.Int64).Int64Values() {
				takeAnswers(t, batch, row, columns, open[id])
			}
		}
		reader.Release()
		table.Release()
	}
	for _, line := range linesIn(t, dir, manifest.Rejects) {
		var reject struct {
			RecordID        int64
			Variable, Value string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &reject))
		list := open[reject.RecordID][strings.ToLower(reject.Variable)]
		if at := slices.Index(list, reject.Value); at >= 0 {
			open[reject.RecordID][strings.ToLower(reject.Variable)] = slices.Delete(list, at, at+1)
		}
	}
	for id, answers := range open {
		for name, list := range answers {
			if len(list) > 0 {
				t.Fatalf("%s of record %d is in no place", name, id)
			}
		}
	}
}

// linesIn reads a list of the data set.
func linesIn(t *testing.T, dir string, f pipeline.File) []string {
	t.Helper()
	if f.Path == "" {
		return nil
	}
	content, err := os.ReadFile(filepath.Join(dir, f.Path))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	require.Len(t, lines, int(f.Rows))
	return lines
}

func TestWideHoldsEveryValueOnce(t *testing.T) {
	studies := map[string]*imednettest.Study{"generated": demo(t)}
	if os.Getenv("IMEDNET_PILOT") != "" {
		studies["pilot"] = pilot(t)
	}
	for _, name := range slices.Sorted(maps.Keys(studies)) {
		t.Run(name, func(t *testing.T) {
			study, dir := studies[name], t.TempDir()
			manifest, err := newPipeline(t).WriteParquet(t.Context(), mapperOver(t, study), study.Key(), dir, pipeline.DataSetOptions{
				Layout: pipeline.Wide, FileRows: 5000, Map: tables.MapOptions{IncludeDeleted: true},
			})
			require.NoError(t, err)
			require.Len(t, manifest.Tables, 1)
			require.Equal(t, manifest.Report.Rows, manifest.Tables[0].Rows)
			require.Positive(t, manifest.Rejects.Rows)
			require.NoError(t, manifest.Verify(dir))
			requireEveryValueOnce(t, study, dir, manifest)
		})
	}
}

func TestWideHasTheColumnsOfTheMapper(t *testing.T) {
	m := mapperOver(t, demo(t))
	for _, options := range []tables.MapOptions{{}, {AllMetadata: true}, {Titles: tables.ByLabel}, {Forms: []string{"AE", "VS"}}} {
		dir := t.TempDir()
		opts := pipeline.DataSetOptions{Layout: pipeline.Wide, Map: options}
		manifest, err := newPipeline(t).WriteParquet(t.Context(), m, "DEMO", dir, opts)
		require.NoError(t, err)
		require.Equal(t, pipeline.Wide, manifest.Layout)
		want, err := m.Map(t.Context(), "DEMO", options).Table()
		require.NoError(t, err)
		got := readParquet(t, filepath.Join(dir, "records_chunk_00001.parquet"))
		require.Equal(t, manifest.Tables[0].SchemaHash, pipeline.SchemaHash(want.Schema()))
		require.Equal(t, manifest.Tables[0].SchemaHash, pipeline.SchemaHash(withoutParquetIDs(got.Schema())))
		require.Equal(t, rowsOf(want), rowsOf(got))
		got.Release()

		manifest, err = newPipeline(t).WriteCSV(t.Context(), m, "DEMO", dir, opts)
		require.NoError(t, err)
		file, err := os.Open(filepath.Join(dir, manifest.Tables[0].Files[0].Path))
		require.NoError(t, err)
		rows, err := csv.NewReader(file).ReadAll()
		require.NoError(t, err)
		require.NoError(t, file.Close())
		require.Len(t, rows[0], int(want.NumCols()))
		require.Len(t, rows, int(want.NumRows())+1)

		manifest, err = newPipeline(t).WriteNDJSON(t.Context(), m, "DEMO", dir, opts)
		require.NoError(t, err)
		lines, err := os.ReadFile(filepath.Join(dir, manifest.Tables[0].Files[0].Path))
		require.NoError(t, err)
		require.Equal(t, int(want.NumRows()), bytes.Count(lines, []byte("\n")))
		want.Release()
	}
}

func TestWideWithoutRecordsHasItsColumns(t *testing.T) {
	dir := t.TempDir()
	manifest, err := newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{
		Layout: pipeline.Wide, Map: tables.MapOptions{VisitKey: "999999999"},
	})
	require.NoError(t, err)
	require.Zero(t, manifest.Tables[0].Rows)
	content, err := os.ReadFile(filepath.Join(dir, "records_chunk_00001.csv"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(content), "recordId,subjectKey,visitId,formId,recordStatus,dateCreated,"), string(content))
}

func TestWideIsDeidentified(t *testing.T) {
	d := tables.Deidentification{Key: []byte("0123456789abcdef"), PHIFields: []string{"AETERM"}}
	dir := t.TempDir()
	manifest, err := newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t), tables.WithDeidentification(d)), "DEMO", dir, pipeline.DataSetOptions{Layout: pipeline.Wide})
	require.NoError(t, err)
	require.True(t, manifest.Deidentified)
	require.Positive(t, manifest.Report.Withheld)
	content, err := os.ReadFile(filepath.Join(dir, manifest.Tables[0].Files[0].Path))
	require.NoError(t, err)
	require.NotContains(t, string(content), "01-001")
	require.NotContains(t, strings.SplitN(string(content), "\n", 2)[0], "AETERM")
}

func TestALayoutReplacesAnother(t *testing.T) {
	dir := t.TempDir()
	m := mapperOver(t, demo(t))
	forms := func(directory string) []string {
		plan, err := m.Plan(t.Context(), "DEMO", tables.PlanOptions{})
		require.NoError(t, err)
		var names []string
		for _, f := range plan.Forms {
			names = append(names, directory+f.FormKey+"/records_chunk_00001.parquet")
		}
		return names
	}
	beside := []string{"_records_manifest.json", "_records_rejects.jsonl"}
	for _, step := range []struct {
		layout pipeline.Layout
		files  []string
	}{
		{pipeline.PerForm, forms("")},
		{pipeline.Wide, []string{"records_chunk_00001.parquet"}},
		{pipeline.PerForm, forms("")},
	} {
		manifest, err := newPipeline(t).WriteParquet(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{Layout: step.layout})
		require.NoError(t, err)
		var files []string
		for _, name := range filesIn(t, dir) {
			files = append(files, generation.ReplaceAllString(name, ""))
		}
		require.ElementsMatch(t, append(step.files, beside...), files, step.layout)
		require.NoError(t, manifest.Verify(dir))
	}
	_, err := newPipeline(t).WriteParquet(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{Layout: pipeline.Hive})
	require.ErrorContains(t, err, "another layout", "a pattern would read every row twice")
	hive := t.TempDir()
	_, err = newPipeline(t).WriteParquet(t.Context(), m, "DEMO", hive, pipeline.DataSetOptions{Layout: pipeline.Hive})
	require.NoError(t, err)
	_, err = newPipeline(t).WriteParquet(t.Context(), m, "DEMO", hive, pipeline.DataSetOptions{Layout: pipeline.HivePerForm})
	require.NoError(t, err, "the same directories")
	_, err = newPipeline(t).WriteParquet(t.Context(), m, "DEMO", hive, pipeline.DataSetOptions{})
	require.ErrorContains(t, err, "another layout")
	_, err = newPipeline(t).WriteParquet(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{Layout: "tall"})
	var problems *imednet.ValidationError
	require.ErrorAs(t, err, &problems)
	require.ErrorContains(t, err, `there is no layout "tall"`)
}

// TestWhatAKilledRunLeftIsRemoved puts the files there that a killed run of each layout leaves.
func TestWhatAKilledRunLeftIsRemoved(t *testing.T) {
	dir := t.TempDir()
	left := []string{".records_chunk_00001.csv.123.tmp", "._records_rejects.jsonl.4.tmp", "._records_manifest.json.5.tmp", "AE/.records_chunk_00001.parquet.6.tmp",
		"studyKey=DEMO/formKey=AE/.records_chunk_00012.ndjson.7.tmp"}
	kept := []string{".others_chunk_00001.csv.123.tmp", "AE/.mine.tmp", "a/b/c/.records_chunk_00001.csv.1.tmp", "records_note.txt"}
	for _, name := range append(left, kept...) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	m := mapperOver(t, demo(t))
	_, err := newPipeline(t).WriteParquet(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{Layout: pipeline.Wide})
	require.NoError(t, err)
	require.ElementsMatch(t, append(kept, "records_chunk_00001.parquet", "_records_manifest.json", "_records_rejects.jsonl"), filesIn(t, dir))
	require.NoDirExists(t, filepath.Join(dir, "studyKey=DEMO"))
}

func TestChunksDoNotOverwriteADataSet(t *testing.T) {
	dir := t.TempDir()
	m := mapperOver(t, demo(t))
	manifest, err := newPipeline(t).WriteParquet(t.Context(), m, "DEMO", dir, pipeline.DataSetOptions{Layout: pipeline.Wide})
	require.NoError(t, err)
	reader, err := m.Map(t.Context(), "DEMO", tables.MapOptions{}).Reader()
	require.NoError(t, err)
	defer reader.Release()
	var problems *imednet.ValidationError
	_, err = newPipeline(t).WriteParquetChunks(t.Context(), reader, dir, "")
	require.ErrorAs(t, err, &problems)
	require.NoError(t, manifest.Verify(dir))
}

func TestManifestOfALaterVersion(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "_records_manifest.json"), []byte(`{"formatVersion": 2}`), 0o600))
	_, err := pipeline.ReadManifest(dir, "")
	require.ErrorContains(t, err, "a later version of this library wrote it")
	_, err = newPipeline(t).WriteParquet(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{})
	require.Error(t, err, "nothing is replaced that cannot be read")
	require.Len(t, filesIn(t, dir), 1)
}

// generation is the part of a file's name that says which data set in its place it belongs to.
var generation = regexp.MustCompile(`\.r\d+`)
