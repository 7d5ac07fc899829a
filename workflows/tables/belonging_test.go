package tables_test

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// crossed is a study whose variables and records contradict themselves about their forms.
func crossed(t *testing.T) *tableSource {
	t.Helper()
	onForm := func(r imednet.Record, id imednet.Opt[int64], key imednet.Opt[string]) imednet.Record {
		r.FormID, r.FormKey = id, key
		return r
	}
	moved := question(3, "CM", "AEX", "TEXT", "its id says AE")
	moved.FormID = imednet.Some[int64](1)
	id, key := imednet.Some[int64], imednet.Some[string]
	return &tableSource{
		forms:     []imednet.Form{formOf(1, "AE"), formOf(2, "CM"), formOf(5, "MH"), formOf(6, "MH"), {FormID: 7}},
		variables: []imednet.Variable{question(1, "AE", "A", "TEXT", ""), question(2, "CM", "A", "TEXT", ""), moved},
		records: []imednet.Record{
			onForm(answer(t, 1, "", `{"A":"by key"}`), imednet.Opt[int64]{}, key("AE")),
			onForm(answer(t, 2, "", `{"A":"by id"}`), id(1), imednet.Opt[string]{}),
			onForm(answer(t, 3, "", `{"A":"id before key"}`), id(1), key("CM")),
			onForm(answer(t, 4, "", `{"A":"made again"}`), id(99), key("AE")),
			onForm(answer(t, 5, "", `{"A":"other"}`), id(2), key("CM")),
			onForm(answer(t, 6, "", `{"A":"other"}`), id(2), key("AE")),
			onForm(answer(t, 7, "", `{}`), id(6), key("MH")),
			onForm(answer(t, 8, "", `{}`), imednet.Opt[int64]{}, key("MH")),
			onForm(answer(t, 9, "", `{}`), id(7), imednet.Opt[string]{}),
		},
	}
}

// idsByForm maps a study and returns the records of each form's table.
func idsByForm(t *testing.T, run *tables.FormsRun) map[string][]string {
	t.Helper()
	ids := map[string][]string{}
	for batch, err := range run.Batches() {
		require.NoError(t, err)
		for row := range int(batch.Record.NumRows()) {
			ids[batch.FormKey] = append(ids[batch.FormKey], batch.Record.Column(0).ValueStr(row))
		}
	}
	report := run.Report()
	requireReconciled(t, &report)
	return ids
}

func TestTheIDDecidesWhichFormARecordIsOf(t *testing.T) {
	m := checked(t, crossed(t))
	run := m.MapForms(t.Context(), "DEMO", tables.MapOptions{})
	all := idsByForm(t, run)
	require.Equal(t, map[string][]string{"AE": {"1", "2", "3", "4"}, "CM": {"5", "6"}, "MH#6": {"7"}, "#7": {"9"}}, all)
	report := run.Report()
	require.Equal(t, map[imednet.ContradictionKind]int64{imednet.IDAndKeyDisagree: 2, imednet.IDUnknown: 1, imednet.KeyAmbiguous: 1}, report.Contradictions)
	require.EqualValues(t, 1, report.RecordsRejected, "a key of two forms is no one's")

	plan, err := run.Plan()
	require.NoError(t, err)
	form, _ := plan.Form("AE")
	require.Equal(t, "AEX", form.Columns[1].Name, "the id before the key, for variables too")
	require.NotEmpty(t, plan.Contradictions)
	for _, key := range []string{"AE", "CM", "MH#6", "#7"} {
		one := idsByForm(t, m.MapForms(t.Context(), "DEMO", tables.MapOptions{Forms: []string{key}}))
		require.Equal(t, map[string][]string{key: all[key]}, one, "asking for one form is picking it from all")
		reader, err := m.MapForm(t.Context(), "DEMO", key, tables.MapOptions{}).Reader()
		require.NoError(t, err)
		require.True(t, reader.Next())
		require.EqualValues(t, len(all[key]), reader.Record().NumRows())
		reader.Release()
	}
	two := m.MapForms(t.Context(), "DEMO", tables.MapOptions{Forms: []string{"AE", "CM"}})
	require.Len(t, idsByForm(t, two), 2)
	require.EqualValues(t, 3, two.Report().OtherForms)
}

