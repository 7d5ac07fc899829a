package imednettest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/stretchr/testify/require"
)

// envelope is the part of an answer that the contract documents, read by other code than ours.
type envelope struct {
	Metadata struct {
		Status, Method, Path, Timestamp string
		Error                           struct {
			Code, Description string
			Field             struct{ Attribute, Value string }
		}
	}
	Pagination struct {
		CurrentPage, Size, TotalPages, TotalElements int
		Sort                                         []struct{ Property, Direction string }
	}
	Data []map[string]any
}

func request(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("x-api-key", imednettest.APIKey)
	req.Header.Set("x-imn-security-key", imednettest.SecurityKey)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	return req
}

func send(t *testing.T, req *http.Request) (int, http.Header, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, string(body)
}

func get(t *testing.T, address string) (int, envelope) {
	t.Helper()
	status, _, body := send(t, request(t, "GET", address, ""))
	var e envelope
	require.NoError(t, json.Unmarshal([]byte(body), &e), body)
	return status, e
}

func serve(t *testing.T, records int) (*imednettest.Server, *imednettest.Study, string) {
	t.Helper()
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DEMO", Records: records})
	server := imednettest.NewServer(study)
	return server, study, imednettest.Start(t, server) + "/api/v1/edc/studies"
}

func TestEnvelope(t *testing.T) {
	_, study, base := serve(t, 60)
	study.SetTime(time.Date(2026, 3, 2, 14, 5, 31, 0, time.UTC))
	status, e := get(t, base+"/DEMO/records?page=2&size=25&sort=recordId%2CASC")
	require.Equal(t, 200, status)
	require.Equal(t, "OK", e.Metadata.Status)
	require.Equal(t, "GET", e.Metadata.Method)
	require.Equal(t, "/api/v1/edc/studies/DEMO/records", e.Metadata.Path)
	require.Equal(t, "2026-03-02 14:05:31", e.Metadata.Timestamp)
	require.Equal(t, 2, e.Pagination.CurrentPage)
	require.Equal(t, 25, e.Pagination.Size)
	require.Equal(t, 3, e.Pagination.TotalPages)
	require.Equal(t, 60, e.Pagination.TotalElements)
	require.Equal(t, "recordId", e.Pagination.Sort[0].Property)
	require.Equal(t, "ASC", e.Pagination.Sort[0].Direction)
	require.Len(t, e.Data, 10)

	status, e = get(t, base+"/DEMO/records?page=9")
	require.Equal(t, 404, status)
	require.Equal(t, "NOT_FOUND", e.Metadata.Status)
	_, e = get(t, base+"/DEMO/records")
	require.Equal(t, 25, e.Pagination.Size, "the default size")
	status, e = get(t, base+"/DEMO/records?filter=recordId%3C0")
	require.Equal(t, 200, status)
	require.Zero(t, e.Pagination.TotalPages)
	require.NotNil(t, e.Data)
}

// TestDefaultOrderOfVariablesIsTheFormAlone: who pages without the id in the order loses rows.
func TestDefaultOrderOfVariablesIsTheFormAlone(t *testing.T) {
	server, study, base := serve(t, 60)
	server.Configure(imednettest.Settings{SortByAttributes: true})
	seen := func(order string) int {
		ids := map[any]bool{}
		for page := range 10 {
			_, e := get(t, base+"/DEMO/variables?size=5&page="+itoa(int64(page))+order)
			for _, row := range e.Data {
				ids[row["variableId"]] = true
			}
		}
		return len(ids)
	}
	require.Less(t, seen(""), study.Count(imednet.Variables))
	require.Equal(t, study.Count(imednet.Variables), seen("&sort=variableId,ASC"))
	require.Equal(t, study.Count(imednet.Variables), seen("&sort=formKey,ASC&sort=variableId,DESC"))
	_, e := get(t, base+"/DEMO/variables")
	require.Equal(t, "formId", e.Pagination.Sort[0].Property)
	_, e = get(t, base+"/DEMO/variables?sort=variableName,desc&sort=variableId,ASC")
	require.Len(t, e.Pagination.Sort, 2)
	require.Equal(t, "DESC", e.Pagination.Sort[0].Direction)
	require.GreaterOrEqual(t, e.Data[0]["variableName"], e.Data[1]["variableName"])
}

