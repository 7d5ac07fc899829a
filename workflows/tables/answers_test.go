package tables_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers/examples"
	"github.com/imednetgo/imednet/workflows/tables"
)

// oneAnswer maps one answer in a column of a type, and returns its fields and how it was counted.
func oneAnswer(t *testing.T, e examples.Answer, typ tables.ColumnType) (fields []string, report tables.FormReport) {
	t.Helper()
	src := &tableSource{forms: []imednet.Form{formOf(1, "F")}, variables: []imednet.Variable{question(1, "F", "X", e.Declared, "")}}
	data := `{"X":` + e.JSON + `}`
	if e.JSON == "" {
		data = `{}`
	}
	src.records = []imednet.Record{answer(t, 1, "F", data)}
	m := checked(t, src)
	plan, err := m.Plan(t.Context(), "DEMO", tables.PlanOptions{})
	require.NoError(t, err)
	plan.Forms[0].Columns[0].Type = typ
	run := m.MapForms(t.Context(), "DEMO", tables.MapOptions{Plan: plan})
	for batch, err := range run.Batches() {
		require.NoError(t, err)
		for i, f := range batch.Record.Schema().Fields() {
			if _, answer := f.Metadata.GetValue("form"); answer {
				fields = append(fields, batch.Record.Column(i).ValueStr(0))
			}
		}
	}
	whole := run.Report()
	requireReconciled(t, &whole)
	return fields, whole.Forms[0]
}

// Tables read answers as the shared table of examples has it.
func TestAnswersMeanWhatTheExamplesSay(t *testing.T) {
	for _, e := range examples.Answers() {
		text, counted := oneAnswer(t, e, tables.TypeText)
		switch {
		case e.NotUnicode:
			require.Equal(t, map[tables.Reason]int64{tables.ReasonNotUnicode: 1}, counted.Reasons, e.JSON)
		case e.Text == "":
			require.Equal(t, []string{array.NullValueStr}, text, e.JSON)
			require.Zero(t, counted.Values)
		default:
			require.Equal(t, []string{e.Text}, text, e.JSON)
		}
		if e.NotUnicode || e.Text == "" {
			continue
		}
		requireNumberColumns(t, e)
		date, counted := oneAnswer(t, e, tables.TypeDate)
		require.Equal(t, e.Text, date[0], e.JSON)
		require.EqualValues(t, 1, counted.Cells)
		if e.Date == "" {
			require.Equal(t, "unknown", date[2], e.JSON)
		} else {
			require.Equal(t, e.Precision, date[2], e.JSON)
		}
	}
}

func requireNumberColumns(t *testing.T, e examples.Answer) {
	t.Helper()
	if e.Missing {
		requireMissing(t, e)
		return
	}
	real, counted := oneAnswer(t, e, tables.TypeFloat64)
	switch e.Float64 {
	case "":
		require.Equal(t, map[tables.Reason]int64{tables.ReasonNotNumber: 1}, counted.Reasons, e.JSON)
	case "exact":
		n, ok := imednet.ParseNumber(real[0])
		require.True(t, ok, e.JSON)
		require.Equal(t, e.Number, n.Canonical(), e.JSON)
		require.Equal(t, e.Padded, counted.Padded == 1, e.JSON)
	default:
		require.Equal(t, map[tables.Reason]int64{tables.ReasonInexact: 1}, counted.Reasons, e.JSON)
	}
	whole, counted := oneAnswer(t, e, tables.TypeInt64)
	if e.Whole {
		require.Equal(t, e.Number, whole[0], e.JSON)
		require.Equal(t, e.Padded, counted.Padded == 1, e.JSON)
	} else {
		require.EqualValues(t, 1, counted.Rejected, e.JSON)
	}
}

