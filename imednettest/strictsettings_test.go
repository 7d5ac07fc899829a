package imednettest_test

import (
	"fmt"
	"net/url"
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
	for email, want := range map[string]int{"a@b.example": 202, "true": 400, "false": 400, "@": 400, "a@": 400, "nobody": 400, "a@b, c@d": 400, "A <a@b>": 400, "a b@c": 400} {
		require.Equal(t, want, at(email), email)
	}
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
