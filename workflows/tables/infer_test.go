package tables_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// inferred returns the type that InferPlan gives a variable with these answers.
func inferred(t *testing.T, declared string, answers ...string) tables.Column {
	t.Helper()
	src := &tableSource{forms: []imednet.Form{formOf(1, "F")}, variables: []imednet.Variable{question(1, "F", "X", declared, "x")}}
	for i, a := range answers {
		src.records = append(src.records, answer(t, int64(i+1), "F", `{"X":`+a+`}`))
	}
	plan, _, err := checked(t, src).InferPlan(t.Context(), "DEMO", tables.InferOptions{})
	require.NoError(t, err)
	require.True(t, plan.Inferred)
	return plan.Forms[0].Columns[0]
}

func TestInferPlanNarrows(t *testing.T) {
	cases := []struct {
		declared string
		answers  []string
		want     tables.ColumnType
	}{
		{"NUMBER", []string{`"1"`, `9007199254740993`, `"<5"`, `""`}, tables.TypeInt64},
		{"NUMBER", []string{`"1"`, `"1.0"`}, tables.TypeFloat64},
		{"NUMBER", []string{`null`, `""`}, tables.TypeFloat64},
		{"DATE", []string{`"2013-01-01"`, `"2013-01-02"`}, tables.TypeDate32},
		{"DATE", []string{`"2013-01-01"`, `"2013-01"`}, tables.TypeDate},
		{"DATE", []string{`"2013-01-01"`, `"2013-01-01T10:00"`}, tables.TypeDate},
		{"DATE", []string{`"2013-01-01T11:00"`, `"2013-01-01T10:00"`}, tables.TypeTimestamp},
		{"DATE", []string{`"2013-01-01T11:00Z"`}, tables.TypeDate},
		{"CHECKBOX", []string{`true`, `"false"`}, tables.TypeBool},
		{"CHECKBOX", []string{`true`, `"1"`, `"1"`, `"1"`}, tables.TypeDictionary},
		{"RADIO", []string{`"Mild"`, `"Mild"`, `"Severe"`, `"Mild"`}, tables.TypeDictionary},
		{"TEXT", []string{`"a"`, `"b"`, `"c"`}, tables.TypeText},
	}
	for _, tc := range cases {
		column := inferred(t, tc.declared, tc.answers...)
		require.Equal(t, tc.want, column.Type, fmt.Sprint(tc.declared, tc.answers))
		require.Equal(t, tc.want == tables.TypeTimestamp, column.Layout == "2006-01-02T15:04")
	}
}

// Only a key that nothing declares becomes a column: not one that came twice, not one whose answer
// or whose own name is no text.
func TestOnlyUndeclaredKeysBecomeColumns(t *testing.T) {
	src := keysStudy(t, "{\"X\":\"1\",\"X\":\"2\",\"yy\":\"3\",\"Z\":\"4\",\"W\xff\":\"5\"}")
	src.records = append(src.records, answer(t, 2, "F", `{"X":"\ud800"}`))
	plan, report, err := checked(t, src).InferPlan(t.Context(), "DEMO", tables.InferOptions{ExtraColumns: true})
	require.NoError(t, err)
	var extra []string
	for _, c := range plan.Forms[0].Columns {
		if c.Extra {
			extra = append(extra, c.Name)
		}
	}
	require.Equal(t, []string{"Z", "yy"}, extra)
	require.NoError(t, plan.Validate())
	require.Equal(t, map[tables.Reason]int64{
		tables.ReasonRepeated: 1, tables.ReasonAmbiguous: 1, tables.ReasonUndeclared: 2, tables.ReasonNotUnicode: 1,
	}, report.Forms[0].Reasons)
}

// A plan of a part of the records would make rejects of the rest.
func TestNoPlanIsInferredFromAPart(t *testing.T) {
	src := keysStudy(t, `{"X":"1"}`)
	src.records = append(src.records, src.records[0])
	src.failure, src.failAfter = imednet.ErrServer, 1
	plan, _, err := checked(t, src).InferPlan(t.Context(), "DEMO", tables.InferOptions{})
	require.ErrorIs(t, err, imednet.ErrServer)
	require.Nil(t, plan)
	plan, _, err = checked(t, src).InferPlan(t.Context(), "DEMO", tables.InferOptions{Plan: &tables.Plan{StudyKey: "OTHER"}})
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	require.Nil(t, plan)
}

func TestPlansAreKeptAndReused(t *testing.T) {
	src := keysStudy(t, `{"X":"1"}`)
	src.variables[0].VariableType = imednet.Some("NUMBER")
	plan, _, err := checked(t, src).InferPlan(t.Context(), "DEMO", tables.InferOptions{})
	require.NoError(t, err)
	require.Equal(t, tables.TypeInt64, plan.Forms[0].Columns[0].Type)
	document, err := json.Marshal(plan)
	require.NoError(t, err)
	again, err := tables.ParsePlan(document)
	require.NoError(t, err)
	require.Equal(t, tables.TypeInt64, again.Forms[0].Columns[0].Type)

	later := keysStudy(t, `{"X":"1.5"}`)
	cells, rejects := mapOne(t, later, again)
	require.Empty(t, cells)
	require.Equal(t, "X=1.5 "+string(tables.ReasonNotInt64), rejects, "a later misfit is a reject")

	_, err = tables.ParsePlan([]byte(`{"forms":[{"formKey":"F","columns":[{"form":"F","type":"blob"}]},{"formKey":"F"}]}`))
	require.ErrorContains(t, err, `unknown column type "blob"`)
	require.ErrorContains(t, err, `form key "F" is empty, not valid Unicode, or occurs twice`)
	_, err = tables.ParsePlan([]byte(`no`))
	require.Error(t, err)
}

func TestPlanPlacesVariables(t *testing.T) {
	nameless := question(4, "F", "", "TEXT", "nameless")
	formless := imednet.Variable{VariableID: 5, VariableName: imednet.Some("LOST")}
	byID := imednet.Variable{VariableID: 6, VariableName: imednet.Some("BYID"), FormID: imednet.Some[int64](1)}
	unlisted := question(7, "G", "NEW", "TEXT", "form that is not listed")
	retired := question(1, "F", "X", "TEXT", "old")
	retired.Deleted = imednet.Some(true)
	src := &tableSource{
		forms:     []imednet.Form{formOf(1, "F")},
		variables: []imednet.Variable{unlisted, byID, formless, nameless, retired, question(2, "F", "X", "TEXT", "new")},
		records:   []imednet.Record{answer(t, 1, "F", `{"X":"1"}`)},
	}
	m := checked(t, src)
	plan, err := m.Plan(t.Context(), "DEMO", tables.PlanOptions{})
	require.NoError(t, err)
	require.Equal(t, []int64{4, 5}, plan.Unplaced)
	require.Len(t, plan.Forms, 2)
	require.Equal(t, "BYID", plan.Forms[0].Columns[2].Name, "variables without a sequence stand at the end")
	table, err := m.MapForms(t.Context(), "DEMO", tables.MapOptions{Plan: plan}).Tables()
	require.NoError(t, err)
	defer func() {
		for _, form := range table {
			form.Table.Release()
		}
	}()
	schema := table[0].Table.Schema()
	require.Equal(t, "F.X#1", schema.Field(15).Name)
	require.Equal(t, 1, table[0].Table.Column(15).Data().NullN(), "the retired twin holds nothing")
	require.Equal(t, 0, table[0].Table.Column(16).Data().NullN(), "the one in use holds the answer")
}
