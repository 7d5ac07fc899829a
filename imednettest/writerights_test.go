package imednettest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// Keys that may not see a form or a site cannot write to it either, and are told the same as if it
// did not exist.
func TestRightsLimitWrites(t *testing.T) {
	_, study, base := serve(t, 400)
	hiddenForm, hiddenSite := recordOf(t, study, "AE", 701), recordOf(t, study, "VS", 702)
	seen := recordOf(t, study, "VS", 701)
	study.SetRights(imednettest.Rights{Forms: []string{"VS", "DM"}, Sites: []int64{701}})
	records, subjects := study.Count(imednet.Records), study.Count(imednet.Subjects)
	for item, want := range map[string]string{
		fmt.Sprintf(`{"formKey":"AE","subjectKey":%q,"data":{"AETERM":"x"}}`, seen.SubjectKey.Or("")):                                "formKey is unknown",
		`{"formKey":"NONE","subjectKey":"01-001","data":{"AETERM":"x"}}`:                                                             "formKey is unknown",
		fmt.Sprintf(`{"formId":%d,"subjectKey":%q,"data":{"NONE":"x"}}`, hiddenForm.FormID.Or(0), seen.SubjectKey.Or("")):            "formId is unknown",
		fmt.Sprintf(`{"formKey":"VS","subjectKey":%q,"intervalId":41,"data":{"SYSBP":120}}`, hiddenSite.SubjectKey.Or("")):           "subjectKey is unknown",
		fmt.Sprintf(`{"formKey":"VS","subjectId":%d,"intervalId":41,"data":{"SYSBP":120}}`, hiddenSite.SubjectID.Or(0)):              "subjectId is unknown",
		`{"formKey":"DM","siteId":702,"data":{"AGE":61}}`:                                                                            "siteId is unknown",
		`{"formKey":"DM","siteName":"Site 03","data":{"AGE":61}}`:                                                                    "siteName is unknown",
		fmt.Sprintf(`{"formKey":"AE","recordId":%d,"data":{"AETERM":"x"}}`, hiddenForm.RecordID):                                     "formKey is unknown",
		fmt.Sprintf(`{"formKey":"VS","recordId":%d,"data":{"SYSBP":120}}`, hiddenForm.RecordID):                                      "recordId is unknown",
		fmt.Sprintf(`{"formKey":"VS","recordId":%d,"data":{"SYSBP":120}}`, hiddenSite.RecordID):                                      "recordId is unknown",
		fmt.Sprintf(`{"formKey":"VS","recordId":%d,"subjectId":%d,"data":{"SYSBP":120}}`, seen.RecordID, hiddenSite.SubjectID.Or(0)): "subjectId is unknown",
	} {
		require.Equal(t, []string{want}, outcomes(t, study, base, item), item)
	}
	require.Equal(t, []int{records, subjects}, []int{study.Count(imednet.Records), study.Count(imednet.Subjects)})
	for _, before := range []imednet.Record{hiddenForm, hiddenSite, seen} {
		after, _ := study.Record(before.RecordID)
		require.Equal(t, string(before.Raw), string(after.Raw))
	}
	require.Equal(t, []string{"", ""}, outcomes(t, study, base,
		fmt.Sprintf(`{"formKey":"VS","recordId":%d,"data":{"SYSBP":120}}`, seen.RecordID), `{"formKey":"DM","siteId":701,"data":{"AGE":61}}`))
}

// Neither an interval nor a visit names a form that the keys may not see.
func TestHiddenFormsAreNamedNowhere(t *testing.T) {
	_, study, base := serve(t, 400)
	everything := func() string {
		var all []any
		for _, resource := range []string{"forms", "intervals", "variables", "visits", "queries", "records", "recordRevisions", "codings"} {
			all = append(all, rowsOf(t, base, resource))
		}
		text, err := json.Marshal(all)
		require.NoError(t, err)
		return string(text)
	}
	for _, name := range []string{`"VS"`, `"Vital Signs"`, `"VSDTC"`, `"Demographics"`} {
		require.Contains(t, everything(), name)
	}
	study.SetRights(imednettest.Rights{Forms: []string{"LB", "AE"}})
	shown := everything()
	for _, name := range []string{`"VS"`, `"Vital Signs"`, `"VSDTC"`, `"DM"`, `"Demographics"`, `"DMDTC"`} {
		require.False(t, strings.Contains(shown, name), name)
	}
	var keys []any
	for _, f := range rowsOf(t, base, "intervals")[0]["forms"].([]any) {
		keys = append(keys, f.(map[string]any)["formKey"])
	}
	require.Equal(t, []any{"LB"}, keys)
	study.SetRights(imednettest.Rights{Hidden: []imednet.Resource{imednet.Forms}})
	for _, row := range rowsOf(t, base, "intervals") {
		require.Empty(t, row["forms"])
	}
}
