package imednettest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// outcomes posts one item after the other and returns why each was not stored, "" where it was.
func outcomes(t *testing.T, study *imednettest.Study, base string, items ...string) (problems []string) {
	before := len(study.Submissions())
	for _, item := range items {
		status, _ := post(t, base, "["+item+"]")
		require.Less(t, status, 300, item)
	}
	study.FinishJobs()
	for _, s := range study.Submissions()[before:] {
		problems = append(problems, s.Items[0].Problem)
	}
	return problems
}

// What the server accepts is safe to send: values are held against the declared types.
func TestAnswersAreHeldAgainstTheirTypes(t *testing.T) {
	server, study, base := serve(t, 400)
	record := study.RecordIDs()[1] // vital signs
	vs := func(answer string) string {
		return fmt.Sprintf(`{"formKey":"VS","recordId":%d,"data":{%s}}`, record, answer)
	}
	ae := func(answer string) string { return `{"formKey":"AE","subjectKey":"01-001","data":{` + answer + `}}` }
	items := []string{
		vs(`"SYSBP":"hello"`), vs(`"SYSBP":true`), vs(`"SYSBP":"128"`), vs(`"SYSBP":128`), vs(`"SYSBP":null`), vs(`"SYSBP":""`),
		vs(`"VSDTC":"hello"`), vs(`"VSDTC":5`), vs(`"VSDTC":"2024-02"`), vs(`"VSDTC":"2024-02-30"`), vs(`"VSDTC":"2024-02-29"`),
		vs(`"VSND":"any text"`), vs(`"VSND":"true"`), vs(`"VSND":1`), vs(`"VSND":false`),
		vs(`"VSPOS":5`), vs(`"VSPOS":"Sitting"`),
		ae(`"AESTDTC":"2024-02"`), ae(`"AESTDTC":"soon"`), ae(`"AETERM":12`),
	}
	const numeric, boolean, date, partial, text, null = "numeric", "a boolean", "a date of the form YYYY-MM-DD", "a date, or the known part of one", "text", "not be null"
	strict := []string{numeric, numeric, numeric, "", null, numeric, date, date, date, date, "", boolean, boolean, boolean, "", text, "", "", partial, text}
	loose := []string{numeric, numeric, "", "", null, numeric, date, date, date, date, "", boolean, "", "", "", "", "", "", partial, ""}
	for _, c := range []struct {
		settings imednettest.Settings
		want     []string
	}{{imednettest.Settings{}, strict}, {imednettest.Settings{LooseAnswers: true}, loose}} {
		server.Configure(c.settings)
		for i, problem := range outcomes(t, study, base, items...) {
			if c.want[i] == "" {
				require.Empty(t, problem, items[i])
				continue
			}
			require.True(t, strings.HasSuffix(problem, c.want[i]), "%s: %q", items[i], problem)
			require.NotContains(t, problem, "hello")
		}
	}
}