// TestStrictness lists what the server refuses, and what it says about it.
func TestStrictness(t *testing.T) {
	server, study, base := serve(t, 60)
	records := base + "/DEMO/records"
	q := url.QueryEscape
	for name, c := range map[string]struct {
		address, attribute string
		status             int
	}{
		"size over 500":             {records + "?size=501", "size", 400},
		"size 0":                    {records + "?size=0", "size", 400},
		"size text":                 {records + "?size=XX", "size", 400},
		"size with plus":            {records + "?size=%2B5", "size", 400},
		"page negative":             {records + "?page=-1", "page", 400},
		"page twice":                {records + "?page=0&page=1", "page", 400},
		"unknown parameter":         {records + "?limit=5", "limit", 400},
		"unknown attribute":         {records + "?filter=" + q("recordid==5"), "filter", 400},
		"attribute twice":           {records + "?filter=" + q("recordId>5;recordId<9"), "filter", 400},
		"wire-format date":          {records + "?filter=" + q("dateModified>=2024-01-02 03:04:05"), "filter", 400},
		"quoted date":               {records + "?filter=" + q(`dateModified>="2024-01-02T03:04:05Z"`), "filter", 400},
		"date without a time":       {records + "?filter=" + q("dateModified>=2024-01-02"), "filter", 400},
		"blank around operator":     {records + "?filter=" + q("recordId > 5"), "filter", 400},
		"single =":                  {records + "?filter=" + q("recordId=5"), "filter", 400},
		"~=":                        {records + "?filter=" + q("formKey~=A"), "filter", 400},
		"=~ in filter":              {records + "?filter=" + q("formKey=~A"), "filter", 400},
		"mixed connectors":          {records + "?filter=" + q("recordId>5;formKey==AE,siteId==701"), "filter", 400},
		"upper-case boolean":        {records + "?filter=" + q("deleted==False"), "filter", 400},
		"text for a number":         {records + "?filter=" + q("recordId>abc"), "filter", 400},
		"number with a plus":        {records + "?filter=" + q("recordId>+5"), "filter", 400},
		"number with a zero":        {records + "?filter=" + q("recordId>007"), "filter", 400},
		"minus zero":                {records + "?filter=" + q("recordId>-0"), "filter", 400},
		"NUL in a value":            {records + "?filter=" + q("subjectKey==\"a\x00\""), "filter", 400},
		"line break in a value":     {records + "?filter=" + q("subjectKey==\"a\n\""), "filter", 400},
		"control character":         {records + "?recordDataFilter=" + q("AGE==\"a\u0085\""), "recordDataFilter", 400},
		"another encoding":          {records + "?filter=subjectKey%3D%3D%22%FC%22", "filter", 400},
		"another encoding of data":  {records + "?recordDataFilter=AGE%3D%3D%22%FC%22", "recordDataFilter", 400},
		"blank in a bare value":     {records + "?filter=" + q("recordStatus==Record Complete"), "filter", 400},
		"empty filter":              {records + "?filter=", "filter", 400},
		"trailing connector":        {records + "?filter=" + q("recordId>5;"), "filter", 400},
		"raw semicolon":             {records + "?filter=recordId%3E5;formKey%3D%3DAE", "query", 400},
		"mixed recordDataFilter":    {records + "?recordDataFilter=" + q("AESEV==2;AESER==Yes,AENUM>1"), "recordDataFilter", 400},
		"bad regular expression":    {records + "?recordDataFilter=" + q(`AETERM=~"("`), "recordDataFilter", 400},
		"recordDataFilter on forms": {base + "/DEMO/forms?recordDataFilter=" + q("A==1"), "recordDataFilter", 400},
		"filter on users":           {base + "/DEMO/users?filter=" + q("login==x"), "filter", 400},
		"includeInactive on forms":  {base + "/DEMO/forms?includeInactive=true", "includeInactive", 400},
		"includeInactive yes":       {base + "/DEMO/users?includeInactive=yes", "includeInactive", 400},
		"sort without direction":    {records + "?sort=recordId", "sort", 400},
		"sort by unknown":           {records + "?sort=recordID,ASC", "sort", 400},
		"sort twice":                {records + "?sort=recordId,ASC&sort=recordId,DESC", "sort", 400},
		"wrong study":               {base + "/NO-SUCH-STUDY/records", "", 403},
		"no get by id":              {base + "/DEMO", "", 404},
		"unknown resource":          {base + "/DEMO/record-revisions", "", 404},
		"no list of jobs":           {base + "/DEMO/jobs", "", 404},
		"unknown job":               {base + "/DEMO/jobs/x", "", 404},
	} {
		status, e := get(t, c.address)
		require.Equal(t, c.status, status, name)
		require.Equal(t, c.attribute, e.Metadata.Error.Field.Attribute, name)
		require.NotEmpty(t, e.Metadata.Error.Code, name)
		if status == 400 {
			require.Equal(t, "BAD_REQUEST", e.Metadata.Status, name)
			require.Equal(t, "1000", e.Metadata.Error.Code, name)
		}
	}
	require.Empty(t, study.Submissions())
	for _, r := range server.Requests() {
		require.GreaterOrEqual(t, r.Status, 400, r.Path)
	}
}

