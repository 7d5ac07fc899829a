package rest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// plain is a reading of the API contract that shares no code with the clients: net/http,
// encoding/json, and offset pages.
type plain struct{ base string }

// plainReply is what the contract documents of an answer.
type plainReply struct {
	Metadata *struct {
		Error struct {
			Code  string
			Field struct{ Attribute, Value string }
		}
	}
	Pagination *struct{ CurrentPage, Size, TotalPages, TotalElements *int }
	Data       *[]json.RawMessage
}

func (p plain) send(t *testing.T, method, path, body string) (status int, text string, err error) {
	r, err := http.NewRequestWithContext(t.Context(), method, p.base+path, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range map[string]string{"x-api-key": imednettest.APIKey, "x-imn-security-key": imednettest.SecurityKey, "Accept": "application/json", "Content-Type": "application/json"} {
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body) // of an error, the status says enough
	return res.StatusCode, string(read), err
}

// outcome puts an answer that is no page into words.
func (p plain) outcome(status int, text string, err error) string {
	if err != nil && (status == 0 || status/100 == 2) {
		return "broken"
	}
	if status/100 == 2 {
		return ""
	}
	var r plainReply
	if json.Unmarshal([]byte(text), &r) != nil || r.Metadata == nil {
		return fmt.Sprintf("status %d", status)
	}
	return strings.TrimRight(fmt.Sprintf("status %d %s %s", status, r.Metadata.Error.Code, r.Metadata.Error.Field.Attribute), " ")
}

// list reads all pages of a listing.
func (p plain) list(t *testing.T, resource, query string) (rows []string, outcome string) {
	for page := 0; ; page++ {
		status, text, err := p.send(t, http.MethodGet, fmt.Sprintf("/DEMO/%s?page=%d&%s", resource, page, query), "")
		if outcome := p.outcome(status, text, err); outcome != "" {
			return nil, outcome
		}
		var r plainReply
		if json.Unmarshal([]byte(text), &r) != nil || r.Data == nil || r.Pagination == nil || r.Pagination.TotalElements == nil {
			return nil, "protocol"
		}
		total, size := *r.Pagination.TotalElements, *r.Pagination.Size
		if *r.Pagination.CurrentPage != page || *r.Pagination.TotalPages != (total+size-1)/size || len(*r.Data) != max(0, min(size, total-page*size)) {
			return nil, "protocol"
		}
		for _, row := range *r.Data {
			rows = append(rows, string(row))
		}
		if (page+1)*size >= total {
			return rows, unique(resource, rows)
		}
	}
}

// unique is "protocol" when an id repeats.
func unique(resource string, rows []string) string {
	seen := map[string]bool{}
	for _, row := range rows {
		var fields map[string]json.RawMessage
		_ = json.Unmarshal([]byte(row), &fields)
		id := string(fields[imednet.Resource(resource).ID()])
		if seen[id] {
			return "protocol"
		}
		seen[id] = true
	}
	return ""
}

// outcomeOf puts a client's error into the same words.
func outcomeOf(err error) string {
	var api *imednet.APIError
	var transport *imednet.TransportError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return strings.TrimRight(fmt.Sprintf("status %d %s %s", api.StatusCode, api.Code, api.Attribute), " ")
	case errors.As(err, &transport):
		return "broken"
	case errors.Is(err, imednet.ErrProtocol):
		return "protocol"
	}
	return "other: " + err.Error()
}

// trio is three equal servers, each with its reader.
type trio struct {
	studies [3]*imednettest.Study
	servers [3]*imednettest.Server
	memory  *imednettest.Client
	rest    *rest.Client
	plain   plain
}

func newTrio(t *testing.T, seed uint64) *trio {
	x := &trio{}
	for i := range x.servers {
		x.studies[i] = imednettest.Generate(imednettest.GenerateOptions{Records: 400, Seed: seed})
		x.servers[i] = imednettest.NewServer(x.studies[i])
	}
	x.memory = x.servers[0].Client()
	var err error
	x.rest, err = rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, x.servers[1])),
		rest.WithClock(newClock()), rest.WithLookAhead(1), rest.WithRetry(rest.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	t.Cleanup(x.rest.CloseIdleConnections)
	x.plain = plain{imednettest.Start(t, x.servers[2]) + "/api/v1/edc/studies"}
	return x
}

// question is a listing in the words of the library and in those of the wire.
type question struct {
	resource imednet.Resource
	opts     imednet.ListOptions
	query    string
}

