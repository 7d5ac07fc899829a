package imednettest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// bothWays plays a scenario on a study of 60 records and sends requests with and without a network.
func bothWays(t *testing.T, scenario string, ask func(t *testing.T, study *imednettest.Study, send func(method, query string) (int, envelope))) {
	t.Helper()
	for _, way := range []string{"over HTTP", "in process"} {
		t.Run(way, func(t *testing.T) {
			server, study, base := serve(t, 60)
			client := http.DefaultClient
			if way == "in process" {
				base, client = "https://imednettest.invalid/api/v1/edc/studies", &http.Client{Transport: server.Transport()}
			}
			s, err := imednettest.ReadScenario(strings.NewReader(scenario))
			require.NoError(t, err)
			server.Play(s)
			ask(t, study, func(method, query string) (int, envelope) {
				return through(t, client, request(t, method, base+"/DEMO/records?"+query, ""))
			})
		})
	}
}

// through sends a request and reads what it answers; no body is no envelope.
func through(t *testing.T, client *http.Client, req *http.Request) (int, envelope) {
	t.Helper()
	res, err := client.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	var e envelope
	if len(body) > 0 {
		require.NoError(t, json.Unmarshal(body, &e))
	}
	if res.StatusCode == http.StatusNoContent || res.StatusCode == http.StatusNotModified {
		require.Empty(t, body)
	}
	return res.StatusCode, e
}

const firstPage = "size=20&sort=recordId,ASC"

func idsOf(e envelope) []float64 { return seen{page: e}.ids() }

func TestRowsAreSkippedOrDoubledAcrossABorder(t *testing.T) {
	bothWays(t, `{"faults":[{"query":{"page":"1"},"shiftRows":1},{"query":{"page":"1"},"shiftRows":-1}]}`, func(t *testing.T, study *imednettest.Study, send func(string, string) (int, envelope)) {
		ids := study.RecordIDs()
		for _, c := range []struct{ first, last int }{{21, 40}, {19, 38}, {20, 39}} {
			_, e := send("GET", firstPage+"&page=1")
			got := idsOf(e)
			require.Len(t, got, 20)
			require.Equal(t, []float64{float64(ids[c.first]), float64(ids[c.last])}, []float64{got[0], got[19]})
			require.Equal(t, 60, e.Pagination.TotalElements)
		}
	})
}

func TestARowIsSkippedAndThePageRefilled(t *testing.T) {
	bothWays(t, `{"faults":[{"refillRow":true,"times":2}]}`, func(t *testing.T, study *imednettest.Study, send func(string, string) (int, envelope)) {
		ids := study.RecordIDs()
		_, e := send("GET", firstPage)
		got := idsOf(e)
		require.Len(t, got, 20)
		require.NotContains(t, got, float64(ids[10]))
		require.Equal(t, float64(ids[20]), got[19])
		_, e = send("GET", firstPage+"&page=2")
		require.Len(t, e.Data, 20, "the last page has nothing to be refilled from")
	})
}

func TestStaleAnswers(t *testing.T) {
	for stale, old := range map[string]bool{"replica": false, "cache": true} {
		bothWays(t, `{"faults":[{"stale":"`+stale+`","times":1}]}`, func(t *testing.T, study *imednettest.Study, send func(string, string) (int, envelope)) {
			then, id := study.Now(), study.RecordIDs()[0]
			require.NoError(t, study.EditRecord(id, "CHANGED", "x"))
			require.NoError(t, study.RemoveRecord(study.RecordIDs()[1]))
			_, before := send("GET", firstPage)
			_, after := send("GET", firstPage)
			require.Equal(t, []int{60, 59}, []int{before.Pagination.TotalElements, after.Pagination.TotalElements})
			require.NotContains(t, before.Data[0]["recordData"], "CHANGED")
			require.Contains(t, after.Data[0]["recordData"], "CHANGED")
			require.Equal(t, old, before.Metadata.Timestamp == then.Format("2006-01-02 15:04:05"))
			require.NotEqual(t, after.Metadata.Timestamp, then.Format("2006-01-02 15:04:05"))
		})
	}
}

