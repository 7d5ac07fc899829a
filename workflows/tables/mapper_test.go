package tables_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/answers/examples"
	"github.com/imednetgo/imednet/workflows/tables"
)

// smallStudy has two forms whose names and labels collide in every way.
func smallStudy() *tableSource {
	return &tableSource{
		forms: []imednet.Form{formOf(1, "AE"), formOf(2, "VS")},
		variables: []imednet.Variable{
			question(11, "AE", "TERM", "TEXT", "Term"),
			question(12, "AE", "SEV", "RADIO", "Severity"),
			question(13, "AE", "STDTC", "DATE", "Start"),
			question(14, "AE", "recordID", "TEXT", "Paper id"),
			question(21, "VS", "SYSBP", "NUMBER", "Severity"),
			question(22, "VS", "sev", "TEXT", " "),
			question(23, "VS", "SEV", "TEXT", "Severity"),
		},
	}
}

// checked returns a mapper on a checked allocator, which is examined when the test ends.
func checked(t testing.TB, src tables.Source, opts ...tables.Option) *tables.RecordMapper {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	m, err := tables.NewRecordMapper(src, append(opts, tables.WithAllocator(mem))...)
	require.NoError(t, err)
	return m
}

func titlesOf(schema *arrow.Schema) []string {
	var names []string
	for _, f := range schema.Fields() {
		names = append(names, f.Name)
	}
	return names
}

func TestTitles(t *testing.T) {
	m := checked(t, smallStudy())
	reference := []string{"recordId", "subjectKey", "visitId", "formId", "recordStatus", "dateCreated"}
	cases := []struct {
		name string
		opts tables.MapOptions
		want []string
	}{
		{"names", tables.MapOptions{}, []string{
			"TERM", "AE.SEV", "STDTC", "STDTC_date", "STDTC_precision", "AE.recordID", "SYSBP", "VS.sev#22", "VS.SEV#23"}},
		{"labels", tables.MapOptions{Titles: tables.ByLabel}, []string{
			"Term", "Severity (AE.SEV)", "Start", "Start (date)", "Start (precision)", "Paper id",
			"Severity (VS.SYSBP)", "sev", "Severity (VS.SEV)"}},
		{"form list", tables.MapOptions{Forms: []string{"VS"}}, []string{"SYSBP", "VS.sev#22", "VS.SEV#23"}},
		{"variable list", tables.MapOptions{Variables: []string{"vs.sysbp", "term"}}, []string{"TERM", "SYSBP"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			schema, err := m.Map(t.Context(), "DEMO", tc.opts).Schema()
			require.NoError(t, err)
			require.Equal(t, append(reference[:6:6], tc.want...), titlesOf(schema))
		})
	}
	schemas, err := m.MapForms(t.Context(), "DEMO", tables.MapOptions{}).Schemas()
	require.NoError(t, err)
	require.Equal(t, []string{"TERM", "SEV", "STDTC", "STDTC_date", "STDTC_precision", "AE.recordID"}, titlesOf(schemas[0].Schema)[15:])
	require.Equal(t, []string{"SYSBP", "VS.sev#22", "VS.SEV#23"}, titlesOf(schemas[1].Schema)[15:])
}

// Undeclared keys that differ in case alone, in a form or between forms, keep a column each.
func TestExtraColumnsNeverShareATitle(t *testing.T) {
	src := &tableSource{
		forms:   []imednet.Form{formOf(1, "F"), formOf(2, "G")},
		records: []imednet.Record{answer(t, 1, "F", `{"z":"1","Z":"2","own":"3"}`), answer(t, 2, "G", `{"Z":"4"}`)},
	}
	m := checked(t, src)
	plan, _, err := m.InferPlan(t.Context(), "DEMO", tables.InferOptions{ExtraColumns: true})
	require.NoError(t, err)
	table, err := m.Map(t.Context(), "DEMO", tables.MapOptions{Plan: plan}).Table()
	require.NoError(t, err)
	defer table.Release()
	require.Equal(t, []string{"F.Z#0#0", "own", "F.z#0#2", "G.Z"}, titlesOf(table.Schema())[6:])
	var cells []string
	for i := 6; i < 10; i++ {
		column := table.Column(i).Data().Chunk(0)
		cells = append(cells, column.ValueStr(0)+" "+column.ValueStr(1))
	}
	require.Equal(t, []string{"2 (null)", "3 (null)", "1 (null)", "(null) 4"}, cells)
}