func randomQuestion(rnd *rand.Rand) question {
	resources := []imednet.Resource{imednet.Records, imednet.RecordRevisions, imednet.Queries, imednet.Subjects, imednet.Visits}
	q := question{resource: resources[rnd.IntN(len(resources))]}
	q.opts.PageSize = 1 + rnd.IntN(500)
	if q.opts.PageSize < 20 {
		q.opts.PageSize += 80
	}
	id := q.resource.ID()
	q.query = "size=" + strconv.Itoa(q.opts.PageSize) + "&sort=" + id + "%2CASC"
	from := map[imednet.Resource]int64{imednet.Records: 100001, imednet.RecordRevisions: 500001, imednet.Queries: 61001, imednet.Subjects: 24001, imednet.Visits: 54001}[q.resource]
	conditions := []struct {
		text string
		f    imednet.Filter
	}{{"", imednet.Filter{}}}
	number := from + rnd.Int64N(500)
	for _, op := range []imednet.Operator{imednet.Less, imednet.LessOrEqual, imednet.Greater, imednet.GreaterOrEqual, imednet.Equal, imednet.NotEqual} {
		conditions = append(conditions, struct {
			text string
			f    imednet.Filter
		}{id + string(op) + strconv.FormatInt(number, 10), imednet.Where(id, op, number)})
	}
	at := time.Date(2024, 1, 1+rnd.IntN(600), rnd.IntN(24), 0, 0, 0, time.UTC)
	conditions = append(conditions, struct {
		text string
		f    imednet.Filter
	}{"dateCreated>=" + at.Format("2006-01-02T15:04:05Z"), imednet.Where("dateCreated", imednet.GreaterOrEqual, at)})
	c := conditions[rnd.IntN(len(conditions))]
	if c.text != "" && rnd.IntN(3) == 0 {
		c.text, c.f = c.text+";subjectKey!=\"01-001\"", c.f.And("subjectKey", imednet.NotEqual, "01-001")
	}
	if c.text != "" {
		q.query += "&filter=" + strings.ReplaceAll(url.QueryEscape(c.text), "+", "%20")
	}
	q.opts.Filter = c.f
	return q
}

func raws(rows []shown) (all []string) {
	for _, row := range rows {
		all = append(all, row.raw)
	}
	return all
}

// firstFault is a fault that every reader meets in its first request, and again when it reads again.
func firstFault(rnd *rand.Rand) imednettest.Fault {
	html := "<html><title>Bad gateway</title></html>"
	gateway := `{"message":"Too Many Requests"}`
	number := 7
	faults := []imednettest.Fault{
		{Status: 400}, {Status: 401}, {Status: 403}, {Status: 404}, {Status: 409}, {Status: 429, RetryAfter: "5"}, {Status: 500}, {Status: 503}, {Status: 502, Body: &html},
		{Status: 429, Body: &gateway}, {Body: &html}, {Status: 204, Body: new(string)}, {Reset: true}, {Truncate: true}, {Malformed: true}, {OmitData: true},
		{RepeatRow: true}, {CutRows: 3}, {EmptyPage: true}, {EchoPage: &number}, {AddTotal: -900},
	}
	f := faults[rnd.IntN(len(faults))]
	f.Times = -1
	return f
}

// Random listings, some under faults, give the same rows or the same error in the in-memory client,
// in rest over HTTP, and in a plain reading of the contract.
func TestThreeReadingsOfListingsAgree(t *testing.T) {
	x := newTrio(t, 5)
	rnd := rand.New(rand.NewPCG(1, 2))
	outcomes := map[string]int{}
	for n := range 300 {
		q := randomQuestion(rnd)
		faulty := rnd.IntN(3) == 0
		if faulty {
			f := firstFault(rnd)
			for _, s := range x.servers {
				s.Inject(f)
			}
		}
		list := listings[q.resource]
		memory, memoryErr := list(t, x.memory, "DEMO", q.opts)
		overHTTP, restErr := list(t, x.rest, "DEMO", q.opts)
		rows, outcome := x.plain.list(t, string(q.resource), q.query)
		require.Equal(t, outcome, outcomeOf(memoryErr), "%d: %s %s: in memory: %v", n, q.resource, q.query, memoryErr)
		require.Equal(t, outcome, outcomeOf(restErr), "%d: %s %s: rest: %v", n, q.resource, q.query, restErr)
		if outcome == "" {
			require.True(t, slices.Equal(rows, raws(memory)), "%d: %s %s", n, q.resource, q.query)
			require.True(t, slices.Equal(rows, raws(overHTTP)), "%d: %s %s", n, q.resource, q.query)
		}
		outcomes[strings.Split(outcome+" ", " ")[0]]++
		for _, s := range x.servers {
			s.ClearFaults()
		}
	}
	require.Greater(t, outcomes[""], 150, outcomes)
	require.Greater(t, outcomes["status"]+outcomes["broken"]+outcomes["protocol"], 60, outcomes)
}