func TestKeysAndHeaders(t *testing.T) {
	_, _, base := serve(t, 10)
	for header, status := range map[string]int{"x-api-key": 401, "x-imn-security-key": 401, "Accept": 406, "Content-Type": 415} {
		for _, value := range []string{"", "wrong", "application/jsonp", "application/json+x", "text/html, application/json", "application/json extra"} {
			req := request(t, "GET", base, "")
			req.Header.Set(header, value)
			got, _, body := send(t, req)
			require.Equal(t, status, got, "%s %q", header, value)
			require.NotContains(t, body, imednettest.APIKey)
		}
		if header == "Accept" { // a list, which may be in two parts
			continue
		}
		req := request(t, "GET", base, "")
		req.Header.Add(header, req.Header.Get(header))
		got, _, _ := send(t, req)
		require.Equal(t, status, got, "%s twice", header)
	}
	for _, header := range []string{"Accept", "Content-Type"} {
		req := request(t, "GET", base, "")
		req.Header.Set(header, "Application/JSON; charset=utf-8")
		status, _, _ := send(t, req)
		require.Equal(t, 200, status, header)
	}
	for _, charset := range []string{"latin1", "utf-16", ""} {
		req := request(t, "GET", base, "")
		req.Header.Set("Content-Type", "application/json; charset="+charset)
		status, _, _ := send(t, req)
		require.Equal(t, 415, status, charset)
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE", "POST"} {
		status, _, _ := send(t, request(t, method, base+"/DEMO/forms", ""))
		require.Equal(t, 405, status, method)
	}
}

func TestFiltersThatAreAccepted(t *testing.T) {
	server, study, base := serve(t, 800)
	server.Configure(imednettest.Settings{ConnectorWords: true})
	ids := study.RecordIDs()
	rec, _ := study.Record(ids[400])
	for filter, rows := range map[string]int{
		"recordId==" + itoa(ids[400]):                      1,
		"recordId>" + itoa(ids[789]):                       10,
		"recordId>=" + itoa(ids[789]) + ";formKey!=NONE":   11,
		"recordId<=" + itoa(ids[9]):                        10,
		"recordId<" + itoa(ids[9]) + " and siteId!=1 or":   -1,
		"recordId<" + itoa(ids[9]) + ` and formKey!="N O"`: 9,
		"recordId==" + itoa(ids[9]) + ` or formKey=="N O"`: 1,
		"formKey==NONE,recordId==" + itoa(ids[3]):          1,
		"dateModified>=2100-01-01T00:00:00-06:00":          0,
		"dateCreated<2100-01-01T00:00:00Z":                 800,
		"dateModified==" + rec.DateModified.Or(rec.DateCreated.Or(zeroTime())).Filter() + ";recordId==" + itoa(ids[400]): 1,
		"intervalId==0": countRows(t, base, func(r map[string]any) bool { return r["intervalId"] == 0.0 }),
	} {
		status, e := get(t, base+"/DEMO/records?size=500&filter="+url.QueryEscape(filter))
		if rows < 0 {
			require.Equal(t, 400, status, filter)
			continue
		}
		require.Equal(t, 200, status, filter)
		require.Equal(t, rows, e.Pagination.TotalElements, filter)
	}
}