func TestFieldMetadata(t *testing.T) {
	src := smallStudy()
	src.variables[1].VariableOID = imednet.Some("AE.SEV.OID")
	m := checked(t, src)
	plan, err := m.Plan(t.Context(), "DEMO", tables.PlanOptions{
		Codelists: map[string]map[string]string{"AE.SEV": {"1": "Mild", "2": "Severe"}},
	})
	require.NoError(t, err)
	schema, err := m.Map(t.Context(), "DEMO", tables.MapOptions{Plan: plan}).Schema()
	require.NoError(t, err)
	field := schema.Field(7)
	require.Equal(t, map[string]string{
		"name": "SEV", "form": "AE", "label": "Severity", "variableOid": "AE.SEV.OID", "declaredType": "RADIO",
		"variableId": "12", "revision": "1", "codelist": `{"1":"Mild","2":"Severe"}`,
	}, field.Metadata.ToMap())
	date := schema.Field(9)
	require.Equal(t, map[string]string{
		"name": "STDTC", "form": "AE", "label": "Start", "declaredType": "DATE", "variableId": "13", "revision": "1", "part": "day",
	}, date.Metadata.ToMap(), "nothing is said that is not known")
}

// typed maps one answer under a plan with one column and returns the cell's text, "(null)" or
// the reason of the reject.
func typed(t *testing.T, column tables.Column, raw string) string {
	t.Helper()
	src := &tableSource{records: []imednet.Record{answer(t, 1, "F", `{"X":`+raw+`}`)}}
	column.Name, column.Form = "X", "F"
	plan := &tables.Plan{StudyKey: "DEMO", Forms: []tables.FormPlan{{FormKey: "F", Columns: []tables.Column{column}}}}
	var rejects tables.RejectList
	result := "no row"
	for batch, err := range checked(t, src).MapForms(t.Context(), "DEMO", tables.MapOptions{Plan: plan, OnReject: rejects.Add}).Batches() {
		require.NoError(t, err)
		var parts []string
		for _, c := range batch.Record.Columns()[15:] {
			parts = append(parts, c.ValueStr(0))
		}
		result = strings.Join(parts, "|")
	}
	for r := range rejects.All() {
		require.Equal(t, raw, string(r.Raw), "a reject keeps the JSON as it arrived")
		return string(r.Reason)
	}
	return result
}

