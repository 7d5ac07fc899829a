package imednettest_test

import (
	"fmt"
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
	const numeric, boolean, date, partial, text = "numeric", "a boolean", "a date of the form YYYY-MM-DD", "a date, or the known part of one", "text"
	strict := []string{numeric, numeric, numeric, "", "", "", date, date, date, date, "", boolean, boolean, boolean, "", text, "", "", partial, text}
	loose := []string{numeric, numeric, "", "", "", "", date, date, date, date, "", boolean, "", "", "", "", "", "", partial, ""}
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
	require.Equal(t, []string{"the record is of another form", "the record has another subjectId", "the record has another intervalId",
		"a site form registers no subject", "a site form has no subject"}, got)
	require.Equal(t, []int{subjects, records}, []int{study.Count(imednet.Subjects), study.Count(imednet.Records)})
	same, _ := study.Record(event.RecordID)
	require.Equal(t, string(event.Raw), string(same.Raw))

	server.Configure(imednettest.Settings{SiteRecords: true})
	require.Equal(t, []string{""}, outcomes(t, study, base, `{"formKey":"SITE","siteName":"Site 01","data":{"SITEPI":"x"}}`))
	require.Equal(t, []int{subjects, records + 1}, []int{study.Count(imednet.Subjects), study.Count(imednet.Records)})
	rec, _ := study.Record(study.RecordIDs()[records])
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
