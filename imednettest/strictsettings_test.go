package imednettest_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// Booleans and connectors in words are accepted by the setting alone.
func TestBooleansAndWordsInFilters(t *testing.T) {
	server, _, base := serve(t, 60)
	at := func(resource, filter string) int {
		status, _ := get(t, base+"/DEMO/"+resource+"?filter="+url.QueryEscape(filter))
		return status
	}
	for _, c := range []struct {
		settings imednettest.Settings
		resource string
		filters  []string
	}{
		{imednettest.Settings{BooleansInFilter: true}, "variables", []string{"disabled==false", "blinded==false", "disabled!=true"}},
		{imednettest.Settings{BooleansInFilter: true}, "forms", []string{"unscheduledVisit==true", "disabled==false"}},
		{imednettest.Settings{BooleansInFilter: true}, "intervals", []string{"disabled==false"}},
		{imednettest.Settings{DeletedInFilter: true}, "variables", []string{"deleted==false"}},
		{imednettest.Settings{ConnectorWords: true}, "variables", []string{"variableId>1 and formId>1", "variableId>1 or formId>1"}},
	} {
		for _, filter := range c.filters {
			server.Configure(imednettest.Settings{})
			require.Equal(t, 400, at(c.resource, filter), filter)
			server.Configure(c.settings)
			require.Equal(t, 200, at(c.resource, filter), filter)
		}
	}
	server.Configure(imednettest.Settings{BooleansInFilter: true})
	require.Equal(t, 400, at("variables", "deleted==false"), "deleted has a setting of its own")
	status, _ := get(t, base+"/DEMO/records?recordDataFilter="+url.QueryEscape("AGE>1 and SYSBP>1"))
	require.Equal(t, 400, status)
	server.Configure(imednettest.Settings{ConnectorWords: true})
	status, _ = get(t, base+"/DEMO/records?recordDataFilter="+url.QueryEscape("AGE>1 and SYSBP>1"))
	require.Equal(t, 200, status)
}

// A form is filled in where the study's design has it, and elsewhere by the setting alone.
func TestFormsOutOfPlace(t *testing.T) {
	server, study, base := serve(t, 400)
	for _, c := range []struct {
		settings   imednettest.Settings
		item, want string
	}{
		{imednettest.Settings{UnlistedForms: true}, `{"formKey":"CM","subjectKey":"01-001","intervalId":41,"data":{"CMTRT":"x"}}`, "the form is not filled in at this interval"},
		{imednettest.Settings{UnlistedForms: true}, `{"formKey":"DM","subjectKey":"01-001","intervalId":42,"data":{"AGE":61}}`, "the form is not filled in at this interval"},
		{imednettest.Settings{UnscheduledForms: true}, `{"formKey":"VS","subjectKey":"01-001","data":{"SYSBP":120}}`, "the form needs an interval"},
		{imednettest.Settings{UnscheduledForms: true}, `{"formKey":"DM","subjectKey":"01-001","data":{"AGE":61}}`, "the form needs an interval"},
	} {
		records := study.Count(imednet.Records)
		server.Configure(imednettest.Settings{})
		require.Equal(t, []string{c.want}, outcomes(t, study, base, c.item), c.item)
		require.Equal(t, records, study.Count(imednet.Records))
		server.Configure(c.settings)
		require.Equal(t, []string{""}, outcomes(t, study, base, c.item), c.item)
		require.Equal(t, records+1, study.Count(imednet.Records))
	}
	server.Configure(imednettest.Settings{})
	seen := recordOf(t, study, "VS", 701)
	require.Equal(t, []string{"", "", ""}, outcomes(t, study, base,
		`{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"x"}}`, `{"formKey":"DM","siteId":701,"data":{"AGE":61}}`,
		fmt.Sprintf(`{"formKey":"VS","recordId":%d,"data":{"SYSBP":120}}`, seen.RecordID)))
}

// The header holds one address; words are accepted by the setting alone.
func TestWhoIsNotified(t *testing.T) {
	server, study, base := serve(t, 60)
	at := func(email string) int {
		req := request(t, "POST", base+"/DEMO/records", `[{"formKey":"LOG","subjectKey":"01-001","data":{"LOGTXT":"x"}}]`)
		req.Header.Set("x-email-notify", email)
		status, _, _ := send(t, req)
		return status
	}
	for email, want := range map[string]int{"a@b.example": 202, "true": 400, "false": 400, "@": 400, "a@": 400, "nobody": 400, "a@b, c@d": 400, "A <a@b>": 400, "a b@c": 400, "": 400, " ": 400} {
		require.Equal(t, want, at(email), email)
	}
	req := request(t, "POST", base+"/DEMO/records", `[{"formKey":"LOG","subjectKey":"01-001","data":{"LOGTXT":"x"}}]`)
	req.Header["X-Email-Notify"] = []string{"a@b.example", "c@d.example"}
	status, _, _ := send(t, req)
	require.Equal(t, 400, status, "two addresses")
	server.Configure(imednettest.Settings{NotifyWords: true})
	require.Equal(t, []int{202, 202, 400, 202}, []int{at("true"), at("false"), at("TRUE"), at("a@b")})
	require.Len(t, study.Submissions(), 4)
}