func TestValueTyping(t *testing.T) {
	const null = array.NullValueStr
	cases := []struct {
		typ       tables.ColumnType
		raw, want string
	}{
		{tables.TypeFloat64, `"098.6"`, "98.6"},
		{tables.TypeFloat64, `0.1`, "0.1"},
		{tables.TypeFloat64, `-0.0`, "-0"},
		{tables.TypeFloat64, `"+5"`, "5"},
		{tables.TypeFloat64, `1e+20`, "1e+20"},
		{tables.TypeFloat64, `9007199254740992`, "9.007199254740992e+15"},
		{tables.TypeFloat64, `9007199254740993`, string(tables.ReasonInexact)},
		{tables.TypeFloat64, `12345678901234567890`, string(tables.ReasonInexact)},
		{tables.TypeFloat64, `1e400`, string(tables.ReasonInexact)},
		{tables.TypeFloat64, `1e-400`, string(tables.ReasonInexact)},
		{tables.TypeFloat64, `"0.1000000000000000055511151231257827"`, string(tables.ReasonInexact)},
		{tables.TypeFloat64, `"<5"`, string(tables.ReasonNotNumber)},
		{tables.TypeFloat64, `"1 234,5"`, string(tables.ReasonNotNumber)},
		{tables.TypeFloat64, `"0x10"`, string(tables.ReasonNotNumber)},
		{tables.TypeFloat64, `"1_0"`, string(tables.ReasonNotNumber)},
		{tables.TypeFloat64, `"NaN"`, string(tables.ReasonNotNumber)},
		{tables.TypeFloat64, `" "`, "(null)"},
		{tables.TypeFloat64, `"\u200b"`, string(tables.ReasonNotNumber)},
		{tables.TypeFloat64, `true`, string(tables.ReasonNotNumber)},
		{tables.TypeFloat64, `null`, null},
		{tables.TypeFloat64, `""`, null},
		{tables.TypeText, `"a\u2028b"`, "a\u2028b"},
		{tables.TypeText, `" "`, " "},
		{tables.TypeText, `7.50`, "7.50"},
		{tables.TypeText, `false`, "false"},
		{tables.TypeText, `["1", "2"]`, `["1", "2"]`},
		{tables.TypeText, `""`, null},
		{tables.TypeText, `"\ud800"`, string(tables.ReasonNotUnicode)},
		{tables.TypeText, "\"\x80\"", string(tables.ReasonNotUnicode)},
		{tables.TypeText, "\"a\xff\"", string(tables.ReasonNotUnicode)},
		{tables.TypeDate, `"2013-12-26T14:45"`, "2013-12-26T14:45|2013-12-26|minute"},
		{tables.TypeDate, `"2013-12"`, "2013-12|" + null + "|month"},
		{tables.TypeDate, `2013`, "2013|" + null + "|year"},
		{tables.TypeDate, `"UN-DEC-2013"`, "UN-DEC-2013|" + null + "|unknown"},
		{tables.TypeDate, `"2014-02-30"`, "2014-02-30|" + null + "|unknown"},
		{tables.TypeDate, `"0001-01-01"`, "0001-01-01|0001-01-01|day"},
		{tables.TypeDate, `"2014-03-09 02:30:00.25+01:00"`, "2014-03-09 02:30:00.25+01:00|2014-03-09|fraction"},
		{tables.TypeInt64, `"007"`, "7"},
		{tables.TypeInt64, `9223372036854775807`, "9223372036854775807"},
		{tables.TypeInt64, `-9223372036854775808`, "-9223372036854775808"},
		{tables.TypeInt64, `9223372036854775808`, string(tables.ReasonNotInt64)},
		{tables.TypeInt64, `5e0`, "5"},
		{tables.TypeInt64, `5.9`, string(tables.ReasonNotInt64)},
		{tables.TypeDate32, `"2012-02-29"`, "2012-02-29"},
		{tables.TypeDate32, `"2012-02"`, string(tables.ReasonNotDate)},
		{tables.TypeTimestamp, `"2012-02-29T10:00"`, "2012-02-29 10:00:00Z"},
		{tables.TypeTimestamp, `"2012-02-29 10:00"`, string(tables.ReasonNotDate)},
		{tables.TypeBool, `true`, "true"},
		{tables.TypeBool, `"false"`, "false"},
		{tables.TypeBool, `"1"`, string(tables.ReasonNotBool)},
		{tables.TypeDictionary, `"Mild"`, "Mild"},
	}
	for _, tc := range cases {
		t.Run(string(tc.typ)+" "+tc.raw, func(t *testing.T) {
			column := tables.Column{Type: tc.typ}
			if tc.typ == tables.TypeTimestamp {
				column.Layout = "2006-01-02T15:04"
			}
			require.Equal(t, tc.want, typed(t, column, tc.raw))
		})
	}
}

// TestVariableTypesMeanWhatTheExamplesSay: numbers and dates have their column, everything else is text.
func TestVariableTypesMeanWhatTheExamplesSay(t *testing.T) {
	columns := map[string]tables.ColumnType{"number": tables.TypeFloat64, "whole": tables.TypeFloat64, "date": tables.TypeDate}
	for declared, kind := range examples.VariableTypes() {
		require.Equal(t, cmp.Or(columns[kind], tables.TypeText), tables.TypeOf(declared), declared)
	}
}

// keysStudy has one form with X, and Y in two spellings.
func keysStudy(t *testing.T, data string) *tableSource {
	return &tableSource{
		forms: []imednet.Form{formOf(1, "F")},
		variables: []imednet.Variable{
			question(1, "F", "X", "TEXT", "x"), question(2, "F", "Yy", "TEXT", "y"), question(3, "F", "YY", "TEXT", "y"),
		},
		records: []imednet.Record{answer(t, 1, "F", data)},
	}
}

