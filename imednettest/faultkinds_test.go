package imednettest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// seen is what a plain HTTP client sees of one request.
type seen struct {
	status int
	header http.Header
	body   string
	err    error
	page   envelope
}

func (s seen) ids() (ids []float64) {
	for _, row := range s.page.Data {
		ids = append(ids, row["recordId"].(float64))
	}
	return ids
}

// plainly sends a request without following redirects, on a connection of its own: net/http sends a
// GET again when a connection that it used before breaks.
func plainly(t *testing.T, method, url, body string) seen {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(request(t, method, url, body))
	if err != nil {
		return seen{err: err}
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	s := seen{status: res.StatusCode, header: res.Header, body: string(read), err: err}
	_ = json.Unmarshal(read, &s.page) // what is no envelope stays empty
	return s
}

// Every kind of fault can be written as JSON, and shows over HTTP as what it is. Each scenario is met by
// five requests for the first page of 20 of 60 records; want says what becomes of them: "." is the
// page as ever, and "x" one that effect accepts.
func TestEveryKindOfFaultAsJSONOverHTTP(t *testing.T) {
	broken := func(s seen) bool { return s.err != nil && s.status == 0 }
	status := func(n int) func(seen) bool { return func(s seen) bool { return s.status == n && s.err == nil } }
	retryAfter := func(want string) func(seen) bool {
		return func(s seen) bool { return s.status == 429 && s.header.Get("Retry-After") == want }
	}
	for name, c := range map[string]struct {
		scenario, want string
		effect         func(seen) bool
	}{
		"nth":         {`{"faults":[{"skip":2,"status":500}]}`, "..x..", status(500)},
		"times":       {`{"faults":[{"skip":1,"times":3,"status":500}]}`, ".xxx.", status(500)},
		"path":        {`{"faults":[{"path":"forms","times":-1,"status":500},{"path":"/records","status":503}]}`, "x....", status(503)},
		"query":       {`{"faults":[{"query":{"size":"20","filter":""},"status":500},{"query":{"size":"21"},"status":503}]}`, "x....", status(500)},
		"any value":   {`{"faults":[{"query":{"page":"*"},"times":-1,"status":500}]}`, ".....", status(500)},
		"probability": {`{"seed":4,"faults":[{"probability":0.5,"times":-1,"status":500}]}`, "..x..", status(500)},
		"of API": {`{"faults":[{"status":403}]}`, "x....", func(s seen) bool {
			return s.status == 403 && s.page.Metadata.Status == "FORBIDDEN" && s.page.Metadata.Error.Code == "9001"
		}},
		"of a gateway": {`{"faults":[{"status":504,"body":"{\"message\": \"Endpoint request timed out\"}"}]}`, "x....", func(s seen) bool {
			return s.status == 504 && s.body == `{"message": "Endpoint request timed out"}`
		}},
		"login page": {`{"faults":[{"body":"<html><title>Sign in</title></html>"}]}`, "x....", func(s seen) bool {
			return s.status == 200 && strings.HasPrefix(s.header.Get("Content-Type"), "text/html") && strings.Contains(s.body, "Sign in")
		}},
		"2xx without body": {`{"faults":[{"status":204,"body":""}]}`, "x....", func(s seen) bool { return s.status == 204 && s.body == "" }},
		"header": {`{"faults":[{"header":{"Server":"gw","Content-Type":"text/plain"}}]}`, "x....", func(s seen) bool {
			return s.header.Get("Server") == "gw" && s.header.Get("Content-Type") == "text/plain" && len(s.page.Data) == 20
		}},
		"redirect":          {`{"faults":[{"redirect":"https://elsewhere.invalid/"}]}`, "x....", func(s seen) bool { return s.status == 307 && s.header.Get("Location") == "https://elsewhere.invalid/" }},
		"other redirect":    {`{"faults":[{"redirect":"/login","status":302}]}`, "x....", func(s seen) bool { return s.status == 302 && s.header.Get("Location") == "/login" }},
		"seconds":           {`{"faults":[{"status":429,"retryAfter":"7"}]}`, "x....", retryAfter("7")},
		"nonsense":          {`{"faults":[{"status":429,"retryAfter":"soon"}]}`, "x....", retryAfter("soon")},
		"date":              {`{"faults":[{"status":429,"retryAfterDate":"1m30s"}]}`, "x....", retryAfter("Mon, 05 Jan 2026 00:01:30 GMT")},
		"date that passed":  {`{"faults":[{"status":429,"retryAfterDate":"-30s"}]}`, "x....", retryAfter("Sun, 04 Jan 2026 23:59:30 GMT")},
		"none":              {`{"faults":[{"status":429}]}`, "x....", retryAfter("")},
		"rate":              {`{"faults":[{"perSecond":3,"times":-1,"status":429,"retryAfter":"1"}]}`, "...xx", retryAfter("1")},
		"size echoed":       {`{"faults":[{"echoSize":19}]}`, "x....", func(s seen) bool { return s.page.Pagination.Size == 19 && len(s.page.Data) == 20 }},
		"page echoed":       {`{"faults":[{"echoPage":2}]}`, "x....", func(s seen) bool { return s.page.Pagination.CurrentPage == 2 && len(s.page.Data) == 20 }},
		"skipped":           {`{"faults":[{"skipRow":true}]}`, "x....", func(s seen) bool { return len(s.page.Data) == 19 && s.ids()[0] == 100002 }},
		"doubled":           {`{"faults":[{"repeatRow":true}]}`, "x....", func(s seen) bool { return len(s.page.Data) == 21 && s.ids()[0] == s.ids()[1] }},
		"swapped":           {`{"faults":[{"swapRows":true}]}`, "x....", func(s seen) bool { return len(s.page.Data) == 20 && s.ids()[19] == 100001 }},
		"cut":               {`{"faults":[{"cutRows":5}]}`, "x....", func(s seen) bool { return len(s.page.Data) == 15 && s.page.Pagination.TotalElements == 60 }},
		"empty":             {`{"faults":[{"empty":true}]}`, "x....", func(s seen) bool { return s.page.Data != nil && len(s.page.Data)+s.page.Pagination.TotalElements == 0 }},
		"empty with total":  {`{"faults":[{"emptyPage":true}]}`, "x....", func(s seen) bool { return len(s.page.Data) == 0 && s.page.Pagination.TotalElements == 60 }},
		"total added":       {`{"faults":[{"addTotal":-7}]}`, "x....", func(s seen) bool { return s.page.Pagination.TotalElements == 53 }},
		"total":             {`{"faults":[{"total":0}]}`, "x....", func(s seen) bool { return s.page.Pagination.TotalElements == 0 && len(s.page.Data) == 20 }},
		"no data":           {`{"faults":[{"omitData":true}]}`, "x....", func(s seen) bool { return s.status == 200 && !strings.Contains(s.body, `"data"`) }},
		"rows over":         {`{"faults":[{"overRows":19,"times":-1,"status":413}]}`, "xxxxx", status(413)},
		"rows within":       {`{"faults":[{"overRows":20,"times":-1,"status":413}]}`, ".....", status(413)},
		"bytes over":        {`{"faults":[{"overBytes":3000,"times":-1,"status":504}]}`, "xxxxx", status(504)},
		"bytes within":      {`{"faults":[{"overBytes":3000000,"times":-1,"status":504}]}`, ".....", status(504)},
		"malformed":         {`{"faults":[{"malformed":true}]}`, "x....", func(s seen) bool { return s.err == nil && !json.Valid([]byte(s.body)) }},
		"reset before":      {`{"faults":[{"reset":true}]}`, "x....", broken},
		"reset within":      {`{"faults":[{"truncate":true}]}`, "x....", func(s seen) bool { return errors.Is(s.err, io.ErrUnexpectedEOF) && s.status == 200 && s.body != "" }},
		"reset after":       {`{"faults":[{"reset":true,"afterApply":true}]}`, "x....", broken},
		"keys expire":       {`{"faults":[{"skip":3,"times":-1,"status":401}]}`, "...xx", status(401)},
		"clock":             {`{"faults":[{"skip":1,"jump":"-2h"}]}`, ".xxxx", func(s seen) bool { return s.page.Metadata.Timestamp == "2025-08-22 23:00:00" && len(s.page.Data) == 20 }},
		"slow":              {`{"faults":[{"delay":"1h"}]}`, ".....", nil},
		"trickling":         {`{"faults":[{"trickle":"1h"}]}`, ".....", nil},
		"right of resource": {`{"rights":{"refused":["records"]}}`, "xxxxx", status(403)},
		"hidden resource":   {`{"rights":{"hidden":["records"]}}`, "xxxxx", func(s seen) bool { return s.status == 200 && s.page.Pagination.TotalElements == 0 }},
		"right of form": {`{"rights":{"forms":["AE"]}}`, "xxxxx", func(s seen) bool {
			return len(s.page.Data) == s.page.Pagination.TotalElements && s.page.Data[0]["formKey"] == "AE"
		}},
		"right of site": {`{"rights":{"sites":[702]}}`, "xxxxx", func(s seen) bool { return s.page.Data[0]["siteId"] == 702.0 }},
		"setting":       {`{"settings":{"maxItems":1,"hideDeleted":true}}`, "?????", func(s seen) bool { return s.page.Pagination.TotalElements <= 60 }},
		"bulk stamp": {`{"changes":[{"kind":"stamp","after":2,"rows":60}]}`, "..xxx", func(s seen) bool {
			return s.page.Data[0]["dateModified"] == s.page.Data[19]["dateModified"] && len(s.page.Data) == 20
		}},
		"removal":    {`{"changes":[{"kind":"remove","after":3}]}`, "...xx", func(s seen) bool { return s.page.Pagination.TotalElements == 59 }},
		"inserts":    {`{"changes":[{"kind":"insert","every":1,"rows":2}]}`, "xxxxx", func(s seen) bool { return s.page.Pagination.TotalElements > 60 }},
		"commit lag": {`{"commitLag":2,"changes":[{"kind":"insert","rows":2}]}`, "xxx", func(s seen) bool { return s.page.Pagination.TotalElements == 61 }},
	} {
		t.Run(name, func(t *testing.T) {
			server, study, base := serve(t, 60)
			clock := imednettest.NewClock(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
			server.SetClock(clock)
			study.SetTime(time.Date(2025, 8, 23, 1, 0, 0, 0, time.UTC))
			address := base + "/DEMO/records?size=20&sort=recordId,ASC"
			usual := plainly(t, "GET", address, "")
			scenario, err := imednettest.ReadScenario(strings.NewReader(c.scenario))
			require.NoError(t, err)
			server.Play(scenario)
			got := ""
			for n := range c.want {
				s := plainly(t, "GET", address, "")
				switch {
				case c.want[n] == '?':
					require.True(t, c.effect(s), "request %d: %d %.300s", n, s.status, s.body)
					got += "?"
				case s.err == nil && s.status == usual.status && s.body == usual.body && s.header.Get("Server") == "":
					got += "."
				case c.effect != nil && c.effect(s):
					got += "x"
				default:
					got += fmt.Sprintf("[%d %v %.200s]", s.status, s.err, s.body)
				}
			}
			require.Equal(t, c.want, got)
			switch name {
			case "slow":
				require.Equal(t, []time.Duration{time.Hour}, clock.Slept())
			case "trickling":
				require.GreaterOrEqual(t, len(clock.Slept()), 7, "the last pause may come after the last byte")
			}
		})
	}
}

// Changes that come by themselves, each as the edit that it is named for.
func TestPlannedChanges(t *testing.T) {
	for kind, c := range map[string]struct{ revisions, dates, rows int }{
		"edit": {3, 3, 0}, "silent": {0, 3, 0}, "stamp": {0, 3, 0}, "insert": {3, 0, 3}, "delete": {3, 3, 0}, "restore": {3, 3, 0},
		"remove": {0, 0, -3}, "keywords": {0, 0, 0}, "rename": {0, 0, 0}, "move": {0, 0, 0},
	} {
		run := func() (*imednettest.Study, map[int64]imednet.Record) {
			server, study, _ := serve(t, 400)
			before := map[int64]imednet.Record{}
			for _, id := range study.RecordIDs() {
				before[id], _ = study.Record(id)
			}
			scenario, err := imednettest.ReadScenario(strings.NewReader(`{"seed":5,"changes":[{"kind":"` + kind + `","after":1,"rows":3}]}`))
			require.NoError(t, err)
			server.Play(scenario)
			for n := range 3 {
				_, err := server.Client().ProbeRecords(t.Context(), "DEMO", imednet.Filter{})
				require.NoError(t, err)
				if n == 0 {
					for id, rec := range before {
						now, _ := study.Record(id)
						require.Equal(t, string(rec.Raw), string(now.Raw), "%s: not yet", kind)
					}
				}
			}
			return study, before
		}
		study, before := run()
		_, plain, _ := serve(t, 400)
		changed, dates := 0, 0
		for _, id := range study.RecordIDs() {
			now, _ := study.Record(id)
			if then, old := before[id]; old && string(then.Raw) != string(now.Raw) {
				changed++
				if then.DateModified != now.DateModified {
					dates++
				}
			}
		}
		require.Equal(t, c.revisions, study.Count(imednet.RecordRevisions)-plain.Count(imednet.RecordRevisions), kind)
		require.Equal(t, c.dates, dates, kind)
		require.Equal(t, c.rows, study.Count(imednet.Records)-plain.Count(imednet.Records), kind)
		if c.rows == 0 {
			require.GreaterOrEqual(t, changed, 3, kind)
		}
		again, _ := run()
		for _, id := range study.RecordIDs() {
			a, _ := study.Record(id)
			b, _ := again.Record(id)
			require.Equal(t, string(a.Raw), string(b.Raw), "%s: by the seed", kind)
		}
	}
	for _, wrong := range []string{`{"changes":[{"kind":"explode"}]}`, `{"changes":[{}]}`, `{"changes":[{"kind":"edit","after":-1}]}`, `{"changes":[{"kind":"edit","row":1}]}`} {
		_, err := imednettest.ReadScenario(strings.NewReader(wrong))
		require.Error(t, err, wrong)
	}
}
