package pipeline_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers/examples"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// exampleStudy is a study of some records.
type exampleStudy struct {
	studytest.DesignClient
	records []imednet.Record
}

func (s exampleStudy) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return studytest.RowsOf(s.records)
}

func exampleRecord(t *testing.T, id int, form, data string) imednet.Record {
	t.Helper()
	answers, err := imednet.NewRecordData([]byte(data))
	require.NoError(t, err, data)
	return imednet.Record{RecordID: int64(id), FormKey: imednet.Some(form), RecordData: answers}
}

// csvRows are the cells of the tables of a CSV data set, by table, record id and column, as they
// were before the guard against formulas.
type csvRows map[string]map[int]map[string]string

// writeExamples writes a study as CSV, its one variable as a column of a type, and reads it again:
// the rows, and the reasons of the rejects by record id.
func writeExamples(t *testing.T, study exampleStudy, typ tables.ColumnType) (csvRows, map[int][]tables.Reason) {
	t.Helper()
	return writeExamplesAs(t, study, typ, pipeline.PerForm)
}

func writeExamplesAs(t *testing.T, study exampleStudy, typ tables.ColumnType, layout pipeline.Layout) (csvRows, map[int][]tables.Reason) {
	t.Helper()
	mapper, err := tables.NewRecordMapper(study)
	require.NoError(t, err)
	plan, err := mapper.Plan(t.Context(), "S", tables.PlanOptions{})
	require.NoError(t, err)
	for _, form := range plan.Forms {
		for i := range form.Columns {
			form.Columns[i].Type = typ
		}
	}
	dir := t.TempDir()
	manifest, err := newPipeline(t).WriteCSV(t.Context(), mapper, "S", dir, pipeline.DataSetOptions{Map: tables.MapOptions{Plan: plan}, Layout: layout})
	require.NoError(t, err)
	require.True(t, manifest.FormulaGuard)
	dir = pipeline.DataSetDir(dir, layout, "S")
	rows := csvRows{}
	for _, table := range manifest.Tables {
		rows[table.Name] = map[int]map[string]string{}
		for _, f := range table.Files {
			readCells(t, filepath.Join(dir, f.Path), rows[table.Name])
		}
	}
	return rows, readReasons(t, dir, manifest.Rejects.Path)
}

func readCells(t *testing.T, path string, rows map[int]map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for _, line := range lines[1:] {
		cells := map[string]string{}
		for i, cell := range line {
			cells[lines[0][i]] = strings.TrimPrefix(cell, "'")
		}
		id, err := strconv.Atoi(cells["recordId"])
		require.NoError(t, err)
		rows[id] = cells
	}
}

func readReasons(t *testing.T, dir, path string) map[int][]tables.Reason {
	t.Helper()
	reasons := map[int][]tables.Reason{}
	if path == "" {
		return reasons
	}
	content, err := os.ReadFile(filepath.Join(dir, path))
	require.NoError(t, err)
	for line := range strings.Lines(string(content)) {
		var reject struct {
			RecordID int
			Reason   tables.Reason
		}
		require.NoError(t, json.Unmarshal([]byte(line), &reject))
		reasons[reject.RecordID] = append(reasons[reject.RecordID], reject.Reason)
	}
	return reasons
}

// answerStudy has one record for each of the shared answers, numbered from 1.
func answerStudy(t *testing.T) exampleStudy {
	t.Helper()
	study := exampleStudy{DesignClient: studytest.DesignClient{Design: studytest.Design{
		Forms:     []imednet.Form{studytest.Form(1, "F")},
		Variables: []imednet.Variable{studytest.Variable(1, "X", "TEXT", "F", imednet.Some(int64(1)))},
	}}}
	for i, e := range examples.Answers() {
		data := `{}`
		if e.JSON != "" {
			data = `{"X":` + e.JSON + `}`
		}
		study.records = append(study.records, exampleRecord(t, i+1, "F", data))
	}
	return study
}

// TestCSVHoldsTheSharedAnswers runs the one table of what answers mean through columns of every type, in tables
// and in hive partitions: what is read again from the file is the value, or the cell is empty and the answer is a
// reject.
func TestCSVHoldsTheSharedAnswers(t *testing.T) {
	for typ, check := range map[tables.ColumnType]func(*testing.T, examples.Answer, map[string]string) (held bool){
		tables.TypeText: textInCSV, tables.TypeFloat64: floatInCSV, tables.TypeInt64: wholeInCSV, tables.TypeDate: dateInCSV,
	} {
		for _, layout := range []pipeline.Layout{pipeline.PerForm, pipeline.Hive, pipeline.HivePerForm} {
			rows, reasons := writeExamplesAs(t, answerStudy(t), typ, layout)
			require.Len(t, rows["F"], len(examples.Answers()))
			for i, e := range examples.Answers() {
				held := check(t, e, rows["F"][i+1])
				given := e.Text != "" && !e.Missing || e.NotUnicode
				require.Equal(t, given && !held, len(reasons[i+1]) == 1, "%q as %s in %s: %v", e.JSON, typ, layout, reasons[i+1])
			}
		}
	}
}