func TestKeysFindTheirColumn(t *testing.T) {
	cases := []struct{ name, data, want, rejects string }{
		{"exact", `{"X":"1"}`, "X=1", ""},
		{"other case", `{"x":"1"}`, "X=1", ""},
		{"exact wins, before", `{"X":"1","x":"2"}`, "X=1", "x=2 " + string(tables.ReasonUndeclared)},
		{"exact wins, after", `{"x":"2","X":"1"}`, "X=1", "x=2 " + string(tables.ReasonUndeclared)},
		{"blank exact wins", `{"X":"","x":"2"}`, "", "x=2 " + string(tables.ReasonUndeclared)},
		{"last of equal keys", `{"X":"1","X":"2"}`, "X=2", "X=1 " + string(tables.ReasonRepeated)},
		{"exact among two spellings", `{"YY":"1","Yy":"2"}`, "Yy=2 YY=1", ""},
		{"neither of two spellings", `{"yy":"1"}`, "", "yy=1 " + string(tables.ReasonAmbiguous)},
		{"undeclared", `{"Z":"1","":"2"}`, "", "Z=1 " + string(tables.ReasonUndeclared) + ", =2 " + string(tables.ReasonUndeclared)},
		{"undeclared and blank", `{"Z":"","Q":null}`, "", ""},
		{"escaped key", `{"\u0058":"1"}`, "X=1", ""},
		{"null", `null`, "", ""},
		{"absent", ``, "", ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			src := keysStudy(t, tc.data)
			got, rejects := mapOne(t, src, nil)
			require.Equal(t, tc.want, got)
			require.Equal(t, tc.rejects, rejects)
		})
	}
}

func TestUndeclaredKeysBecomeExtraColumns(t *testing.T) {
	cases := []struct{ data, want, rejects string }{
		{`{"X":"1","x":"2","Z":true,"":"e"}`, "X=1 =e Z=true x=2", ""},
		{`{"yy":"1","recordId":"9"}`, "recordId=9 yy=1", ""},
		{`{"Z":"1","Z":"2"}`, "Z=2", "Z=1 " + string(tables.ReasonRepeated)},
	}
	for _, tc := range cases {
		src := keysStudy(t, tc.data)
		plan, _, err := checked(t, src).InferPlan(t.Context(), "DEMO", tables.InferOptions{ExtraColumns: true, KeepTypes: true})
		require.NoError(t, err)
		got, rejects := mapOne(t, src, plan)
		require.Equal(t, tc.want, got)
		require.Equal(t, tc.rejects, rejects)
		later := keysStudy(t, `{"new":"1"}`)
		_, rejects = mapOne(t, later, plan)
		require.Equal(t, "new=1 "+string(tables.ReasonUndeclared), rejects, "the schema of a plan never grows")
	}
}

// mapOne maps the only record of a study and lists its cells by declared name, and the rejects.
func mapOne(t *testing.T, src *tableSource, plan *tables.Plan) (cells, rejects string) {
	t.Helper()
	var list tables.RejectList
	var found []string
	run := checked(t, src).MapForms(t.Context(), "DEMO", tables.MapOptions{Plan: plan, OnReject: list.Add})
	for batch, err := range run.Batches() {
		require.NoError(t, err)
		for i, c := range batch.Record.Columns() {
			field := batch.Record.Schema().Field(i)
			_, answer := field.Metadata.GetValue("form")
			name, _ := field.Metadata.GetValue("name")
			if answer && !c.IsNull(0) {
				found = append(found, name+"="+c.ValueStr(0))
			}
		}
	}
	var refused []string
	for r := range list.All() {
		refused = append(refused, fmt.Sprintf("%s=%s %s", r.Variable, r.Value(), r.Reason))
	}
	report := run.Report()
	requireReconciled(t, &report)
	return strings.Join(found, " "), strings.Join(refused, ", ")
}

func TestRecordsThatCannotBeRows(t *testing.T) {
	src := smallStudy()
	src.records = []imednet.Record{
		answer(t, 1, "AE", `["no","object"]`),
		answer(t, 2, "GONE", `{"TERM":"x"}`),
		answer(t, 3, "AE", `{"TERM":"x"}`),
	}
	misfit, err := imednet.Decode[imednet.Record]([]byte(`{"recordId":4,"formKey":"AE","visitId":"four","recordData":{}}`))
	require.NoError(t, err)
	src.records = append(src.records, misfit)
	var rejects tables.RejectList
	run := checked(t, src).Map(t.Context(), "DEMO", tables.MapOptions{OnReject: rejects.Add})
	table, err := run.Table()
	require.NoError(t, err)
	defer table.Release()
	require.EqualValues(t, 2, table.NumRows())
	var got []string
	for r := range rejects.All() {
		got = append(got, fmt.Sprint(r.RecordID, " ", r.FormKey, " ", r.Variable, " ", string(r.Raw), " ", r.WholeRecord(), " ", r.Reason))
	}
	require.Equal(t, []string{
		`1 AE  ["no","object"] true ` + string(tables.ReasonNoObject),
		`2 GONE  {"TERM":"x"} true ` + string(tables.ReasonUnknownForm),
		`4 AE visitId "four" false ` + string(tables.ReasonRecordField),
	}, got)
	report := run.Report()
	requireReconciled(t, &report)
	require.EqualValues(t, 2, report.RecordsRejected)
	require.EqualValues(t, 1, report.FieldsRejected)

	reader := rejects.Reader(memory.DefaultAllocator)
	defer reader.Release()
	require.True(t, reader.Next())
	require.EqualValues(t, 3, reader.Record().NumRows())
	require.Equal(t, `["no","object"]`, string(reader.Record().Column(5).(*array.Binary).Value(0)))
	require.False(t, reader.Next())
}

