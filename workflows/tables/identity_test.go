package tables_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// rowsOf maps one form and returns the texts of some columns, row by row.
func rowsOf(t *testing.T, m *tables.RecordMapper, form string, columns ...string) (rows [][]string) {
	t.Helper()
	for batch, err := range m.MapForm(t.Context(), "DEMO", form, tables.MapOptions{}).Batches() {
		require.NoError(t, err)
		for row := range int(batch.NumRows()) {
			var cells []string
			for _, name := range columns {
				cells = append(cells, batch.Column(batch.Schema().FieldIndices(name)[0]).ValueStr(row))
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

func TestOneSubjectHasOnePseudonymAndOneShift(t *testing.T) {
	src := &tableSource{
		forms:     []imednet.Form{formOf(1, "AE")},
		variables: []imednet.Variable{question(1, "AE", "DTC", "DATE", "")},
		subjects:  []imednet.Subject{{SubjectID: 7, SubjectKey: imednet.Some("01-007")}, {SubjectID: 8, SubjectKey: imednet.Some("01-008")}},
	}
	add := func(subject int64, key string, site int64, date string) {
		r := answer(t, int64(len(src.records)+1), "AE", `{"DTC":"`+date+`"}`)
		r.SubjectID, r.SubjectKey, r.SiteID = imednet.Opt[int64]{}, imednet.Some(key), imednet.Some(site)
		if subject != 0 {
			r.SubjectID = imednet.Some(subject)
		}
		src.records = append(src.records, r)
	}
	add(7, "01-007", 1, "2024-03-01")
	add(0, "01-007", 1, "2024-03-02") // no subjectId
	add(7, "", 1, "2024-03-03")       // no key
	add(7, "01-OLD", 1, "2024-03-04") // before it was renamed
	add(8, "01-008", 1, "2024-03-01")
	add(0, "", 1, "2024-03-01")
	add(0, "", 1, "2024-03-02")
	add(0, "", 2, "2024-03-01")
	add(7, "01-007", 1, "0001-01-01") // a sentinel
	add(7, "01-007", 1, "0002-01-01") // no sentinel, and no date of anybody alive
	rows := rowsOf(t, checked(t, src, tables.WithDeidentification(tables.Deidentification{Key: secret})), "AE", "subjectKey", "DTC")

	day := func(i int) time.Time { return calendarDay(t, rows[i][1]) }
	shift := day(0).Sub(calendarDay(t, "2024-03-01"))
	for i := range 4 {
		require.Equal(t, rows[0][0], rows[i][0], "record %d", i+1)
		require.Equal(t, shift, day(i).Sub(calendarDay(t, fmt.Sprintf("2024-03-%02d", i+1))), "record %d", i+1)
	}
	require.NotEqual(t, rows[0][0], rows[4][0])
	for _, i := range []int{5, 6, 7} {
		require.Equal(t, "(null)", rows[i][0], "a record of no subject has no pseudonym")
		require.NotEqual(t, "2024-03-0", rows[i][1][:9], "but its dates move")
	}
	require.Equal(t, 24*time.Hour, day(6).Sub(day(5)), "with their site")
	require.NotEqual(t, rows[5][1], rows[7][1])
	require.Equal(t, "0001-01-01", rows[8][1], "a sentinel that moved would show the shift")
	require.Equal(t, tables.Mask, rows[9][1])
}

func TestDeidentificationNeedsTheListOfSubjects(t *testing.T) {
	src := struct {
		imednet.RecordSource
		imednet.FormReader
		imednet.VariableReader
	}{patientStudy(t), patientStudy(t), patientStudy(t)}
	_, err := checked(t, src, tables.WithDeidentification(tables.Deidentification{Key: secret})).Map(t.Context(), "DEMO", tables.MapOptions{}).Table()
	require.ErrorContains(t, err, "the source lists no subjects")
}

func TestOnlyWhatIsKnownToBeSafePasses(t *testing.T) {
	src := &tableSource{
		forms: []imednet.Form{formOf(1, "DM")},
		variables: []imednet.Variable{
			question(1, "DM", "AGE", "NUMBER", ""), question(2, "DM", "N", "NUMBER", ""), question(3, "DM", "SEX", "RADIO", ""),
			question(4, "DM", "READ", "MEMO", ""), question(5, "DM", "MEMO", "MEMO", ""),
			question(6, "DM", "ONLY", "CHECKBOX", ""),
		},
		records: []imednet.Record{
			answer(t, 1, "DM", `{"AGE":"93","N":" 007","SEX":"M","READ":"fine","MEMO":"Dr Smith","ONLY":"Y"}`),
			answer(t, 2, "DM", `{"AGE":89,"N":"555-0100","SEX":"Mr Smith","READ":"also","MEMO":["x"],"ONLY":"N"}`),
			answer(t, 3, "DM", `{"AGE":90,"N":{"phone":1}}`),
		},
	}
	for i := range src.records {
		src.records[i].SubjectKey = imednet.Some("01-007")
	}
	m := checked(t, src, tables.WithDeidentification(tables.Deidentification{Key: secret, FreeText: []string{"READ"}, AgeFields: []string{"DM.AGE"}}))
	plan, err := m.Plan(t.Context(), "DEMO", tables.PlanOptions{Codelists: map[string]map[string]string{"DM.SEX": {"M": "Male", "F": "Female"}, "DM.ONLY": {"Y": "Yes"}}})
	require.NoError(t, err)
	var rejects tables.RejectList
	run := m.MapForm(t.Context(), "DEMO", "DM", tables.MapOptions{Plan: plan, OnReject: rejects.Add})
	table, err := run.Table()
	require.NoError(t, err)
	defer table.Release()
	var got []string
	for _, name := range []string{"AGE", "N", "SEX", "READ", "MEMO", "ONLY"} {
		c := table.Column(table.Schema().FieldIndices(name)[0]).Data().Chunk(0)
		got = append(got, fmt.Sprint(name, c))
	}
	require.Equal(t, []string{
		`AGE[90 89 90]`, `N[7 (null) (null)]`, `SEX["M" "***MASKED***" (null)]`, `READ["fine" "also" (null)]`, `MEMO["***MASKED***" "***MASKED***" (null)]`,
		`ONLY["Y" "***MASKED***" (null)]`,
	}, got)
	for r := range rejects.All() {
		require.Equal(t, tables.Mask, r.Value())
	}
	require.EqualValues(t, 6, run.Report().Forms[0].Masked)
	require.EqualValues(t, 2, run.Report().Rejected)
}

// A record of no subject, such as a site's list, may name any of them: its numbers are held against all.
func TestNumbersOfRecordsWithoutASubjectNameNobody(t *testing.T) {
	src := &tableSource{
		forms:     []imednet.Form{formOf(1, "LOG")},
		variables: []imednet.Variable{question(1, "LOG", "N", "NUMBER", ""), question(2, "LOG", "AGE", "NUMBER", "")},
		subjects:  []imednet.Subject{{SubjectID: 70001, SubjectKey: imednet.Some("90210")}, {SubjectID: 12, SubjectKey: imednet.Some("101")}},
	}
	for i, data := range []string{`{"N":"90210","AGE":70001}`, `{"N":" +90210.0 ","AGE":"7.0001e4"}`, `{"N":90211,"AGE":12}`} {
		r := answer(t, int64(i+1), "LOG", data)
		r.SubjectID, r.SubjectKey = imednet.Opt[int64]{}, imednet.Opt[string]{}
		src.records = append(src.records, r)
	}
	rows := rowsOf(t, checked(t, src, tables.WithDeidentification(tables.Deidentification{Key: secret, AgeFields: []string{"AGE"}})), "LOG", "N", "AGE")
	require.Equal(t, [][]string{{"(null)", "(null)"}, {"(null)", "(null)"}, {"90211", "12"}}, rows)
}