// A server has the numbers that HTTP allows.
func TestSettingsThatNoServerHas(t *testing.T) {
	server, _, _ := serve(t, 60)
	for _, s := range []imednettest.Settings{{UnknownStudyStatus: 7}, {UnknownStudyStatus: 600}, {PostStatus: 199}, {PostStatus: 404}, {MaxItems: -1}} {
		require.Panics(t, func() { server.Configure(s) }, "%+v", s)
	}
}

// A server that leaves an interval's forms out says no more than one that lists none: no form is known to
// belong there. Nor is a form unscheduled that does not say so. The listing keeps the difference, and a form is found however the list is written.
func TestIntervalsThatListNoForms(t *testing.T) {
	dir := writeStudy(t)
	intervals := []string{
		`{"studyKey":"DIR","intervalId":1,"intervalName":"Absent"}`,
		`{"studyKey":"DIR","intervalId":2,"intervalName":"Null","forms":null}`,
		`{"studyKey":"DIR","intervalId":3,"intervalName":"Empty","forms":[]}`,
		`{"studyKey":"DIR","intervalId":4,"intervalName":"Over","disabled":true,"forms":[{"formId":5}]}`,
		`{"studyKey":"DIR","intervalId":5,"intervalName":"Spaced","forms":[ {"formKey": "AE" , "formId" : 5 } ]}`,
	}
	write := func(name string, rows ...string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".ndjson"), []byte(strings.Join(rows, "\n")), 0o600))
	}
	write("intervals", intervals...)
	write("forms", `{"studyKey":"DIR","formId":5,"formKey":"AE","formType":"Subject","unscheduledVisit":false}`, `{"studyKey":"DIR","formId":6,"formKey":"Absent"}`,
		`{"studyKey":"DIR","formId":7,"formKey":"Null","unscheduledVisit":null}`, `{"studyKey":"DIR","formId":8,"formKey":"True","unscheduledVisit":true}`)
	write("sites", `{"studyKey":"DIR","siteId":7,"siteName":"Seven"}`)
	write("subjects", `{"studyKey":"DIR","subjectId":1,"subjectKey":"1","siteId":7,"deleted":false}`)
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	server := imednettest.NewServer(study)
	base := imednettest.Start(t, server) + "/api/v1/edc/studies"
	_, _, body := send(t, request(t, "GET", base+"/DIR/intervals", ""))
	require.Contains(t, body, `"data":[`+strings.Join(intervals, ",")+`]`)

	problem := func(settings imednettest.Settings, item string) string {
		server.Configure(settings)
		status, _, _ := send(t, request(t, "POST", base+"/DIR/records", "["+item+"]"))
		require.Equal(t, 202, status)
		study.FinishJobs()
		all := study.Submissions()
		return all[len(all)-1].Items[0].Problem
	}
	for _, name := range []string{"Absent", "Null", "Empty"} {
		item := `{"formKey":"AE","subjectKey":"1","intervalName":"` + name + `","data":{}}`
		require.Equal(t, "the form is not filled in at this interval", problem(imednettest.Settings{}, item), name)
		require.Empty(t, problem(imednettest.Settings{UnlistedForms: true}, item), name)
	}
	for _, key := range []string{"AE", "Absent", "Null"} {
		item := `{"formKey":"` + key + `","subjectKey":"1","data":{}}`
		require.Equal(t, "the form needs an interval", problem(imednettest.Settings{}, item), key)
		require.Empty(t, problem(imednettest.Settings{UnscheduledForms: true}, item), key)
	}
	require.Empty(t, problem(imednettest.Settings{}, `{"formKey":"True","subjectKey":"1","data":{}}`))
	require.Empty(t, problem(imednettest.Settings{}, `{"formKey":"AE","subjectKey":"1","intervalName":"Spaced","data":{}}`))
	require.Empty(t, problem(imednettest.Settings{}, `{"formKey":"AE","siteId":7,"data":{}}`))
	ids := study.RecordIDs()
	registered, _ := study.Record(ids[len(ids)-1])
	require.Equal(t, int64(5), registered.IntervalID.Or(0), "the first interval that is in use")
}