func TestRejectsThatAreReadHalfwayHoldNothing(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	var rejects tables.RejectList
	for id := range int64(2*tables.DefaultBatchRows + 1) {
		require.NoError(t, rejects.Add(tables.Reject{RecordID: id, FormKey: "AE", Variable: "TERM", Reason: tables.ReasonNotNumber, Raw: []byte(`"x"`)}))
	}
	reader := rejects.Reader(mem)
	require.True(t, reader.Next())
	require.EqualValues(t, tables.DefaultBatchRows, reader.Record().NumRows())
	reader.Release()
}

// A form's table alone is the one that it has among all.
func TestOneFormsTableIsThatOfAllForms(t *testing.T) {
	m := checked(t, smallStudy())
	schemas, err := m.MapForms(t.Context(), "DEMO", tables.MapOptions{}).Schemas()
	require.NoError(t, err)
	for _, all := range schemas {
		one, err := m.MapForm(t.Context(), "DEMO", all.FormKey, tables.MapOptions{}).Schema()
		require.NoError(t, err)
		require.True(t, all.Schema.Equal(one), all.FormKey)
	}
}

func TestARunSaysItsPlan(t *testing.T) {
	m := checked(t, smallStudy())
	want, err := m.Plan(t.Context(), "DEMO", tables.PlanOptions{})
	require.NoError(t, err)
	run, forms := m.Map(t.Context(), "DEMO", tables.MapOptions{}), m.MapForms(t.Context(), "DEMO", tables.MapOptions{})
	for _, plan := range []func() (*tables.Plan, error){run.Plan, forms.Plan} {
		got, err := plan()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	run, forms = m.Map(t.Context(), "DEMO", tables.MapOptions{VisitKey: "no"}), m.MapForms(t.Context(), "DEMO", tables.MapOptions{VisitKey: "no"})
	for _, plan := range []func() (*tables.Plan, error){run.Plan, forms.Plan} {
		got, err := plan()
		require.ErrorAs(t, err, new(*imednet.ValidationError))
		require.Nil(t, got)
	}
}

func TestAReportIsOneLine(t *testing.T) {
	r := tables.MapReport{
		Records: 25, Rows: 10, RecordsRejected: 5, Deleted: 3, OtherForms: 2, OtherVisits: 1, NotSelected: 4,
		Values: 150, Cells: 100, Extra: 20, Rejected: 15, Withheld: 8, NotRequested: 7,
	}
	want := "25 records = 10 rows + 5 rejected + 3 deleted + 7 not selected; " +
		"150 answers = 100 cells + 20 in extra columns + 15 rejected + 8 withheld + 7 not asked for"
	require.Equal(t, want, r.String())
	r.FieldsRejected, r.Values, r.Missing = 4, 156, 6
	want = strings.Replace(want, "150 answers", "156 answers", 1) + " + 6 missing"
	require.Equal(t, want+"; 4 fields of records were not of their type", r.String())
}

func TestSelection(t *testing.T) {
	src := smallStudy()
	first, second, third := answer(t, 1, "AE", `{"TERM":"a"}`), answer(t, 2, "VS", `{"SYSBP":"120"}`), answer(t, 3, "AE", `{"TERM":"b"}`)
	first.VisitID, second.VisitID = imednet.Some[int64](5), imednet.Some[int64](5)
	third.Deleted = imednet.Some(true)
	src.records = []imednet.Record{first, second, third}
	cases := []struct {
		name   string
		opts   tables.MapOptions
		rows   int64
		report tables.MapReport
	}{
		{"active", tables.MapOptions{}, 2, tables.MapReport{Deleted: 1}},
		{"with deleted", tables.MapOptions{IncludeDeleted: true}, 3, tables.MapReport{}},
		{"visit", tables.MapOptions{VisitKey: "5"}, 2, tables.MapReport{Deleted: 1}},
		{"other visit", tables.MapOptions{VisitKey: "6"}, 0, tables.MapReport{Deleted: 1, OtherVisits: 2}},
		{"form", tables.MapOptions{Forms: []string{"VS"}, IncludeDeleted: true}, 1, tables.MapReport{}},
		{"answers", tables.MapOptions{Answers: imednet.Where("TERM", imednet.Equal, "a")}, 1, tables.MapReport{Deleted: 1, NotSelected: 1}},
		{"answers by a name in another case", tables.MapOptions{Answers: imednet.Where("sysbp", imednet.Greater, 119)}, 1, tables.MapReport{Deleted: 1, NotSelected: 1}},
		{"a function", tables.MapOptions{Select: func(r *imednet.Record) bool { return r.RecordID == 2 }}, 1, tables.MapReport{Deleted: 1, NotSelected: 1}},
		{"variables keep rows", tables.MapOptions{Variables: []string{"TERM"}}, 2, tables.MapReport{Deleted: 1, NotRequested: 1}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			run := checked(t, src).Map(t.Context(), "DEMO", tc.opts)
			table, err := run.Table()
			require.NoError(t, err)
			defer table.Release()
			require.Equal(t, tc.rows, table.NumRows())
			report := run.Report()
			require.Equal(t, tc.report.Unclear, report.Unclear)
			require.Equal(t, tc.report.Deleted, report.Deleted)
			require.Equal(t, tc.report.OtherForms, report.OtherForms)
			require.Equal(t, tc.report.OtherVisits, report.OtherVisits)
			require.Equal(t, tc.report.NotSelected, report.NotSelected)
			require.Equal(t, tc.report.NotRequested, report.NotRequested)
			requireReconciled(t, &report)
		})
	}
	last := src.asked[len(src.asked)-1]
	require.True(t, last.Filter.IsZero())
	term, err := src.asked[4].Filter.Encode(imednet.Records)
	require.NoError(t, err)
	require.Equal(t, "formId==2", term, "the source is asked for no more than one form,")
	term, err = src.asked[5].Filter.Encode(imednet.Records)
	require.NoError(t, err)
	require.Equal(t, "formKey==VS", term, "by id and, for records without one, by key")
}

