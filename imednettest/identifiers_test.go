package imednettest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// rowsOf reads the first page of a listing over HTTP.
func rowsOf(t *testing.T, base, resource string) []map[string]any {
	t.Helper()
	status, e := get(t, base+"/DEMO/"+resource+"?size=500")
	require.Equal(t, http.StatusOK, status)
	return e.Data
}

// recordOf returns a record that is not deleted, of a form and a site.
func recordOf(t *testing.T, study *imednettest.Study, form string, site int64) imednet.Record {
	t.Helper()
	for _, id := range study.RecordIDs() {
		if rec, ok := study.Record(id); ok && rec.FormKey.Or("") == form && rec.SiteID.Or(0) == site && !rec.IsDeleted() {
			return rec
		}
	}
	require.FailNow(t, "no such record")
	return imednet.Record{}
}

// An item that names one thing by two identifiers is stored only if both name the same thing.
func TestIdentifiersThatContradictEachOther(t *testing.T) {
	_, study, base := serve(t, 400)
	event := recordOf(t, study, "AE", 701)
	scheduled := recordOf(t, study, "VS", 701)
	subject, site := event.SubjectKey.Or(""), event.SiteID.Or(0)
	var form, other, otherSubject any
	for _, row := range rowsOf(t, base, "forms") {
		switch row["formKey"] {
		case "AE":
			form = row["formId"]
		case "CM":
			other = row["formId"]
		}
	}
	for _, row := range rowsOf(t, base, "subjects") {
		if row["subjectKey"] != subject && row["siteId"] == 701.0 && row["deleted"] == false {
			otherSubject = row["subjectId"]
		}
	}
	ae := func(keys string, values ...any) string {
		return `{"formKey":"AE","data":{"AETERM":"x"},` + fmt.Sprintf(keys, values...) + `}`
	}
	vs := func(keys string, values ...any) string {
		return `{"formKey":"VS","data":{"SYSBP":120},` + fmt.Sprintf(keys, values...) + `}`
	}
	records, subjects := study.Count(imednet.Records), study.Count(imednet.Subjects)
	for item, want := range map[string]string{
		ae(`"subjectKey":%q,"subjectId":%v`, subject, otherSubject):                                      "subjectId and subjectKey name different rows",
		ae(`"subjectId":%v,"subjectOid":"none"`, otherSubject):                                           "subjectId and subjectOid name different rows",
		ae(`"subjectKey":%q,"formId":%v`, subject, other):                                                "formId and formKey name different rows",
		ae(`"subjectKey":%q,"siteId":702`, subject):                                                      "the subject has another siteId",
		ae(`"subjectKey":%q,"siteName":"Site 03"`, subject):                                              "the subject has another siteId",
		ae(`"subjectKey":%q,"siteId":999`, subject):                                                      "siteId is unknown",
		ae(`"recordId":%d,"siteId":702`, event.RecordID):                                                 "the record has another siteId",
		ae(`"recordId":%d,"recordOid":"none"`, event.RecordID):                                           "recordId and recordOid name different rows",
		ae(`"recordId":%d,"subjectId":%v`, event.RecordID, otherSubject):                                 "the record has another subjectId",
		`{"formKey":"DM","siteId":701,"siteName":"Site 03","data":{"AGE":61}}`:                           "siteId and siteName name different rows",
		vs(`"subjectKey":%q,"intervalName":"Registration","intervalId":42`, scheduled.SubjectKey.Or("")): "intervalId and intervalName name different rows",
	} {
		require.Equal(t, []string{want}, outcomes(t, study, base, item), item)
	}
	require.Equal(t, []int{records, subjects}, []int{study.Count(imednet.Records), study.Count(imednet.Subjects)})
	same, _ := study.Record(event.RecordID)
	require.Equal(t, string(event.Raw), string(same.Raw))

	for _, item := range []string{
		ae(`"subjectKey":%q,"subjectId":%d,"siteId":%d,"siteName":"Site 01","formId":%v`, subject, event.SubjectID.Or(0), site, form),
		ae(`"recordId":%d,"subjectKey":%q,"siteId":%d`, event.RecordID, subject, site),
		vs(`"subjectKey":%q,"intervalName":"Registration","intervalId":41`, scheduled.SubjectKey.Or("")),
	} {
		require.Equal(t, []string{""}, outcomes(t, study, base, item), item)
	}
}
