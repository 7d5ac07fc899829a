package tables_test

import (
	"encoding/json"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

var severities = []tables.Choice{{Value: "Severe", Text: "Severe", Code: "3"}, {Value: "Mild", Text: "Mild"}, {Value: "Mild", Text: "Mild", Code: "1"}, {Value: "Never", Text: "Never"}}

// words are the values of a batch's dictionary, in order, and its answers.
func words(t *testing.T, column arrow.Array) (dictionary, answers []string) {
	t.Helper()
	coded := column.(*array.Dictionary)
	values := coded.Dictionary().(*array.String)
	for i := range values.Len() {
		dictionary = append(dictionary, values.Value(i))
	}
	for i := range coded.Len() {
		if coded.IsNull(i) {
			answers = append(answers, "")
			continue
		}
		answers = append(answers, values.Value(coded.GetValueIndex(i)))
	}
	return dictionary, answers
}

// Every dictionary begins with the declared choices in their order, whatever is answered, and ends with
// the answers that are none of them. Nothing else about the column changes.
func TestCategoriesAreInTheirOrder(t *testing.T) {
	src := &tableSource{forms: []imednet.Form{formOf(1, "F"), formOf(2, "G")}, variables: []imednet.Variable{
		question(1, "F", "SEV", "RADIO", "Severity"), question(2, "F", "N", "NUMBER", "Number"), question(3, "F", "FREE", "TEXT", "Text"), question(4, "G", "SEV", "RADIO", "Severity")}}
	for i, data := range []string{`{"SEV":"Other","N":"1","FREE":"x"}`, `{"SEV":"Mild"}`, `{}`, `{"SEV":"Severe"}`, `{"SEV":"mild "}`} {
		src.records = append(src.records, answer(t, int64(i+1), "F", data))
	}
	src.records = append(src.records, answer(t, 9, "G", `{}`))
	mapper := checked(t, src)
	lists := map[string][]tables.Choice{"F.SEV": severities, "F.N": severities, "G.SEV": severities}
	plain, err := mapper.Plan(t.Context(), "DEMO", tables.PlanOptions{Choices: lists})
	require.NoError(t, err)
	require.Equal(t, tables.TypeText, plain.Forms[0].Columns[0].Type, "only on request")
	plan, err := mapper.Plan(t.Context(), "DEMO", tables.PlanOptions{Choices: lists, Categories: true})
	require.NoError(t, err)
	require.Equal(t, []tables.ColumnType{tables.TypeDictionary, tables.TypeFloat64, tables.TypeText}, []tables.ColumnType{plan.Forms[0].Columns[0].Type, plan.Forms[0].Columns[1].Type, plan.Forms[0].Columns[2].Type},
		"what the API calls a number stays one")
	document, err := json.Marshal(plan)
	require.NoError(t, err)
	stored, err := tables.ParsePlan(document)
	require.NoError(t, err)
	require.Equal(t, plan, stored)
	inferred, _, err := mapper.InferPlan(t.Context(), "DEMO", tables.InferOptions{Plan: plan})
	require.NoError(t, err)
	require.Equal(t, plan.Forms[0].Columns[0], inferred.Forms[0].Columns[0])

	got := map[string][]string{}
	run := mapper.MapForms(t.Context(), "DEMO", tables.MapOptions{Plan: stored})
	for batch, err := range run.Batches() {
		require.NoError(t, err)
		at := batch.Record.Schema().FieldIndices("SEV")[0]
		dictionary, answers := words(t, batch.Record.Column(at))
		got[batch.FormKey+" dictionary"], got[batch.FormKey] = append(got[batch.FormKey+" dictionary"], dictionary...), append(got[batch.FormKey], answers...)
		list, _ := batch.Record.Schema().Field(at).Metadata.GetValue("choices")
		require.JSONEq(t, `[{"value":"Severe","text":"Severe","code":"3"},{"value":"Mild","text":"Mild"},{"value":"Mild","text":"Mild","code":"1"},{"value":"Never","text":"Never"}]`, list)
	}
	require.Equal(t, map[string][]string{
		"F": {"Other", "Mild", "", "Severe", "mild "}, "F dictionary": {"Severe", "Mild", "Never", "Other", "mild "},
		"G": {""}, "G dictionary": {"Severe", "Mild", "Never"},
	}, got)
	require.Zero(t, run.Report().Rejected)
}

// TestATranslationIsOfWhatIsMapped: conditions, Select and Filter see records as they were received, and records that are not
// mapped are not shown otherwise.
func TestATranslationIsOfWhatIsMapped(t *testing.T) {
	src := &tableSource{forms: []imednet.Form{formOf(1, "F")}, variables: []imednet.Variable{question(1, "F", "SEV", "RADIO", ""), question(2, "F", "SEV_CODE", "TEXT", "")}}
	for i, data := range []string{`{"SEV":"1"}`, `{"SEV":"2"}`, `{"SEV":"1","SEV_CODE":"own"}`} {
		src.records = append(src.records, answer(t, int64(i+1), "F", data))
	}
	var seen []string
	show := func(r imednet.Record) imednet.Record {
		seen = append(seen, string(r.RecordData.Raw()))
		object := string(r.RecordData.Raw())
		data, err := imednet.NewRecordData([]byte(object[:len(object)-1] + `,"SEV":"Mild","SEV_CODE":"1"}`))
		require.NoError(t, err)
		r.RecordData = data
		return r
	}
	mapper := checked(t, src)
	plan, err := mapper.Plan(t.Context(), "DEMO", tables.PlanOptions{ChoicesAs: "both", CodesOf: map[string]string{"F.SEV_CODE": "SEV"}})
	require.NoError(t, err)
	require.Equal(t, "both", plan.ChoicesAs)
	require.Equal(t, "SEV", plan.Forms[0].Columns[1].CodesOf)
	var rejects []tables.Reject
	options := tables.MapOptions{Plan: plan, Translate: show, Answers: imednet.Where("SEV", imednet.Equal, "1"), Select: func(r *imednet.Record) bool { return r.RecordID != 1 },
		OnReject: func(r tables.Reject) error { rejects = append(rejects, r); return nil }}
	run := mapper.MapForms(t.Context(), "DEMO", options)
	var cells []string
	for batch, err := range run.Batches() {
		require.NoError(t, err)
		for _, name := range []string{"SEV", "SEV_CODE"} {
			cells = append(cells, batch.Record.Column(batch.Record.Schema().FieldIndices(name)[0]).ValueStr(0))
		}
	}
	require.Equal(t, []string{"Mild", "1"}, cells)
	require.Equal(t, []string{`{"SEV":"1","SEV_CODE":"own"}`}, seen)
	require.Len(t, rejects, 2)
	require.Equal(t, []tables.Reason{tables.ReasonRepeated, tables.ReasonUndeclared}, []tables.Reason{rejects[0].Reason, rejects[1].Reason})
	require.JSONEq(t, `"own"`, string(rejects[1].Raw))

	options.Answers = imednet.Where("SEV_CODE", imednet.Equal, "own")
	_, err = mapper.MapForms(t.Context(), "DEMO", options).Schemas()
	require.ErrorContains(t, err, "SEV_CODE", "nothing that is received is an answer to it")
	options.Answers, options.Translate = imednet.Filter{}, nil
	_, err = mapper.MapForms(t.Context(), "DEMO", options).Schemas()
	require.ErrorContains(t, err, "only Translate adds")
}
