package tables_test

import (
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