func TestBadArguments(t *testing.T) {
	m := checked(t, smallStudy())
	for name, opts := range map[string]tables.MapOptions{
		"visit":                   {VisitKey: "five"},
		"form":                    {Forms: []string{"ae"}},
		"variable":                {Variables: []string{"TREM"}},
		"answers":                 {Answers: imednet.Where("TREM", imednet.NotEqual, "a")},
		"answers of another form": {Forms: []string{"VS"}, Answers: imednet.Where("TERM", imednet.Equal, "a")},
		"plan":                    {Plan: &tables.Plan{StudyKey: "OTHER"}},
		"type":                    {Plan: &tables.Plan{StudyKey: "DEMO", Forms: []tables.FormPlan{{FormKey: "F", Columns: []tables.Column{{Form: "F", Type: "blob"}}}}}},
	} {
		_, err := m.Map(t.Context(), "DEMO", opts).Table()
		var problems *imednet.ValidationError
		require.ErrorAs(t, err, &problems, name)
	}
	for hint, opts := range map[string]tables.MapOptions{
		`Forms: the study has no form "ae"; did you mean AE?`:                  {Forms: []string{"ae"}},
		`Forms: the study has no form "ZZZ"`:                                   {Forms: []string{"VS", "ZZZ"}},
		`Variables: the study has no variable "TREM"; did you mean TERM?`:      {Variables: []string{"TREM"}},
		`Variables: the study has no variable "AE.TREM"; did you mean AE.TERM`: {Variables: []string{"AE.TREM"}},
		"Answers.SYSPB: there is no such variable; did you mean SYSBP?":        {Answers: imednet.Where("SYSPB", imednet.Equal, imednet.NoValue{})},
		"Answers.TERM: there is no such variable":                              {Forms: []string{"VS"}, Answers: imednet.Where("TERM", imednet.Equal, "a")},
	} {
		_, err := m.Map(t.Context(), "DEMO", opts).Table()
		require.ErrorContains(t, err, hint)
		require.ErrorIs(t, err, imednet.ErrNotFound)
	}
	for _, opt := range []tables.Option{
		tables.WithBatchRows(0), tables.WithBatchRows(-1), tables.WithBatchBytes(0), tables.WithBatchBytes(-1), tables.WithAllocator(nil),
		tables.WithDeidentification(tables.Deidentification{Key: []byte("short")}),
	} {
		_, err := tables.NewRecordMapper(smallStudy(), opt)
		var problems *imednet.ValidationError
		require.ErrorAs(t, err, &problems)
	}
	_, err := tables.NewRecordMapper(nil)
	require.Error(t, err)
}