func TestAFilterOrASortIsIgnored(t *testing.T) {
	bothWays(t, `{"faults":[{"ignoreFilter":true},{"ignoreSort":true}]}`, func(t *testing.T, study *imednettest.Study, send func(string, string) (int, envelope)) {
		query := firstPage + "&filter=formKey%3D%3DAE"
		_, all := send("GET", query)
		require.Equal(t, 60, all.Pagination.TotalElements)
		_, scattered := send("GET", firstPage)
		require.Equal(t, "recordId", scattered.Pagination.Sort[0].Property)
		_, usual := send("GET", firstPage)
		require.NotEqual(t, idsOf(usual), idsOf(scattered))
		require.Len(t, scattered.Data, 20)
		_, few := send("GET", query)
		require.Less(t, few.Pagination.TotalElements, 60)
	})
}

// Statuses without a body have none on either way, whatever the fault says of the body.
func TestStatusesWithoutABody(t *testing.T) {
	bothWays(t, `{"faults":[{"status":204},{"status":304}]}`,
		func(t *testing.T, _ *imednettest.Study, send func(string, string) (int, envelope)) {
			for _, want := range []int{204, 304, 200} {
				status, e := send("GET", firstPage)
				require.Equal(t, want, status)
				require.Equal(t, want == 200, len(e.Data) > 0)
			}
		})
}

