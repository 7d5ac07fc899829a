package imednettest_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// Each setting takes the other side of one thing that the contract leaves open, and nothing else.
func TestSettings(t *testing.T) {
	server, study, base := serve(t, 400)
	ids := study.RecordIDs()
	at := func(query string) int {
		status, _ := get(t, base+"/DEMO/records?"+query)
		return status
	}
	filter := func(text string) int { return at("filter=" + url.QueryEscape(text)) }
	for name, c := range map[string]struct {
		settings         imednettest.Settings
		ask              func() int
		strict, switched int
	}{
		"page size":          {imednettest.Settings{ClampSize: true}, func() int { return at("size=501") }, 400, 200},
		"page past the end":  {imednettest.Settings{PagesPastEnd: true}, func() int { return at("page=99") }, 404, 200},
		"first page of none": {imednettest.Settings{PagesPastEnd: true}, func() int { return filter("recordId<1") }, 200, 200},
		"two bounds":         {imednettest.Settings{RepeatAttributes: true}, func() int { return filter("recordId>1;recordId<9") }, 400, 200},
		"ids joined by OR":   {imednettest.Settings{RepeatAttributes: true}, func() int { return filter("recordId==1,recordId==2") }, 400, 200},
		"mixed connectors":   {imednettest.Settings{MixConnectors: true}, func() int { return filter("recordId>1;formId<9,siteId==1") }, 400, 200},
		"quoted dates":       {imednettest.Settings{QuoteAnything: true}, func() int { return filter(`dateModified>"2024-01-01T00:00:00Z"`) }, 400, 200},
		"escapes":            {imednettest.Settings{QuoteAnything: true}, func() int { return filter(`formKey=="A\"E"`) }, 400, 200},
		"studyKey":           {imednettest.Settings{StudyKeyInFilter: true}, func() int { return filter("studyKey==DEMO") }, 400, 200},
		"deleted":            {imednettest.Settings{DeletedInFilter: true}, func() int { return filter("deleted==true") }, 400, 200},
		"sort by another":    {imednettest.Settings{SortByAttributes: true}, func() int { return at("sort=formId,ASC") }, 400, 200},
		"sort by default":    {imednettest.Settings{SortByAttributes: true}, func() int { status, _ := get(t, base+"/DEMO/variables?sort=formId,ASC"); return status }, 200, 200},
		"sort by id":         {imednettest.Settings{SortByAttributes: true}, func() int { return at("sort=recordId,ASC") }, 200, 200},
		"unknown study":      {imednettest.Settings{UnknownStudyStatus: 404}, func() int { status, _ := get(t, base+"/NONE/records"); return status }, 403, 404},
		"status of a POST":   {imednettest.Settings{PostStatus: 200}, func() int { status, _ := post(t, base, `[{"formKey":"AE","subjectKey":"x","data":{}}]`); return status }, 202, 200},
		"number of items": {imednettest.Settings{MaxItems: 1}, func() int {
			status, _ := post(t, base, `[{"formKey":"AE","data":{}},{"formKey":"AE","data":{}}]`)
			return status
		}, 202, 400},
		"connectors of data": {imednettest.Settings{MixConnectors: true}, func() int { return at("recordDataFilter=" + url.QueryEscape("AGE>1;SEX==F,AGE<2")) }, 400, 400},
	} {
		server.Configure(imednettest.Settings{})
		require.Equal(t, c.strict, c.ask(), name)
		server.Configure(c.settings)
		require.Equal(t, c.switched, c.ask(), name)
	}

	server.Configure(imednettest.Settings{ClampSize: true})
	_, e := get(t, base+"/DEMO/records?size=100000&sort=recordId,ASC")
	require.Equal(t, []int{500, len(ids)}, []int{e.Pagination.Size, len(e.Data)})
	server.Configure(imednettest.Settings{HideDeleted: true})
	deleted := func(row map[string]any) bool { return row["deleted"] == true }
	require.Zero(t, countRows(t, base, deleted))
	server.Configure(imednettest.Settings{})
	require.Positive(t, countRows(t, base, deleted))
	server.Configure(imednettest.Settings{MixConnectors: true, RepeatAttributes: true})
	_, e = get(t, base+"/DEMO/records?size=500&filter="+url.QueryEscape("recordId=="+itoa(ids[3])+",recordId>"+itoa(ids[9])+";recordId<"+itoa(ids[12])+",recordId=="+itoa(ids[20])))
	require.Len(t, e.Data, 4, "AND binds closer: 3; 10, 11; 20")

	server.Configure(imednettest.Settings{GatewayErrors: true})
	_, _, body := send(t, request(t, "GET", base+"/NONE/records", ""))
	require.JSONEq(t, `{"message":"Forbidden"}`, body)
	status, _, body := send(t, request(t, "GET", base+"/DEMO/records?size=x", ""))
	require.Equal(t, 400, status)
	require.Contains(t, body, `"code":"1000"`)
}

