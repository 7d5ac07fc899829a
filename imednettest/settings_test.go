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
		"page size":         {imednettest.Settings{ClampSize: true}, func() int { return at("size=501") }, 400, 200},
		"page past the end": {imednettest.Settings{RefusePagePastEnd: true}, func() int { return at("page=99") }, 200, 404},
		"two bounds":        {imednettest.Settings{RepeatAttributes: true}, func() int { return filter("recordId>1;recordId<9") }, 400, 200},
		"ids joined by OR":  {imednettest.Settings{RepeatAttributes: true}, func() int { return filter("recordId==1,recordId==2") }, 400, 200},
		"mixed connectors":  {imednettest.Settings{MixConnectors: true}, func() int { return filter("recordId>1;formId<9,siteId==1") }, 400, 200},
		"quoted dates":      {imednettest.Settings{QuoteAnything: true}, func() int { return filter(`dateModified>"2024-01-01T00:00:00Z"`) }, 400, 200},
		"escapes":           {imednettest.Settings{QuoteAnything: true}, func() int { return filter(`formKey=="A\"E"`) }, 400, 200},
		"studyKey":          {imednettest.Settings{StudyKeyInFilter: true}, func() int { return filter("studyKey==DEMO") }, 400, 200},
		"deleted":           {imednettest.Settings{RefuseDeletedInFilter: true}, func() int { return filter("deleted==true") }, 200, 400},
		"sort by another":   {imednettest.Settings{SortByIDOnly: true}, func() int { return at("sort=formId,ASC") }, 200, 400},
		"sort by id":        {imednettest.Settings{SortByIDOnly: true}, func() int { return at("sort=recordId,ASC") }, 200, 200},
		"unknown study":     {imednettest.Settings{UnknownStudyStatus: 404}, func() int { status, _ := get(t, base+"/NONE/records"); return status }, 403, 404},
		"status of a POST":  {imednettest.Settings{PostStatus: 200}, func() int { status, _ := post(t, base, `[{"formKey":"AE","subjectKey":"x","data":{}}]`); return status }, 202, 200},
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
		"retryAfterDate":"1m30s","delay":"250ms","trickle":"1s","jump":"-2h0m0s","header":{"Server":"gw"},"body":"","total":0,"echoPage":0}],
		"settings":{"clampSize":true},"rights":{"sites":[701]},"commitLag":2,"jobs":[{"states":["running","hung"],"reject":{"1":"no"}}],"otherJobs":{"endAfter":3}}`
	s, err := imednettest.ReadScenario(strings.NewReader(text))
	require.NoError(t, err)
	again, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, text, string(again))
	for _, wrong := range []string{`{"fault":[]}`, `{"faults":[{"statuss":500}]}`, `{"faults":[{"delay":5}]}`, `{"faults":[{"delay":"soon"}]}`, `{} {}`, ``, `[`, `{"settings":{"clampsizes":true}}`} {
		_, err := imednettest.ReadScenario(strings.NewReader(wrong))
		require.Error(t, err, wrong)
	}
}