// randomItem is an item of a submission, sound or not.
func randomItem(rnd *rand.Rand) imednet.Submission {
	items := []imednet.Submission{
		{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Cough", "AESER": "No"}},
		{FormKey: "VS", SubjectKey: "02-001", IntervalName: "Registration", Data: map[string]any{"SYSBP": rnd.IntN(200)}},
		{FormKey: "DM", SiteName: "Site 01", Data: map[string]any{"AGE": 60 + rnd.IntN(9), "CONSENT": true}},
		{FormKey: "VS", SubjectKey: "02-001", IntervalName: "Registration", Data: map[string]any{"SYSBP": "high"}},
		{FormKey: "NOPE", SubjectKey: "01-001", Data: map[string]any{}},
		{FormKey: "AE", RecordID: 100001 + rnd.Int64N(40), Data: map[string]any{"AETERM": "Changed"}},
		{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": []any{1}}},
		{FormKey: "SITE", SiteName: "Site 01", Data: map[string]any{"SITEPI": "x"}},
	}
	return items[rnd.IntN(len(items))]
}

// Random submissions, some whose answer is lost, have the same outcome and the same effect.
func TestThreeReadingsOfSubmissionsAgree(t *testing.T) {
	x := newTrio(t, 6)
	rnd := rand.New(rand.NewPCG(3, 4))
	stored := 0
	for n := range 150 {
		var items []imednet.Submission
		for range 1 + rnd.IntN(3) {
			items = append(items, randomItem(rnd))
		}
		body, err := imednet.EncodeSubmissions(items)
		require.NoError(t, err)
		if rnd.IntN(4) == 0 {
			f := []imednettest.Fault{{Reset: true, AfterApply: true}, {Status: 504, AfterApply: true}, {Status: 503}, {Truncate: true}, {Reset: true}}[rnd.IntN(5)]
			for _, s := range x.servers {
				s.Inject(f)
			}
		}
		job, memoryErr := x.memory.SubmitRecords(t.Context(), "DEMO", items, imednet.SubmitOptions{})
		same, restErr := x.rest.SubmitRecords(t.Context(), "DEMO", items, imednet.SubmitOptions{})
		outcome := x.plain.outcome(x.plain.send(t, http.MethodPost, "/DEMO/records", string(body)))
		require.Equal(t, outcome, outcomeOf(memoryErr), "%d: in memory: %v", n, memoryErr)
		require.Equal(t, outcome, outcomeOf(restErr), "%d: rest: %v", n, restErr)
		if outcome == "" {
			require.Equal(t, job.BatchID.Or(""), same.BatchID.Or(""))
			for range 2 { // running, ended
				one, err := x.memory.Job(t.Context(), "DEMO", job.BatchID.Or(""))
				require.NoError(t, err)
				other, err := x.rest.Job(t.Context(), "DEMO", job.BatchID.Or(""))
				require.NoError(t, err)
				_, text, err := x.plain.send(t, http.MethodGet, "/DEMO/jobs/"+job.BatchID.Or(""), "")
				require.NoError(t, err)
				require.Equal(t, []string{text, text}, []string{string(one.Raw), string(other.Raw)})
			}
		}
		for _, study := range x.studies {
			study.FinishJobs()
		}
		stored = x.studies[0].StoredItems()
		for _, study := range x.studies[1:] {
			require.Equal(t, stored, study.StoredItems(), n)
			require.Equal(t, x.studies[0].Submissions(), study.Submissions(), n)
		}
	}
	require.Greater(t, stored, 60)
	for _, id := range x.studies[0].RecordIDs() {
		want, _ := x.studies[0].Record(id)
		for _, study := range x.studies[1:] {
			got, ok := study.Record(id)
			require.True(t, ok)
			require.Equal(t, string(want.Raw), string(got.Raw))
		}
	}
}