func TestFailedFetchIsAnError(t *testing.T) {
	src := smallStudy()
	src.records = []imednet.Record{answer(t, 1, "AE", `{}`), answer(t, 2, "AE", `{}`)}
	src.failure, src.failAfter = imednet.ErrServer, 1
	_, err := checked(t, src).Map(t.Context(), "DEMO", tables.MapOptions{}).Table()
	require.ErrorIs(t, err, imednet.ErrServer)
	_, err = checked(t, src).MapForms(t.Context(), "DEMO", tables.MapOptions{}).Tables()
	require.ErrorIs(t, err, imednet.ErrServer)
	var last error
	for _, err := range checked(t, src).Map(t.Context(), "DEMO", tables.MapOptions{}).Batches() {
		require.NoError(t, last, "the error comes once and last")
		last = err
	}
	require.ErrorIs(t, last, imednet.ErrServer)
}

func TestStrictStopsAtTheFirstReject(t *testing.T) {
	src := smallStudy()
	src.records = []imednet.Record{answer(t, 1, "VS", `{"SYSBP":"120"}`), answer(t, 2, "VS", `{"SYSBP":"secret"}`)}
	_, err := checked(t, src).Map(t.Context(), "DEMO", tables.MapOptions{Strict: true}).Table()
	var reject *tables.RejectError
	require.ErrorAs(t, err, &reject)
	require.Equal(t, "secret", reject.Reject.Value())
	require.NotContains(t, err.Error(), "secret")
	require.ErrorContains(t, err, `record 2: form "VS", variable "SYSBP": not a decimal number`)

	stop := errors.New("enough")
	_, err = checked(t, src).Map(t.Context(), "DEMO", tables.MapOptions{OnReject: func(tables.Reject) error { return stop }}).Table()
	require.ErrorIs(t, err, stop)
}

func TestBatchesEndAtRowsOrBytes(t *testing.T) {
	src := smallStudy()
	for id := range int64(10) {
		src.records = append(src.records, answer(t, id+1, "AE", `{"TERM":"`+strings.Repeat("x", 1000)+`"}`))
	}
	sizes := func(opts ...tables.Option) (sizes []int64) {
		for batch, err := range checked(t, src, opts...).Map(t.Context(), "DEMO", tables.MapOptions{}).Batches() {
			require.NoError(t, err)
			sizes = append(sizes, batch.NumRows())
		}
		return sizes
	}
	require.Equal(t, []int64{4, 4, 2}, sizes(tables.WithBatchRows(4)))
	require.Equal(t, []int64{3, 3, 3, 1}, sizes(tables.WithBatchBytes(3000)))
	require.Equal(t, []int64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, sizes(tables.WithBatchBytes(1)))
}

func TestManyFormsStayBelowTheLimitTogether(t *testing.T) {
	src := &tableSource{}
	for f := range int64(8) {
		key := fmt.Sprint("F", f)
		src.forms = append(src.forms, formOf(f+1, key))
		src.variables = append(src.variables, question(f+1, key, "X", "TEXT", "x"))
	}
	for id := range int64(800) {
		src.records = append(src.records, answer(t, id+1, fmt.Sprint("F", id%8), `{"X":"`+strings.Repeat("x", 100)+`"}`))
	}
	batches, rows := 0, int64(0)
	for batch, err := range checked(t, src, tables.WithBatchBytes(4000)).MapForms(t.Context(), "DEMO", tables.MapOptions{}).Batches() {
		require.NoError(t, err)
		batches++
		rows += batch.Record.NumRows()
	}
	require.EqualValues(t, 800, rows)
	require.Greater(t, batches, 8*800/8*200/16000, "all forms together end batches early")
}