func TestRights(t *testing.T) {
	_, study, base := serve(t, 800)
	total := func(resource string) int {
		status, e := get(t, base+"/DEMO/"+resource+"?size=500")
		if status != 200 {
			return -status
		}
		for _, row := range e.Data {
			require.NotEqual(t, float64(702), row["siteId"], resource)
		}
		return e.Pagination.TotalElements
	}
	study.SetRights(imednettest.Rights{Refused: []imednet.Resource{imednet.Users, imednet.Queries}, Hidden: []imednet.Resource{imednet.Codings}, Sites: []int64{701, 703}, Forms: []string{"AE", "DM"}, ReadOnly: true})
	require.Equal(t, []int{-403, -403, 0, 2, 2}, []int{total("users"), total("queries"), total("codings"), total("forms"), total("sites")})
	want := 0
	for _, id := range study.RecordIDs() {
		rec, _ := study.Record(id)
		if site, form := rec.SiteID.Or(0), rec.FormKey.Or(""); site != 702 && (form == "AE" || form == "DM") {
			want++
		}
	}
	require.Positive(t, want)
	require.Equal(t, want, total("records"))
	require.Positive(t, total("visits"))
	all := study.Count(imednet.Visits)
	require.Less(t, total("visits"), all, "visits belong to sites by their subject")
	require.Less(t, total("variables"), study.Count(imednet.Variables))
	status, _ := post(t, base, `[{"formKey":"AE","subjectKey":"01-001","data":{}}]`)
	require.Equal(t, 403, status)
	study.SetRights(imednettest.Rights{})
	require.Equal(t, study.Count(imednet.Records), totalOf(t, base, "records"))
}

func totalOf(t *testing.T, base, resource string) int {
	_, e := get(t, base+"/DEMO/"+resource+"?size=1")
	return e.Pagination.TotalElements
}

func TestScenarioIsWhatItsJSONSays(t *testing.T) {
	text := `{"seed":3,"faults":[{"method":"GET","path":"records","query":{"page":"2"},"skip":1,"times":-1,"probability":0.5,"status":429,
		"retryAfterDate":"1m30s","delay":"250ms","trickle":"1s","jump":"-2h0m0s","header":{"Server":"gw"},"body":""},{"total":0,"echoPage":0}],
		"settings":{"clampSize":true},"rights":{"sites":[701]},"commitLag":2,"jobs":[{"states":["running","hung"],"reject":{"1":"no"}}],"otherJobs":{"endAfter":3}}`
	s, err := imednettest.ReadScenario(strings.NewReader(text))
	require.NoError(t, err)
	again, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, text, string(again))
	for _, wrong := range []string{`{"fault":[]}`, `{"faults":[{"statuss":500}]}`, `{"faults":[{"delay":5}]}`, `{"faults":[{"delay":"soon"}]}`, `{} {}`, ``, `[`, `{"settings":{"clampsizes":true}}`, `{"settings":{"roleDates":"8"}}`, `{"settings":{"failedJobs":"loud"}}`} {
		_, err := imednettest.ReadScenario(strings.NewReader(wrong))
		require.Error(t, err, wrong)
	}
}

// A recordDataFilter orders numbers as numbers, or as text.
func TestDataFilterAsText(t *testing.T) {
	server, study, base := serve(t, 60)
	ids := study.RecordIDs()
	for i, value := range []string{"100", "65", "66", "9"} {
		require.NoError(t, study.EditRecord(ids[i], "ODD", value))
	}
	over := func(settings imednettest.Settings) int {
		server.Configure(settings)
		_, e := get(t, base+"/DEMO/records?size=500&recordDataFilter="+url.QueryEscape("ODD>65"))
		return e.Pagination.TotalElements
	}
	require.Equal(t, 2, over(imednettest.Settings{}), "100 and 66")
	require.Equal(t, 2, over(imednettest.Settings{DataFilterAsText: true}), "66 and 9")
	_, e := get(t, base+"/DEMO/records?size=500&recordDataFilter="+url.QueryEscape("ODD>65"))
	require.EqualValues(t, ids[2], e.Data[0]["recordId"])
	require.EqualValues(t, ids[3], e.Data[1]["recordId"])
}

