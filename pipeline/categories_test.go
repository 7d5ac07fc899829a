//go:build cgo

package pipeline_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// categoriesStudy has answers to a list in another order than its choices, some of them not listed.
func categoriesStudy(t *testing.T) (tables.Source, *tables.Plan, map[int64]string) {
	t.Helper()
	study := exampleStudy{DesignClient: studytest.DesignClient{Design: studytest.Design{
		Forms: []imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}, {FormID: 2, FormKey: imednet.Some("NONE")}},
		Variables: []imednet.Variable{
			{VariableID: 1, FormID: imednet.Some[int64](1), FormKey: imednet.Some("AE"), VariableName: imednet.Some("SEV"), VariableType: imednet.Some("RADIO")},
			{VariableID: 2, FormID: imednet.Some[int64](2), FormKey: imednet.Some("NONE"), VariableName: imednet.Some("OTHER"), VariableType: imednet.Some("RADIO")},
		}}}}
	want := map[int64]string{}
	for i := range 5000 {
		answer := []string{"Severe", "Mild", "", "Unlisted", "Moderate"}[i%5]
		if i >= 4000 {
			answer = fmt.Sprintf("Late %d", i%3)
		}
		want[int64(i+1)] = answer
		data := fmt.Sprintf(`{"SEV":%q}`, answer)
		study.records = append(study.records, exampleRecord(t, i+1, "AE", data))
	}
	study.records = append(study.records, exampleRecord(t, 9001, "NONE", `{}`))
	mapper, err := tables.NewRecordMapper(study)
	require.NoError(t, err)
	list := []tables.Choice{{Value: "Mild", Text: "Mild"}, {Value: "Moderate", Text: "Moderate"}, {Value: "Severe", Text: "Severe"}, {Value: "Fatal", Text: "Fatal"}}
	plan, err := mapper.Plan(t.Context(), "S", tables.PlanOptions{Choices: map[string][]tables.Choice{"AE.SEV": list, "NONE.OTHER": list}, Categories: true})
	require.NoError(t, err)
	return study, plan, want
}

// Files have the answers as they are for readers without categories, and their dictionaries begin with the
// declared choices in their order for those with, in every layout and from memory and spool alike.
func TestCategoriesInFiles(t *testing.T) {
	source, plan, want := categoriesStudy(t)
	db := database(t)
	for _, layout := range []pipeline.Layout{pipeline.PerForm, pipeline.Wide, pipeline.Hive, pipeline.HivePerForm} {
		for _, held := range []int64{1, 1 << 30} {
			name := fmt.Sprint(layout, held)
			mapper, err := tables.NewRecordMapper(source, tables.WithBatchRows(700))
			require.NoError(t, err)
			p := newPipeline(t)
			p.HoldAtMost(held)
			dir := t.TempDir()
			manifest, err := p.WriteParquet(t.Context(), mapper, "S", dir, pipeline.DataSetOptions{Map: tables.MapOptions{Plan: plan}, Layout: layout, FileRows: 2600})
			require.NoError(t, err, name)
			got, files := map[int64]string{}, 0
			for _, table := range manifest.Tables {
				for _, f := range table.Files {
					path := filepath.Join(pipeline.DataSetDir(dir, layout, "S"), f.Path)
					files++
					readCategories(t, path, name, got)
					if table.Name != "NONE" {
						require.Equal(t, "VARCHAR 0", query(t, db, fmt.Sprintf("SELECT typeof(any_value(SEV)), count(*) FILTER (SEV = '') FROM read_parquet('%s')", path)), name)
					}
				}
			}
			delete(got, 9001)
			require.Equal(t, want, got, name)
			require.Greater(t, files, 1, name)
		}
	}
}

// readCategories reads a file's answers, and its dictionaries as they stand in it.
func readCategories(t *testing.T, path, name string, got map[int64]string) {
	t.Helper()
	begins := []string{"Mild", "Moderate", "Severe", "Fatal"}
	table := readParquet(t, path)
	defer table.Release()
	if table.Schema().HasField("OTHER") && !table.Schema().HasField("SEV") {
		return
	}
	at := table.Schema().FieldIndices("SEV")[0]
	require.Equal(t, arrow.DICTIONARY, table.Schema().Field(at).Type.ID(), name)
	ids := table.Column(table.Schema().FieldIndices("recordId")[0]).Data()
	row := 0
	for _, chunk := range table.Column(at).Data().Chunks() {
		coded := chunk.(*array.Dictionary)
		words := coded.Dictionary().(*array.String)
		for i := range coded.Len() {
			id := ids.Chunks()[0].(*array.Int64).Value(row)
			if row++; coded.IsValid(i) {
				got[id] = words.Value(coded.GetValueIndex(i))
			} else {
				got[id] = ""
			}
		}
	}
	in, err := file.OpenParquetFile(path, false)
	require.NoError(t, err)
	defer in.Close()
	column := in.MetaData().Schema.ColumnIndexByName("SEV")
	for g := range in.NumRowGroups() {
		pages, err := in.RowGroup(g).GetColumnPageReader(column)
		require.NoError(t, err)
		require.True(t, pages.Next(), name)
		page, ok := pages.Page().(*file.DictionaryPage)
		require.True(t, ok, "%s: the column has a dictionary", name)
		words := plainWords(page.Data())
		require.GreaterOrEqual(t, len(words), len(begins), name)
		require.Equal(t, begins, words[:len(begins)], name)
	}
}

// plainWords are the texts of a page in plain encoding.
func plainWords(page []byte) (words []string) {
	for len(page) >= 4 {
		n := int(page[0]) | int(page[1])<<8 | int(page[2])<<16 | int(page[3])<<24
		words, page = append(words, string(page[4:4+n])), page[4+n:]
	}
	return words
}