func textInCSV(t *testing.T, e examples.Answer, cells map[string]string) bool {
	want := e.Text
	if e.NotUnicode {
		want = ""
	}
	require.Equal(t, want, cells["X"], "%q", e.JSON)
	return want != ""
}

func floatInCSV(t *testing.T, e examples.Answer, cells map[string]string) bool {
	if e.Float64 != "exact" {
		require.Empty(t, cells["X"], "%q", e.JSON)
		return false
	}
	number, ok := imednet.ParseNumber(cells["X"])
	require.True(t, ok, "%q", e.JSON)
	require.Equal(t, e.Number, number.Canonical(), "%q", e.JSON)
	return true
}

func wholeInCSV(t *testing.T, e examples.Answer, cells map[string]string) bool {
	want := ""
	if e.Whole {
		want = e.Number
	}
	require.Equal(t, want, cells["X"], "%q", e.JSON)
	return e.Whole
}

// dateInCSV: the text stands whatever it means, its day beside it if it names one, and how precise it is.
func dateInCSV(t *testing.T, e examples.Answer, cells map[string]string) bool {
	if !textInCSV(t, e, cells) {
		return false
	}
	day, precision := "", "unknown"
	if e.Date != "" {
		precision = e.Precision
	}
	date, err := imednet.ParsePartialDate(e.Date)
	require.NoError(t, err)
	if whole, ok := date.Date(); ok {
		day = whole.String()
	}
	require.Equal(t, day, cells["X_date"], "%q", e.JSON)
	require.Equal(t, precision, cells["X_precision"], "%q", e.JSON)
	return true
}

// TestCSVHoldsTheSharedKeys: the value that counts stands in the column; of an ambiguous name none does.
func TestCSVHoldsTheSharedKeys(t *testing.T) {
	study := exampleStudy{DesignClient: studytest.DesignClient{Design: studytest.Design{
		Forms:     []imednet.Form{studytest.Form(1, "F")},
		Variables: []imednet.Variable{studytest.Variable(1, "AETERM", "TEXT", "F", imednet.Some(int64(1)))},
	}}}
	for i, e := range examples.Keys() {
		study.records = append(study.records, exampleRecord(t, i+1, "F", e.Object))
	}
	rows, reasons := writeExamples(t, study, tables.TypeText)
	for i, e := range examples.Keys() {
		want := ""
		if value := imednet.NewValue([]byte(e.Raw)); e.Raw != "" && !value.Missing() {
			want = value.Text()
		}
		require.Equal(t, want, rows["F"][i+1]["AETERM"], e.Object)
		if e.Spellings > 1 {
			require.Contains(t, reasons[i+1], tables.ReasonAmbiguous, e.Object)
		}
	}
}

// TestCSVPlacesTheSharedForms: a record stands in the table of its form alone, and is a reject if it is of none.
func TestCSVPlacesTheSharedForms(t *testing.T) {
	study := exampleStudy{DesignClient: studytest.DesignClient{Design: studytest.Design{
		Forms: []imednet.Form{studytest.Form(1, "AE"), studytest.Form(2, "VS")},
		Variables: []imednet.Variable{
			studytest.Variable(1, "X", "TEXT", "AE", imednet.Some(int64(1))), studytest.Variable(2, "X", "TEXT", "VS", imednet.Some(int64(2))),
		},
	}}}
	for i, e := range examples.Forms() {
		r := exampleRecord(t, i+1, e.Key, `{"X":"given"}`)
		if e.ID != 0 {
			r.FormID = imednet.Some(e.ID)
		}
		study.records = append(study.records, r)
	}
	rows, reasons := writeExamples(t, study, tables.TypeText)
	for i, e := range examples.Forms() {
		for _, key := range []string{"AE", "VS"} {
			cells, stands := rows[key][i+1]
			require.Equal(t, key == e.Form, stands, "%+v in %s", e, key)
			if stands {
				require.Equal(t, "given", cells["X"], "%+v", e)
			}
		}
		require.Equal(t, e.Form == "", len(reasons[i+1]) == 1, "%+v: %v", e, reasons[i+1])
	}
}
