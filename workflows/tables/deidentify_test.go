package tables_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

// patientStudy has two subjects with dates, identifying answers and everything else that leaks.
func patientStudy(t *testing.T) *tableSource {
	src := &tableSource{
		forms: []imednet.Form{formOf(1, "DM"), formOf(2, "AE")},
		variables: []imednet.Variable{
			question(1, "DM", "Initials", "TEXT", "Initials"), question(2, "DM", "BRTHDTC", "DATE", "Birth date"),
			question(3, "DM", "SUBJID", "NUMBER", "Subject"), question(4, "DM", "AGE", "NUMBER", "Age"),
			question(5, "AE", "TERM", "TEXT", "Term"), question(6, "AE", "STDTC", "DATE", "Start"), question(7, "AE", "ENDTC", "DATE", "End"),
		},
	}
	for i, who := range []string{"1015", "1023"} {
		id := int64(i + 1)
		dm := answer(t, id, "DM", `{"initials":"ABC","BRTHDTC":"1950-03-04","SUBJID":"`+who+`","AGE":"seventy"}`)
		ae := answer(t, id+10, "AE", `{"TERM":"Headache","STDTC":"2013-12-26","ENDTC":"2014-01-05T10:00","secretkey":"`+who+`"}`)
		odd := answer(t, id+20, "AE", `{"STDTC":"UN-DEC-2013","ENDTC":"2013"}`)
		for _, r := range []*imednet.Record{&dm, &ae, &odd} {
			r.SubjectKey, r.SubjectID = imednet.Some(who), imednet.Some(id)
			r.SubjectOID, r.RecordOID = imednet.Some("01-"+who), imednet.Some("AE|"+who)
			r.DateCreated = imednet.Some(imednet.NewTime(time.Date(2014, 1, 1, 8, 0, 0, 0, time.UTC)))
		}
		src.records = append(src.records, dm, ae, odd)
		src.subjects = append(src.subjects, imednet.Subject{SubjectID: id, SubjectKey: imednet.Some(who)})
	}
	slices.SortFunc(src.records, func(a, b imednet.Record) int { return cmp.Compare(a.RecordID, b.RecordID) })
	return src
}

func TestDeidentification(t *testing.T) {
	src := patientStudy(t)
	m := checked(t, src, tables.WithDeidentification(tables.Deidentification{
		Key: secret, PHIFields: []string{"INITIALS", "brthdtc", "DM.SubjID"},
		Actions: map[string]tables.PHIAction{"DM.SubjID": tables.PHIPseudonymise, "brthdtc": tables.PHIMask},
	}))
	var rejects tables.RejectList
	cells := map[string][]string{}
	run := m.MapForms(t.Context(), "DEMO", tables.MapOptions{OnReject: rejects.Add})
	for batch, err := range run.Batches() {
		require.NoError(t, err)
		for i, c := range batch.Record.Columns() {
			name := batch.FormKey + "." + batch.Record.ColumnName(i)
			for row := range c.Len() {
				cells[name] = append(cells[name], c.ValueStr(row))
			}
		}
	}
	report := run.Report()
	requireReconciled(t, &report)
	require.NotContains(t, cells, "DM.Initials")
	require.EqualValues(t, 2, report.Withheld)
	require.Equal(t, []string{tables.Mask, tables.Mask}, cells["DM.BRTHDTC"])
	require.Equal(t, cells["DM.subjectKey"], cells["DM.SUBJID"], "equal text has an equal pseudonym")
	require.Equal(t, cells["DM.subjectKey"][0], cells["AE.subjectKey"][0], "in every form")
	require.NotEqual(t, cells["DM.subjectKey"][0], cells["DM.subjectKey"][1])
	require.Regexp(t, regexp.MustCompile(`^[A-Z2-7]{26}$`), cells["DM.recordOid"][0])
	require.Equal(t, array.NullValueStr, cells["DM.subjectId"][0])
	require.Equal(t, []string{tables.Mask, tables.Mask, array.NullValueStr, array.NullValueStr}, cells["AE.TERM"], "text passes only where the caller says so")
	require.Equal(t, tables.Mask, cells["AE.STDTC"][2], "text that is no date cannot be shifted")
	require.Len(t, cells["AE.ENDTC"][2], 4, "a year stays a year")

	start, end := calendarDay(t, cells["AE.STDTC"][0]), calendarDay(t, cells["AE.ENDTC"][0][:10])
	require.Equal(t, 10*24*time.Hour, end.Sub(start), "intervals survive")
	require.NotEqual(t, calendarDay(t, "2013-12-26"), start)
	require.Regexp(t, `T10:00$`, cells["AE.ENDTC"][0])
	created, err := time.Parse("2006-01-02 15:04:05Z", cells["AE.dateCreated"][0])
	require.NoError(t, err)
	require.Equal(t, start.Sub(calendarDay(t, "2013-12-26")), created.Sub(time.Date(2014, 1, 1, 8, 0, 0, 0, time.UTC)), "dateCreated moves with the rest")

	var got []string
	for r := range rejects.All() {
		got = append(got, fmt.Sprint(r.FormKey, ".", r.Variable, "=", r.Value()))
	}
	hidden, age := "AE."+tables.Mask+"="+tables.Mask, "DM.AGE="+tables.Mask
	require.Equal(t, []string{age, age, hidden, hidden}, got)

	plan, err := m.Plan(t.Context(), "DEMO", tables.PlanOptions{})
	require.NoError(t, err)
	require.Empty(t, m.FreeTextColumns(plan))
	require.Equal(t, []string{"DM.BRTHDTC", "AE.TERM"}, m.MaskedColumns(plan))
	schema, err := m.Map(t.Context(), "DEMO", tables.MapOptions{}).Schema()
	require.NoError(t, err)
	for _, f := range schema.Fields() {
		if f.Name == "STDTC" {
			how, _ := f.Metadata.GetValue("deidentified")
			require.Equal(t, "shift", how)
		}
	}
}