// A kept plan joins as the study's own rows do.
func TestAKeptPlanJoinsAlike(t *testing.T) {
	m := checked(t, crossed(t))
	plan, report, err := m.InferPlan(t.Context(), "DEMO", tables.InferOptions{ExtraColumns: true})
	require.NoError(t, err)
	require.EqualValues(t, 9, report.Records)
	want := idsByForm(t, m.MapForms(t.Context(), "DEMO", tables.MapOptions{}))
	require.Equal(t, want, idsByForm(t, m.MapForms(t.Context(), "DEMO", tables.MapOptions{Plan: plan})))
}

// An attribute that the caller's filter names is not named a second time, which the API refuses.
func TestANarrowedFilterNamesNothingTwice(t *testing.T) {
	src := crossed(t)
	m := checked(t, src)
	filter := imednet.Where("visitId", imednet.Greater, 3)
	idsByForm(t, m.MapForms(t.Context(), "DEMO", tables.MapOptions{VisitKey: "5", Filter: filter}))
	require.Equal(t, filter, src.asked[len(src.asked)-1].Filter)
	filter = imednet.Where("formKey", imednet.NotEqual, "CM")
	idsByForm(t, m.MapForms(t.Context(), "DEMO", tables.MapOptions{Forms: []string{"AE"}, Filter: filter}))
	require.Equal(t, filter, src.asked[len(src.asked)-1].Filter)
	idsByForm(t, m.MapForms(t.Context(), "DEMO", tables.MapOptions{VisitKey: "5"}))
	text, err := src.asked[len(src.asked)-1].Filter.Encode(imednet.Records)
	require.NoError(t, err)
	require.Equal(t, "visitId==5", text)
}

// manyForms has so many forms with one record each, of some bytes.
func manyForms(t testing.TB, forms, size int) *tableSource {
	src := &tableSource{}
	text := fmt.Sprintf(`{"X":"%0*d"}`, size, 7)
	for i := range forms {
		key := fmt.Sprintf("F%05d", i)
		src.forms = append(src.forms, formOf(int64(i+1), key))
		src.variables = append(src.variables, question(int64(i+1), key, "X", "TEXT", ""))
		src.records = append(src.records, answer(t, int64(i+1), key, text))
	}
	return src
}

// All unfinished batches together are bounded, also with two and three forms.
func TestAllFramesTogetherAreBounded(t *testing.T) {
	for _, forms := range []int{1, 2, 3, 4, 40} {
		src := manyForms(t, forms, 3000)
		for i := range 200 { // the same forms again and again
			r := src.records[i%forms]
			r.RecordID = int64(1000 + i)
			src.records = append(src.records, r)
		}
		const limit = 20_000
		held, most, batches := 0, 0, 0
		next, stop := iter.Pull2(checked(t, src, tables.WithBatchBytes(limit)).MapForms(t.Context(), "DEMO", tables.MapOptions{}).Batches())
		given := int64(0)
		for {
			batch, err, ok := next()
			if !ok {
				break
			}
			require.NoError(t, err)
			last := batch.Record.Column(0).ValueStr(int(batch.Record.NumRows()) - 1)
			at := slices.IndexFunc(src.records, func(r imednet.Record) bool { return fmt.Sprint(r.RecordID) == last }) + 1
			given += batch.Record.NumRows()
			batches++
			held = at - int(given) // records read before this one and not yet given, at least
			most = max(most, held*3000)
			require.Less(t, batch.Record.NumRows(), int64(10))
		}
		stop()
		require.LessOrEqual(t, most, 4*limit, "%d forms", forms)
		require.EqualValues(t, len(src.records), given)
		if forms <= 4 { // fewer than would fill the room of all together
			require.LessOrEqual(t, batches, len(src.records)/7+forms, "with %d forms batches end before they are full", forms)
		}
	}
}

// The work for a record does not grow with the number of forms.
func TestTenThousandForms(t *testing.T) {
	src := manyForms(t, 10_000, 5)
	rows := int64(0)
	for batch, err := range checked(t, src).MapForms(t.Context(), "DEMO", tables.MapOptions{}).Batches() {
		require.NoError(t, err)
		rows += batch.Record.NumRows()
	}
	require.EqualValues(t, 10_000, rows)
}