// What a status, a keyword and a deletion do to dateModified and to the audit trail is open.
func TestSettingsOfEdits(t *testing.T) {
	server, study, _ := serve(t, 60)
	id := study.RecordIDs()[1]
	for _, c := range []struct {
		settings                imednettest.Settings
		edit                    func() error
		dateMoves, leavesARow   bool
		otherMoves, otherLeaves bool
	}{
		{imednettest.Settings{StatusKeepsDate: true}, func() error { return study.SetStatus(id, "Reviewed") }, true, true, false, true},
		{imednettest.Settings{KeywordsMoveDate: true}, func() error { return study.SetKeywords(id, nil) }, false, false, true, false},
		{imednettest.Settings{DeleteLeavesNoTrace: true}, func() error { return study.DeleteRecord(id, false) }, false, true, false, false},
		{imednettest.Settings{DeleteLeavesNoTrace: true}, func() error { return study.RestoreRecord(id, true) }, true, true, true, false},
	} {
		for _, side := range []struct {
			settings      imednettest.Settings
			moves, leaves bool
		}{{imednettest.Settings{}, c.dateMoves, c.leavesARow}, {c.settings, c.otherMoves, c.otherLeaves}} {
			server.Configure(side.settings)
			before, _ := study.Record(id)
			revisions := study.Count(imednet.RecordRevisions)
			require.NoError(t, c.edit())
			after, _ := study.Record(id)
			require.Equal(t, side.moves, before.DateModified != after.DateModified, "%+v", side.settings)
			require.Equal(t, side.leaves, study.Count(imednet.RecordRevisions) == revisions+1, "%+v", side.settings)
		}
	}
	server.Configure(imednettest.Settings{DeleteLeavesNoTrace: true})
	require.NoError(t, study.DeleteRecord(id, false))
	rec, _ := study.Record(id)
	require.True(t, rec.IsDeleted())
}

// A batch of which one item cannot be stored is stored in part, or not at all.
func TestAllOrNothing(t *testing.T) {
	server, study, base := serve(t, 400)
	state := func() (rows [4]int, data string) {
		for i, resource := range []imednet.Resource{imednet.Records, imednet.RecordRevisions, imednet.Subjects} {
			rows[i] = study.Count(resource)
		}
		rec, _ := study.Record(study.RecordIDs()[1])
		rows[3] = study.StoredItems()
		return rows, string(rec.Raw)
	}
	items := func(last string) string {
		return `[{"formKey":"VS","recordId":` + itoa(study.RecordIDs()[1]) + `,"data":{"SYSBP":141}},{"formKey":"DM","siteName":"Site 01","data":{"AGE":61}},{"formKey":"LOG","subjectKey":"01-001","data":{` + last + `}}]`
	}
	submit := func(last string) imednet.Job {
		_, answer := post(t, base, items(last))
		study.FinishJobs()
		job, err := server.Client().Job(t.Context(), "DEMO", answer["batchId"].(string))
		require.NoError(t, err)
		return job
	}
	server.Configure(imednettest.Settings{AllOrNothing: true})
	before, data := state()
	require.True(t, submit(`"NONE":1`).Failed())
	after, same := state()
	require.Equal(t, before, after)
	require.Equal(t, data, same)
	submitted := study.Submissions()[0]
	require.Equal(t, []string{"another item of the batch cannot be stored", "another item of the batch cannot be stored", "variable NONE is not on the form"},
		[]string{submitted.Items[0].Problem, submitted.Items[1].Problem, submitted.Items[2].Problem})
	require.Zero(t, submitted.Items[0].RecordID+submitted.Items[1].SubjectID)
	require.True(t, submit(`"LOGTXT":"x"`).Succeeded())
	whole, _ := state()
	require.Equal(t, [4]int{before[0] + 2, before[1] + 3, before[2] + 1, 3}, whole)

	server.Configure(imednettest.Settings{})
	require.True(t, submit(`"NONE":1`).Succeeded(), "a job that completed did not store everything")
	part, _ := state()
	require.Equal(t, [4]int{whole[0] + 1, whole[1] + 2, whole[2] + 1, 5}, part)
}