// What cannot be played is an error that names the place and the values that it may have.
func TestScenariosThatCannotBePlayed(t *testing.T) {
	for text, want := range map[string]string{
		`{"faults":[{"status":7}]}`:                                 "faults[0]: status 7 is not between 200 and 599",
		`{"faults":[{},{"status":100}]}`:                            "faults[1]: status 100",
		`{"faults":[{"status":199}]}`:                               "status 199",
		`{"faults":[{"status":1000}]}`:                              "status 1000",
		`{"faults":[{"method":"GETT"}]}`:                            `method "GETT" is neither GET nor POST`,
		`{"faults":[{"probability":7}]}`:                            "probability 7 is not between 0 and 1",
		`{"faults":[{"probability":-0.1}]}`:                         "between 0 and 1",
		`{"faults":[{"delay":"-1s"}]}`:                              "delay is negative",
		`{"faults":[{"trickle":"-1s"}]}`:                            "trickle is negative",
		`{"faults":[{"overRows":-1}]}`:                              "overRows is negative",
		`{"faults":[{"cutRows":-1}]}`:                               "cutRows is negative",
		`{"faults":[{"stale":"yes"}]}`:                              "neither replica nor cache",
		`{"faults":[{"path":"recordz"}]}`:                           `path "recordz" ends no path of the API; the paths end in studies, sites`,
		`{"faults":[{"path":"records/"}]}`:                          `path "records/" ends no path of the API`,
		`{"faults":[{"path":"bad"}]}`:                               `path "bad" ends no path of the API`,
		`{"faults":[{"query":{"pgae":"2"}}]}`:                       `query names the parameter "pgae"; the parameters are page, size, sort`,
		`{"faults":[{"header":{"bad name":"x"}}]}`:                  `header "bad name" is not a name`,
		`{"faults":[{"header":{"":"x"}}]}`:                          `header "" is not a name`,
		`{"faults":[{"header":{"X-A":"a\nb"}}]}`:                    `the value of header "X-A" has a line break`,
		`{"faults":[{"header":{"content-length":"3"}}]}`:            `header "content-length" is not for faults to set: see truncate`,
		`{"faults":[{"retryAfter":"1\r\nx: y"}]}`:                   `the value of header "Retry-After" has a line break`,
		`{"faults":[{"redirect":"/x\ny"}]}`:                         `the value of header "Location" has a line break`,
		`{"faults":[{"repeatRow":true,"skipRow":true}]}`:            "repeatRow and skipRow exclude each other",
		`{"faults":[{"empty":true,"cutRows":1}]}`:                   "empty and cutRows exclude each other",
		`{"faults":[{"total":5,"addTotal":2}]}`:                     "total and addTotal exclude each other",
		`{"faults":[{"status":204,"body":"x"}]}`:                    "status 204 and body exclude each other",
		`{"faults":[{"status":304,"truncate":true}]}`:               "status 304 and truncate exclude each other",
		`{"faults":[{"status":204,"trickle":"1ms"}]}`:               "status 204 and trickle exclude each other",
		`{"faults":[{"hang":true,"status":500}]}`:                   "hang and status exclude each other",
		`{"faults":[{"reset":true,"body":""}]}`:                     "reset and body exclude each other",
		`{"faults":[{"status":500,"cutRows":3}]}`:                   "status and cutRows exclude each other",
		`{"faults":[{"body":"","total":3}]}`:                        "body and total exclude each other",
		`{"faults":[{"redirect":"/x","emptyPage":true}]}`:           "redirect and emptyPage exclude each other",
		`{"faults":[{"retryAfter":"1","retryAfterDate":"3s"}]}`:     "retryAfter and retryAfterDate exclude each other",
		`{"faults":[{"method":"POST","cutRows":3}]}`:                "method POST and cutRows exclude each other",
		`{"faults":[{"method":"POST","overRows":3}]}`:               "method POST and overRows exclude each other",
		`{"rights":{"refused":["recordz"]}}`:                        `rights: refused names the resource "recordz"; the resources are studies, sites`,
		`{"rights":{"hidden":["Records"]}}`:                         `the resource "Records"`,
		`{"faults":[{"status":500,"status":503}]}`:                  "/faults/0/status is given twice",
		`{"faults":[{"status":500,"Status":503}]}`:                  "is given twice",
		`{"seed":1,"settings":{},"seed":2}`:                         "/seed is given twice",
		`{"jobs":[{"endAfter":-1}]}`:                                "jobs[0]: endAfter is negative",
		`{"jobs":[{"states":["SUCCESS","completed"]}]}`:             `jobs[0]: states: "SUCCESS" ends the job`,
		`{"otherJobs":{"lose":[-1]}}`:                               "otherJobs: lose",
		`{"commitLag":-1}`:                                          "commitLag is negative",
		`{"fault":[]}`:                                              `there is no member "fault"; did you mean faults?`,
		`{"faults":[{"status":500},{"statuss":502}]}`:               `faults[1]: there is no member "statuss"; did you mean status?`,
		`{"faults":[{"delayy":"1s"}]}`:                              `faults[0]: there is no member "delayy"; did you mean delay?`,
		`{"faults":{"status":500}}`:                                 "faults must be an array, not object",
		`{"faults":[{"status":"502"}]}`:                             "faults[0]: status must be a whole number, not string",
		`{"faults":[{"delay":5}]}`:                                  `faults[0]: delay must be a text such as "1.5s", not number`,
		`{"faults":[{"delay":"5"}]}`:                                "faults[0]: ",
		`{"faults":[null]}`:                                         "faults[0]: null is none",
		`{"faults":[{"path":"jobs","emptyPage":true}]}`:             "the path of a job and emptyPage exclude each other",
		`{"faults":[{"path":"/jobs/x","overRows":3,"status":413}]}`: "the path of a job and overRows exclude each other",
		`{"faults":[{"overRows":5,"times":-1}]}`:                    "overRows says when something happens, and no member says what",
		`{"faults":[{"overBytes":5}]}`:                              "overBytes says when",
		`{"faults":[{"perSecond":5}]}`:                              "perSecond says when",
		`{"faults":[{"concurrent":5}]}`:                             "concurrent says when",
		`{"faults":[{"method":"POST","afterApply":true}]}`:          "afterApply says when",
		`{"faults":[{"reset":true,"malformed":true}]}`:              "reset and malformed exclude each other",
		`{"faults":[{"hang":true,"retryAfter":"5"}]}`:               "hang and retryAfter exclude each other",
		`{"faults":[{"hang":true,"delay":"5s"}]}`:                   "hang and delay exclude each other",
		`{"faults":[{"redirect":"/x","status":200}]}`:               "redirect and status 200 exclude each other",
		`{"faults":[{"status":304,"malformed":true}]}`:              `status 304 and malformed exclude each other`,
		`{"faults":[{"query":{"page":"two"},"status":500}]}`:        `query has the page "two", which is no number`,
		`{"settings":{"clampSizes":true}}`:                          `settings: there is no member "clampSizes"; did you mean clampSize?`,
		`{"settings":{"clampSize":"yes"}}`:                          "settings: clampSize must be true or false, not string",
		`{"seed":-1}`:                                               "seed: must be a whole number that is not negative",
		`{"changes":[{"kind":"edit","keepDate":true}]}`:             "changes[0]: keepDate is for silent, delete and restore, not for edit",
		`{"jobs":[{"reject":{"1":"x"},"lose":[1]}]}`:                "jobs[0]: reject and lose both have the item 1",
		`{"jobs":[{"resultURL":"https://x/","resultText":"[]"}]}`:   "jobs[0]: resultURL leads elsewhere",
		`{"otherJobs":{"result":"[]"}}`:                             `otherJobs: there is no member "result"`,
		`null`:                                                      "null is no scenario",
		``:                                                          "it is empty",
		`{} {}`:                                                     "something follows the scenario",
		`{"changes":[{"kind":"edit"},{"kind":"explode"}]}`:          "changes[1]:",
		`{"settings":{"postStatus":404}}`:                           "settings: postStatus 404 is not between 200 and 299",
		`{"connection":{"tls":"odd"}}`:                              "connection: tls",
	} {
		_, err := imednettest.ReadScenario(strings.NewReader(text))
		require.ErrorContains(t, err, want, text)
	}
	for _, text := range []string{`{"faults":[{"path":"/jobs/x"},{"path":"studies"},{"path":"Revisions"},{"path":"000001/results"},{"addTotal":-5,"jump":"-1h","retryAfterDate":"-1s"},{"total":0,"cutRows":2,"shiftRows":-1},{"hang":true,"afterApply":true},{"status":204,"body":""},{"status":503,"body":"","truncate":true,"query":{"page":"*","filter":""},"header":{"x-a":"b"}}]}`} {
		_, err := imednettest.ReadScenario(strings.NewReader(text))
		require.NoError(t, err, text)
	}
	server, _, _ := serve(t, 60)
	require.Panics(t, func() { server.Inject(imednettest.Fault{Status: 100}) })
	require.ErrorContains(t, server.Check(imednettest.Scenario{Rights: imednettest.Rights{Forms: []string{"AE", "NOFORM"}}}), `rights: no study has the form "NOFORM"; the forms are DM, VS`)
	require.ErrorContains(t, server.Check(imednettest.Scenario{Rights: imednettest.Rights{Sites: []int64{9}}}), "no study has the site 9; the sites are 701")
	require.NoError(t, server.Check(imednettest.Scenario{Rights: imednettest.Rights{Forms: []string{"AE"}, Sites: []int64{701}}}))
	for path, known := range map[string]bool{
		"": true, "records": true, "/DEMO/records": true, "/edc/studies/DEMO/records": true, "studies": true, "jobs": true, "/DEMO/jobs": true, "DEMO/jobs/x": true,
		"7/results": true, "000001": true, "OTHER/records": false, "/OTHER/jobs/x": false, "/studies/DEMO/studies/records": false,
	} {
		err := server.Check(imednettest.Scenario{Faults: []imednettest.Fault{{Path: path}}})
		require.Equal(t, known, err == nil, path)
	}
}

// A status of success that is told to have no body has none, instead of a listing that no server sends.
func TestAStatusOfSuccessWithoutABody(t *testing.T) {
	for _, way := range []string{"GET", "POST"} {
		server, _, base := serve(t, 60)
		server.Inject(imednettest.Fault{Status: 200})
		res, err := http.DefaultClient.Do(request(t, way, base+"/DEMO/records", ""))
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, 200, res.StatusCode)
		require.Empty(t, string(body), way)
	}
}