// requireMissing of an answer of white space only, in every column that cannot show it.
func requireMissing(t *testing.T, e examples.Answer) {
	t.Helper()
	for _, typ := range []tables.ColumnType{tables.TypeFloat64, tables.TypeInt64, tables.TypeDate32, tables.TypeBool} {
		fields, counted := oneAnswer(t, e, typ)
		require.Equal(t, []string{array.NullValueStr}, fields, "%s in %v", e.JSON, typ)
		require.EqualValues(t, 1, counted.Missing, "%s in %v", e.JSON, typ)
		require.Zero(t, counted.Rejected, "%s in %v", e.JSON, typ)
	}
}

// TestKeysMeanWhatTheExamplesSay: the value that counts stands in the column, every other one is
// rejected or counted, and an ambiguous name leaves the column empty.
func TestKeysMeanWhatTheExamplesSay(t *testing.T) {
	for _, e := range examples.Keys() {
		src := &tableSource{forms: []imednet.Form{formOf(1, "F")}, variables: []imednet.Variable{question(1, "F", "AETERM", "TEXT", "")}}
		src.records = []imednet.Record{answer(t, 1, "F", e.Object)}
		run := checked(t, src).MapForms(t.Context(), "DEMO", tables.MapOptions{})
		var text string
		for batch, err := range run.Batches() {
			require.NoError(t, err)
			at := batch.Record.Schema().FieldIndices("AETERM")
			require.Len(t, at, 1)
			text = batch.Record.Column(at[0]).ValueStr(0)
		}
		value := imednet.NewValue([]byte(e.Raw))
		if e.Raw == "" || value.Missing() {
			require.Equal(t, array.NullValueStr, text, e.Object)
		} else {
			require.Equal(t, value.Text(), text, e.Object)
		}
		report := run.Report()
		requireReconciled(t, &report)
		if e.Spellings > 1 {
			require.NotZero(t, report.Forms[0].Reasons[tables.ReasonAmbiguous], e.Object)
		}
	}
}

// TestAVariableIsSelectedByItsSpelling where two of a form differ only in case; any other spelling selects both.
func TestAVariableIsSelectedByItsSpelling(t *testing.T) {
	src := &tableSource{forms: []imednet.Form{formOf(1, "F")}, variables: []imednet.Variable{question(1, "F", "AESER", "TEXT", ""), question(2, "F", "aeser", "TEXT", "")}}
	src.records = []imednet.Record{answer(t, 1, "F", `{"AESER":"Y","aeser":"N"}`)}
	for name, want := range map[string]string{"AESER": "Y", "aeser": "N", "f.aeser": "N", "F.AESER": "Y", "Aeser": "Y N"} {
		table, err := checked(t, src).Map(t.Context(), "DEMO", tables.MapOptions{Variables: []string{name}}).Table()
		require.NoError(t, err)
		var got []string
		for i, field := range table.Schema().Fields() {
			if _, isAnswer := field.Metadata.GetValue("name"); isAnswer {
				got = append(got, table.Column(i).Data().Chunk(0).ValueStr(0))
			}
		}
		table.Release()
		require.Equal(t, want, strings.Join(got, " "), name)
	}
}

// TestFormsMeanWhatTheExamplesSay: a record stands in the table of its form, and is rejected when it is
// of none.
func TestFormsMeanWhatTheExamplesSay(t *testing.T) {
	for _, e := range examples.Forms() {
		src := &tableSource{
			forms:     []imednet.Form{formOf(1, "AE"), formOf(2, "VS")},
			variables: []imednet.Variable{question(1, "AE", "X", "TEXT", ""), question(2, "VS", "Y", "TEXT", "")},
		}
		r := answer(t, 1, e.Key, `{}`)
		if e.ID != 0 {
			r.FormID = imednet.Some(e.ID)
		}
		src.records = []imednet.Record{r}
		run := checked(t, src).MapForms(t.Context(), "DEMO", tables.MapOptions{})
		for _, err := range run.Batches() {
			require.NoError(t, err)
		}
		report := run.Report()
		requireReconciled(t, &report)
		for _, f := range report.Forms {
			require.Equal(t, f.FormKey == e.Form, f.Rows == 1, "%+v in %s", e, f.FormKey)
		}
		require.Equal(t, e.Form == "", report.RecordsRejected == 1, "%+v", e)
	}
}