// A failed job has one of four shapes, as a plain HTTP client sees them.
func TestShapesOfAFailedJob(t *testing.T) {
	server, _, base := serve(t, 60)
	for shape, want := range map[imednettest.FailedJob]string{
		imednettest.FailedAsSampled: `{"state":"failed","dateStarted":true,"dateFinished":true}`,
		imednettest.FailedUpperCase: `{"state":"FAILED","dateStarted":true,"dateFinished":true}`,
		imednettest.FailedUndated:   `{"state":"failed","dateStarted":null,"dateFinished":null}`,
		imednettest.FailedWithWords: `{"state":"failed","dateStarted":true,"dateFinished":true,"message":"The job failed","error":{"code":"9000","description":"The job failed"}}`,
	} {
		server.Configure(imednettest.Settings{FailedJobs: shape})
		_, answer := post(t, base, `[{"formKey":"LOG","subjectKey":"nobody","data":{}}]`)
		batch := answer["batchId"]
		for range 2 {
			_, _, body := send(t, request(t, "GET", base+"/DEMO/jobs/"+batch.(string), ""))
			answer = map[string]any{}
			require.NoError(t, json.Unmarshal([]byte(body), &answer))
		}
		require.Equal(t, batch, answer["batchId"])
		for _, name := range []string{"dateStarted", "dateFinished"} {
			if answer[name] != nil {
				answer[name] = true
			}
		}
		delete(answer, "batchId")
		delete(answer, "jobId")
		delete(answer, "dateCreated")
		got, err := json.Marshal(answer)
		require.NoError(t, err)
		require.JSONEq(t, want, string(got), shape)
	}
	server.Configure(imednettest.Settings{})
	status, _, body := send(t, request(t, "GET", base+"/DEMO/jobs/none", ""))
	require.Equal(t, 404, status)
	require.NotEmpty(t, body)
	server.Configure(imednettest.Settings{EmptyUnknownJob: true})
	status, _, body = send(t, request(t, "GET", base+"/DEMO/jobs/none", ""))
	require.Equal(t, 200, status)
	require.Empty(t, body)
}

// The dates of roles, as a plain HTTP client sees them.
func TestRoleDates(t *testing.T) {
	server, _, base := serve(t, 60)
	for form, want := range map[imednettest.RoleDate]string{
		imednettest.RoleDatesMixed:   `[[2024,2,1,10,0,5,625000000],[2024,2,1,10,0],[2023,12,31,23,59,58]]`,
		imednettest.RoleDatesMinutes: `[[2024,2,1,10,0],[2024,2,1,10,0],[2023,12,31,23,59]]`,
		imednettest.RoleDatesSeconds: `[[2024,2,1,10,0,5],[2024,2,1,10,0,0],[2023,12,31,23,59,58]]`,
		imednettest.RoleDatesNanos:   `[[2024,2,1,10,0,5,625000000],[2024,2,1,10,0,0,0],[2023,12,31,23,59,58,0]]`,
		imednettest.RoleDatesText:    `["2024-02-01 10:00:05","2024-02-01 10:00:00","2023-12-31 23:59:58"]`,
		imednettest.RoleDatesNull:    `[null,null,null]`,
	} {
		server.Configure(imednettest.Settings{RoleDates: form})
		_, e := get(t, base+"/DEMO/users?size=3&sort=login,ASC")
		for _, name := range []string{"dateCreated", "dateModified"} {
			var dates []any
			for _, user := range e.Data {
				dates = append(dates, user["roles"].([]any)[0].(map[string]any)[name])
			}
			got, err := json.Marshal(dates)
			require.NoError(t, err)
			require.JSONEq(t, want, string(got), form)
		}
		_, e = get(t, base+"/DEMO/users?size=500&includeInactive=true")
		require.Len(t, e.Data, 12)
		require.Empty(t, e.Data[3]["roles"], "a user without roles")
	}
	require.Panics(t, func() { server.Configure(imednettest.Settings{RoleDates: "8"}) })
	require.Panics(t, func() { server.Configure(imednettest.Settings{FailedJobs: "loud"}) })
}