// Who knows a date that means "none" would read the shift from it.
func TestADateThatMeansNoneStays(t *testing.T) {
	none := []string{
		"0001-01-01", "1000-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01",
		"2099-12-31", "2999-12-31", "3000-01-01", "9999-12-31", "1950-12-25",
	}
	src := &tableSource{
		forms: []imednet.Form{formOf(1, "F")}, variables: []imednet.Variable{question(1, "F", "D", "DATE", "d")},
		subjects: []imednet.Subject{{SubjectID: 7, SubjectKey: imednet.Some("S-1")}},
	}
	for i, day := range append(none, "1753-01-02", "2050-01-01") {
		src.records = append(src.records, answer(t, int64(i+1), "F", `{"D":"`+day+`"}`))
	}
	m := checked(t, src, tables.WithDeidentification(tables.Deidentification{Key: secret, Sentinels: []imednet.Date{{Year: 1950, Month: 12, Day: 25}}}))
	table, err := m.MapForm(t.Context(), "DEMO", "F", tables.MapOptions{}).Table()
	require.NoError(t, err)
	defer table.Release()
	days := table.Column(15).Data().Chunk(0).(*array.String)
	for i, day := range none {
		require.Equal(t, day, days.Value(i))
	}
	require.Equal(t, tables.Mask, days.Value(len(none)), "a date of another century is no one's")
	require.Regexp(t, `^20(49|50)-`, days.Value(len(none)+1))
	require.NotEqual(t, "2050-01-01", days.Value(len(none)+1), "and one that may be somebody's moves")
}

func calendarDay(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return at
}

func TestPseudonymsDependOnTheKeyAlone(t *testing.T) {
	first := subjectKeys(t, secret)
	require.Equal(t, first, subjectKeys(t, secret))
	require.NotEqual(t, first, subjectKeys(t, []byte("another key of enough bytes")))
}

func subjectKeys(t *testing.T, key []byte) (keys []string) {
	t.Helper()
	m := checked(t, patientStudy(t), tables.WithDeidentification(tables.Deidentification{Key: key}))
	for batch, err := range m.Map(t.Context(), "DEMO", tables.MapOptions{}).Batches() {
		require.NoError(t, err)
		for row := range int(batch.NumRows()) {
			keys = append(keys, batch.Column(1).(*array.String).Value(row))
		}
	}
	return keys
}

func TestMisspeltPHIFieldIsAnError(t *testing.T) {
	d := tables.Deidentification{Key: secret, PHIFields: []string{"INITALS", "subjectKey"}}
	_, err := checked(t, patientStudy(t), tables.WithDeidentification(d)).Map(t.Context(), "DEMO", tables.MapOptions{}).Table()
	require.ErrorContains(t, err, "INITALS: the study has no such variable")
	d.AllowUnmatched = true
	table, err := checked(t, patientStudy(t), tables.WithDeidentification(d)).Map(t.Context(), "DEMO", tables.MapOptions{}).Table()
	require.NoError(t, err)
	table.Release()

	d.Actions = map[string]tables.PHIAction{"OTHER": tables.PHIMask, "INITALS": "shred"}
	_, err = tables.NewRecordMapper(patientStudy(t), tables.WithDeidentification(d))
	require.ErrorContains(t, err, "not among PHIFields")
	require.ErrorContains(t, err, `unknown action "shred"`)
}

// Somebody typed the very name of an undeclared key, so a de-identified plan has no column for it.
func TestUndeclaredKeysAreNotShown(t *testing.T) {
	m := checked(t, patientStudy(t), tables.WithDeidentification(tables.Deidentification{Key: secret}))
	plan, _, err := m.InferPlan(t.Context(), "DEMO", tables.InferOptions{ExtraColumns: true})
	require.NoError(t, err)
	document, err := json.Marshal(plan)
	require.NoError(t, err)
	require.NotContains(t, string(document), "secretkey")

	open, _, err := checked(t, patientStudy(t)).InferPlan(t.Context(), "DEMO", tables.InferOptions{ExtraColumns: true})
	require.NoError(t, err)
	run := m.MapForms(t.Context(), "DEMO", tables.MapOptions{Plan: open})
	schemas, err := run.Schemas()
	require.NoError(t, err)
	require.False(t, schemas[1].Schema.HasField("secretkey"))
	for batch, err := range run.Batches() {
		require.NoError(t, err)
		require.NotContains(t, fmt.Sprint(batch.Record), "1015")
	}
	report := run.Report()
	form, _ := report.Form("AE")
	require.Equal(t, map[string]int64{"…": 2}, form.Undeclared)

	allowed := checked(t, patientStudy(t), tables.WithDeidentification(tables.Deidentification{Key: secret, FreeText: []string{"AE.secretkey", "term"}}))
	table, err := allowed.MapForm(t.Context(), "DEMO", "AE", tables.MapOptions{Plan: open}).Table()
	require.NoError(t, err)
	defer table.Release()
	require.True(t, table.Schema().HasField("secretkey"))
	require.Equal(t, []string{"AE.TERM", "AE.secretkey"}, allowed.FreeTextColumns(open))
}