// Every word for a type of variables is held against what the contract shows for its kind, and null and
// blanks are answers by a setting alone.
func TestAnswersOfEveryKindOfVariable(t *testing.T) {
	dir := writeStudy(t)
	types := []string{"INT", "Numeric", "Check Box", "Time", "Precision Date", "Date", "File Upload", "Signature", "Drop-down", "Colour"}
	var variables, subjects strings.Builder
	for i, typ := range types {
		fmt.Fprintf(&variables, `{"studyKey":"DIR","variableId":%d,"variableType":%q,"variableName":"V%d","formId":5,"formKey":"AE"}`+"\n", i+1, typ, i)
	}
	subjects.WriteString(`{"studyKey":"DIR","subjectId":1,"subjectKey":"1","deleted":false}`)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "forms.ndjson"), []byte(`{"studyKey":"DIR","formId":5,"formKey":"AE","unscheduledVisit":true}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "variables.ndjson"), []byte(variables.String()), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "subjects.ndjson"), []byte(subjects.String()), 0o600))
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	server := imednettest.NewServer(study)
	accepted := func(answer string) bool {
		items := `[{"formKey":"AE","subjectKey":"1","data":{` + answer + `}}]`
		status, _, _ := send(t, request(t, "POST", imednettest.Start(t, server)+"/api/v1/edc/studies/DIR/records", items))
		require.Equal(t, 202, status)
		study.FinishJobs()
		all := study.Submissions()
		return all[len(all)-1].Items[0].Stored
	}
	for _, c := range []struct {
		name           string
		stored, refuse []string
		cleared        []string // by the setting
	}{
		{"V0", []string{`1`, `-3`}, []string{`1.5`, `1e3`, `"1"`, `true`, `"x"`}, []string{`null`, `""`}},
		{"V1", []string{`1`, `1.5`, `1e3`}, []string{`"1"`, `false`, `1e999`}, []string{`null`, `""`}},
		{"V2", []string{`true`, `false`}, []string{`"true"`, `1`, `0`}, []string{`null`, `""`}},
		{"V3", []string{`"14:05"`, `"14:05:59"`}, []string{`"25:00"`, `"24:00"`, `"23:59:60"`, `"14"`, `"14:05:59.5"`, `"14:05Z"`, `" 14:05"`, `"4:05"`, `"noon"`, `1405`, `"2024-01-01"`}, []string{`null`, `""`}},
		{"V4", []string{`"0001"`, `"2024"`, `"2024-02"`, `"2024-02-29"`, `"2024-02-29 23:59"`, `"2024-02-29T23:59:59"`},
			[]string{`"2024-02-30"`, `"2024-13"`, `2024`, `"soon"`, `"0000"`, `"0000-01"`, `"0000-01-01"`, `"20240229"`, `" "`, `" 2024"`, `"2024---29"`, `"--02-29"`, `"2024-02-29T24:00"`, `"2024-02-29T23:59:60"`,
				`"2024-02-29T23"`, `"2024-02-29T23:59:59.5"`, `"2024-02-29T23:59:59Z"`, `"2024-02-29T23:59:59+14:00"`, `"2024-01-01/2024-02-01"`}, []string{`null`, `""`}},
		{"V5", []string{`"2024-02-29"`, `"0001-01-01"`, `"9999-12-31"`}, []string{`"0000-01-01"`, `"2023-02-29"`, `"10000-01-01"`, `"-001-01-01"`, `"2024-2-29"`, `" 2024-02-29"`, `"2024"`, `"2024-02-29T10:00"`, `"29.02.2024"`, `20240229`}, []string{`null`, `""`}},
		{"V6", nil, []string{`"a.pdf"`, `1`, `true`, `null`, `""`}, nil},
		{"V7", nil, []string{`"x"`, `null`, `""`}, nil},
		{"V8", []string{`"Yes"`, `""`}, []string{`1`, `true`}, []string{`null`}},
		{"V9", []string{`"red"`, `""`, `"\n"`}, []string{`1`, `true`, `"a\u0000"`}, []string{`null`}},
	} {
		server.Configure(imednettest.Settings{})
		for _, value := range c.stored {
			require.True(t, accepted(`"`+c.name+`":`+value), "%s %s", c.name, value)
		}
		for _, value := range append(c.refuse, c.cleared...) {
			require.False(t, accepted(`"`+c.name+`":`+value), "%s %s", c.name, value)
		}
		server.Configure(imednettest.Settings{ClearAnswers: true})
		for _, value := range c.refuse {
			require.False(t, accepted(`"`+c.name+`":`+value), "%s %s", c.name, value)
		}
		for _, value := range append(c.stored, c.cleared...) {
			require.True(t, accepted(`"`+c.name+`":`+value), "%s %s", c.name, value)
		}
	}
}

// What was retired takes no answers, by whichever identifier it is named.
func TestWhatIsRetiredTakesNoAnswers(t *testing.T) {
	server, study, base := serve(t, 400)
	server.Configure(imednettest.Settings{UnlistedForms: true})
	require.Equal(t, []string{"the form is disabled", "the interval is disabled"}, outcomes(t, study, base,
		`{"formKey":"OLD","subjectKey":"01-001","data":{}}`,
		`{"formKey":"VS","subjectKey":"01-001","intervalName":"Day 0 (old)","data":{"SYSBP":120}}`))

	study = imednettest.GenerateLifelike(imednettest.LifelikeOptions{StudyKey: "DEMO"})
	server = imednettest.NewServer(study)
	base = imednettest.Start(t, server) + "/api/v1/edc/studies"
	deleted := map[int64]bool{}
	for s, err := range server.Client().Subjects(t.Context(), "DEMO", imednet.ListOptions{}) {
		require.NoError(t, err)
		deleted[s.SubjectID] = s.IsDeleted()
	}
	var left imednet.Record // that a deletion of its subject left active
	for _, id := range study.RecordIDs() {
		if rec, _ := study.Record(id); deleted[rec.SubjectID.Or(0)] && !rec.IsDeleted() {
			left = rec
		}
	}
	require.NotZero(t, left.RecordID)
	require.Equal(t, []string{"the subject is deleted", "the subject is deleted"}, outcomes(t, study, base,
		fmt.Sprintf(`{"formKey":%q,"subjectId":%d,"data":{}}`, left.FormKey.Or(""), left.SubjectID.Or(0)),
		fmt.Sprintf(`{"formKey":%q,"recordId":%d,"data":{}}`, left.FormKey.Or(""), left.RecordID)))
}

// Answers of one form have no place in a record of another, nor those of one subject in another's.
func TestItemsThatContradictThemselves(t *testing.T) {
	server, study, base := serve(t, 400)
	var event imednet.Record
	for _, id := range study.RecordIDs() {
		if rec, _ := study.Record(id); rec.FormKey.Or("") == "AE" && !rec.IsDeleted() {
			event = rec
			break
		}
	}
	other := "02-001"
	require.NotEqual(t, other, event.SubjectKey.Or(""))
	subjects, records := study.Count(imednet.Subjects), study.Count(imednet.Records)
	got := outcomes(t, study, base,
		fmt.Sprintf(`{"formKey":"CM","recordId":%d,"data":{"CMTRT":"x"}}`, event.RecordID),
		fmt.Sprintf(`{"formKey":"AE","recordId":%d,"subjectKey":%q,"data":{"AETERM":"x"}}`, event.RecordID, other),
		fmt.Sprintf(`{"formKey":"AE","recordId":%d,"intervalName":"Registration","data":{"AETERM":"x"}}`, event.RecordID),
		`{"formKey":"SITE","siteName":"Site 01","data":{"SITEPI":"x"}}`,
		`{"formKey":"SITE","subjectKey":"01-001","data":{"SITEPI":"x"}}`)
	site := recordOf(t, study, "SITE", 701)
	ofSite := fmt.Sprintf(`{"formKey":"SITE","recordId":%d,"data":{"SITEPI":"x"}}`, site.RecordID)
	require.Equal(t, []string{"a record of a site cannot be changed"}, outcomes(t, study, base, ofSite))
	same, _ := study.Record(site.RecordID)
	require.Equal(t, string(site.Raw), string(same.Raw))
	require.Equal(t, []string{"the record is of another form", "the record has another subjectId", "the record has another intervalId",
		"a site form registers no subject", "a site form has no subject"}, got)
	require.Equal(t, []int{subjects, records}, []int{study.Count(imednet.Subjects), study.Count(imednet.Records)})
	same, _ = study.Record(event.RecordID)
	require.Equal(t, string(event.Raw), string(same.Raw))

	server.Configure(imednettest.Settings{SiteRecords: true})
	require.Equal(t, []string{""}, outcomes(t, study, base, `{"formKey":"SITE","siteName":"Site 01","data":{"SITEPI":"x"}}`))
	require.Equal(t, []int{subjects, records + 1}, []int{study.Count(imednet.Subjects), study.Count(imednet.Records)})
	rec, _ := study.Record(study.RecordIDs()[records])
	require.Equal(t, []string{""}, outcomes(t, study, base, ofSite))
	require.Equal(t, []any{"SITE", int64(701), int64(0)}, []any{rec.RecordType.Or(""), rec.SiteID.Or(0), rec.SubjectID.Or(0)})
}

func TestRegisteredRecordsHaveTheNullsOfTheirSubject(t *testing.T) {
	_, study, base := serve(t, 400)
	require.Equal(t, []string{""}, outcomes(t, study, base, `{"formKey":"DM","siteName":"Site 01","data":{"AGE":61}}`))
	submitted := study.Submissions()[0].Items[0]
	rec, _ := study.Record(submitted.RecordID)
	require.Equal(t, imednet.Null, rec.SubjectOID.Presence(), "as its subject has it")
}

func TestTheSortThatIsWrongIsReported(t *testing.T) {
	_, _, base := serve(t, 60)
	_, e := get(t, base+"/DEMO/forms?sort=formId,ASC&sort=nothing,ASC")
	require.Equal(t, "nothing,ASC", e.Metadata.Error.Field.Value)
}

// A plan can lose an item although the job says that it was stored.
func TestResultsThatLie(t *testing.T) {
	server, study, base := serve(t, 60)
	study.PlanJobs(imednettest.JobPlan{Lose: []int{1}, ShowResults: true})
	_, answer := post(t, base, `[{"formKey":"LOG","subjectKey":"01-001","data":{"LOGTXT":"a"}},{"formKey":"LOG","subjectKey":"01-001","data":{"LOGTXT":"b"}}]`)
	batch := answer["batchId"].(string)
	study.FinishJobs()
	job, err := server.Client().Job(t.Context(), "DEMO", batch)
	require.NoError(t, err)
	require.True(t, job.Succeeded())
	results, err := server.Client().JobResults(t.Context(), job.ResultURL.Or(""))
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(results.Body), `"SUCCESS"`))
	require.Equal(t, 1, study.StoredItems())
}