func TestEverythingIsReleased(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500}))
	t.Run("breaking out", func(t *testing.T) {
		for range checked(t, server.Client(), tables.WithBatchRows(50)).Map(t.Context(), "DEMO", tables.MapOptions{}).Batches() {
			break
		}
	})
	t.Run("cancelling", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var last error
		seen := 0
		for _, err := range checked(t, server.Client(), tables.WithBatchRows(50)).MapForms(ctx, "DEMO", tables.MapOptions{}).Batches() {
			cancel()
			last = err
			seen++
		}
		require.ErrorIs(t, last, context.Canceled)
		require.Less(t, seen, 5)
	})
	t.Run("cancelling with a source that does not look", func(t *testing.T) {
		src := smallStudy()
		for id := range int64(300) {
			src.records = append(src.records, answer(t, id+1, "AE", `{"TERM":"x"}`))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := checked(t, src).Map(ctx, "DEMO", tables.MapOptions{}).Table()
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("a reader that is never read", func(t *testing.T) {
		reader, err := checked(t, server.Client()).Map(t.Context(), "DEMO", tables.MapOptions{}).Reader()
		require.NoError(t, err)
		reader.Release()
	})
	t.Run("a reader that is read halfway", func(t *testing.T) {
		reader, err := checked(t, server.Client(), tables.WithBatchRows(50)).MapForm(t.Context(), "DEMO", "VS", tables.MapOptions{}).Reader()
		require.NoError(t, err)
		require.True(t, reader.Next())
		kept := reader.Record()
		kept.Retain()
		require.True(t, reader.Next())
		reader.Retain()
		reader.Release()
		reader.Release()
		require.EqualValues(t, 50, kept.NumRows())
		kept.Release()
	})
}

func TestEmptyStudyHasHeaders(t *testing.T) {
	table, err := checked(t, smallStudy()).Map(t.Context(), "DEMO", tables.MapOptions{}).Table()
	require.NoError(t, err)
	defer table.Release()
	require.EqualValues(t, 0, table.NumRows())
	require.EqualValues(t, 6+9, table.NumCols())
	tables, err := checked(t, smallStudy()).MapForms(t.Context(), "DEMO", tables.MapOptions{}).Tables()
	require.NoError(t, err)
	require.Len(t, tables, 2)
	for _, form := range tables {
		form.Table.Release()
	}
}

func TestOneSchemaForAllForms(t *testing.T) {
	src := smallStudy()
	src.records = []imednet.Record{answer(t, 1, "AE", `{"TERM":"a"}`), answer(t, 2, "VS", `{"SYSBP":"120"}`)}
	var schemas []*arrow.Schema
	for batch, err := range checked(t, src).MapForms(t.Context(), "DEMO", tables.MapOptions{OneSchema: true}).Batches() {
		require.NoError(t, err)
		schemas = append(schemas, batch.Record.Schema())
	}
	require.Len(t, schemas, 2)
	require.True(t, schemas[0].Equal(schemas[1]))
}

// TestAmbiguousAnswersAreSelectedByNeither condition on no value, and are counted.
func TestAmbiguousAnswersAreSelectedByNeither(t *testing.T) {
	src := smallStudy()
	src.records = []imednet.Record{answer(t, 1, "AE", `{"term":"a","Term":"b"}`), answer(t, 2, "AE", `{"TERM":" "}`), answer(t, 3, "AE", `{"term":"a","Term":"b","TERM":"c"}`),
		answer(t, 4, "GONE", `{"term":"a","Term":"b"}`), answer(t, 5, "AE", `{"term":"","Term":""}`)}
	src.records[4].Deleted = imednet.Some(true)
	for _, c := range []struct {
		op   imednet.Operator
		rows int64
	}{{imednet.Equal, 1}, {imednet.NotEqual, 1}} {
		run := checked(t, src).Map(t.Context(), "DEMO", tables.MapOptions{Answers: imednet.Where("TERM", c.op, imednet.NoValue{})})
		table, err := run.Table()
		require.NoError(t, err)
		require.Equal(t, c.rows, table.NumRows())
		table.Release()
		report := run.Report()
		require.EqualValues(t, 2, report.Unclear, "one of them of a form that is not known")
		require.EqualValues(t, 3, report.NotSelected)
	}
	run := checked(t, src).Map(t.Context(), "DEMO", tables.MapOptions{Answers: imednet.Where("TERM", imednet.Equal, "a"), Select: func(r *imednet.Record) bool { return r.RecordID != 1 }})
	table, err := run.Table()
	require.NoError(t, err)
	defer table.Release()
	require.EqualValues(t, 1, run.Report().Unclear, "what is not selected anyway is not unclear")
}
