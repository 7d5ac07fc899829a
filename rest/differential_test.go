package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
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

// answer is what came back, as far as it did.
type answer struct {
	status int
	header http.Header
	text   string
	err    error
}

// onceOnly sends every request on a connection of its own: the standard library silently repeats a
// GET whose connection, used before, breaks.
func onceOnly() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func (p plain) send(t *testing.T, method, path, body string) answer {
	r, err := http.NewRequestWithContext(t.Context(), method, p.base+path, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range map[string]string{"x-api-key": imednettest.APIKey, "x-imn-security-key": imednettest.SecurityKey, "Accept": "application/json", "Content-Type": "application/json"} {
		r.Header.Set(name, value)
	}
	c := onceOnly()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body) // of an error, the status says enough
	return answer{res.StatusCode, res.Header, string(read), err}
}

// outcome puts an answer that is no page into words.
func (a answer) outcome() string {
	switch {
	case a.err != nil && (a.status == 0 || a.status/100 == 2):
		return "broken"
	case a.status/100 == 2:
		return ""
	}
	var r plainReply
	words := []any{"status", a.status}
	if json.Unmarshal([]byte(a.text), &r) == nil && r.Metadata != nil {
		words = append(words, r.Metadata.Error.Code, r.Metadata.Error.Field.Attribute)
	}
	return inWords(append(words, a.wait())...)
}

// wait is how long the answer asks to wait.
func (a answer) wait() time.Duration {
	text := a.header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(0, seconds)) * time.Second
	}
	if at, err := time.Parse(http.TimeFormat, text); err == nil {
		return max(0, at.Sub(stillClock{}.Now()))
	}
	return 0
}

// isJob reports whether the answer is what the contract documents of a job.
func (a answer) isJob() bool {
	var job struct{ JobID, BatchID, State *string }
	return json.Unmarshal([]byte(a.text), &job) == nil && job.BatchID != nil && job.State != nil
}

// inWords joins what is not empty.
func inWords(parts ...any) string {
	var words []string
	for _, part := range parts {
		if text := fmt.Sprint(part); text != "" && text != "0s" {
			words = append(words, text)
		}
	}
	return strings.Join(words, " ")
}

// list reads all pages of a listing. The rows before an error are returned with it.
func (p plain) list(t *testing.T, q question) (rows []string, outcome string) {
	seen, announced, last := map[string]bool{}, 0, 0
	for page := 0; ; page++ {
		a := p.send(t, http.MethodGet, fmt.Sprintf("/%s/%s?page=%d&%s", q.study, q.resource, page, q.query), "")
		if outcome := a.outcome(); outcome != "" {
			return rows, outcome
		}
		var r plainReply
		if json.Unmarshal([]byte(a.text), &r) != nil || r.Data == nil || r.Pagination == nil || r.Pagination.TotalElements == nil {
			return rows, "protocol"
		}
		total, size := *r.Pagination.TotalElements, *r.Pagination.Size
		if total < announced || *r.Pagination.CurrentPage != page || *r.Pagination.TotalPages != (total+size-1)/size || len(*r.Data) != max(0, min(size, total-page*size)) {
			return rows, "protocol"
		}
		announced = total
		for _, row := range *r.Data {
			id := idOf(q.resource, row)
			number, _ := strconv.Atoi(id)
			if seen[id] || q.rising() && number <= last {
				return rows, "protocol"
			}
			last, seen[id] = number, true
		}
		for _, row := range *r.Data {
			rows = append(rows, string(row))
		}
		if (page+1)*size >= total {
			return rows, ""
		}
	}
}

func idOf(resource imednet.Resource, row []byte) string {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(row, &fields)
	return string(fields[resource.ID()])
}

// outcomeOf puts a client's error into the same words.
func outcomeOf(err error) string {
	var api *imednet.APIError
	var transport *imednet.TransportError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		code := api.Code
		return inWords("status", api.StatusCode, code, api.Attribute, api.RetryAfter)
	case errors.As(err, &transport):
		return "broken"
	case errors.Is(err, imednet.ErrProtocol):
		return "protocol"
	case errors.Is(err, imednet.ErrNotFound):
		return "absent"
	}
	return "other: " + err.Error()
}

// stillClock stands still, so that dates of answers mean the same to every reader.
type stillClock struct{}

func (stillClock) Now() time.Time { return time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC) }

func (stillClock) Sleep(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }

// trio is three equal servers, each with its reader.
type trio struct {
	studies [3]*imednettest.Study
	servers [3]*imednettest.Server
	memory  *imednettest.Client
	restURL string
	plain   plain
}

// rest is a client that has learned nothing yet, and neither looks ahead nor retries.
func (x *trio) rest(t *testing.T) *rest.Client {
	c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(x.restURL),
		rest.WithHTTPClient(onceOnly()), rest.WithClock(stillClock{}), rest.WithLookAhead(1), rest.WithRetry(rest.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return c
}

func newTrio(t *testing.T, seed uint64) *trio {
	x := &trio{}
	for i := range x.servers {
		x.studies[i] = imednettest.Generate(imednettest.GenerateOptions{Records: 400, Seed: seed})
		x.servers[i] = imednettest.NewServer(x.studies[i])
		x.servers[i].SetClock(stillClock{})
	}
	x.memory, x.restURL = x.servers[0].Client(), imednettest.Start(t, x.servers[1])
	x.plain = plain{imednettest.Start(t, x.servers[2]) + "/api/v1/edc/studies"}
	return x
}

// set makes the three servers the same again: settings, rights and faults.
func (x *trio) set(settings imednettest.Settings, rights imednettest.Rights, faults ...imednettest.Fault) {
	for i, s := range x.servers {
		s.ClearFaults()
		s.Configure(settings)
		x.studies[i].SetRights(rights)
		s.Inject(faults...)
	}
}

// requireEqual holds that the three studies have the same rows in all that requests can change, and
// the same account of what was submitted.
func (x *trio) requireEqual(t *testing.T) {
	t.Helper()
	x.set(imednettest.Settings{}, imednettest.Rights{})
	for resource := range listings {
		want := undisturbed(t, x.studies[0], resource, imednet.ListOptions{})
		for _, study := range x.studies[1:] {
			requireSame(t, want, undisturbed(t, study, resource, imednet.ListOptions{}), "%s", resource)
		}
	}
	for _, study := range x.studies[1:] {
		require.Equal(t, x.studies[0].StoredItems(), study.StoredItems())
		require.Equal(t, x.studies[0].Submissions(), study.Submissions())
	}
}

// randomSettings takes the other side of some of the questions that the contract leaves open.
func randomSettings(rnd *rand.Rand) imednettest.Settings {
	settings := imednettest.Settings{
		UnknownStudyStatus: []int{0, 404}[rnd.IntN(2)], PostStatus: []int{0, 200}[rnd.IntN(2)], MaxItems: []int{0, 0, 2}[rnd.IntN(3)],
	}
	for field := range reflect.ValueOf(&settings).Elem().NumField() {
		if f := reflect.ValueOf(&settings).Elem().Field(field); f.Kind() == reflect.Bool {
			f.SetBool(rnd.IntN(3) == 0)
		}
	}
	return settings
}

// anyRights are what the keys may see, and do.
func anyRights(rnd *rand.Rand) imednettest.Rights {
	return []imednettest.Rights{
		{}, {}, {}, {}, {Refused: []imednet.Resource{imednet.Records}}, {Hidden: []imednet.Resource{imednet.Visits, imednet.Queries}},
		{Forms: []string{"AE", "DM"}}, {Sites: []int64{701}}, {ReadOnly: true},
	}[rnd.IntN(9)]
}

// Random listings, under random settings, rights and faults, give the same rows or the same error
// after the same rows in the in-memory client, in rest over HTTP, and in a plain reading of the
// contract.
func TestThreeReadingsOfListingsAgree(t *testing.T) {
	x := newTrio(t, 5)
	rnd := rand.New(rand.NewPCG(1, 2))
	outcomes := map[string]int{}
	for n := range 240 {
		settings, rights, q := randomSettings(rnd), anyRights(rnd), randomQuestion(rnd)
		x.set(settings, rights)
		whole, quiet := x.plain.list(t, q)
		if rnd.IntN(2) == 0 {
			x.set(settings, rights, laterFault(rnd, q.pages(len(whole))))
		}
		list := listings[q.resource]
		memory, memoryErr := list(t, x.memory, q.study, q.opts)
		overHTTP, restErr := list(t, x.rest(t), q.study, q.opts)
		rows, outcome := x.plain.list(t, q)
		require.Equal(t, outcome, outcomeOf(memoryErr), "%d: %s %s: in memory: %v", n, q.resource, q.query, memoryErr)
		require.Equal(t, outcome, outcomeOf(restErr), "%d: %s %s: rest: %v", n, q.resource, q.query, restErr)
		require.True(t, slices.Equal(raws(memory), raws(overHTTP)), "%d: %s %s: %d and %d rows, %s", n, q.resource, q.query, len(memory), len(overHTTP), outcome)
		if outcome == "" || q.pagesByID() {
			require.True(t, slices.Equal(rows, raws(overHTTP)), "%d: %s %s: %d and %d rows, %s", n, q.resource, q.query, len(rows), len(overHTTP), outcome)
		}
		outcomes[strings.Split(outcome+" ", " ")[0]]++
		if quiet != "" {
			outcomes["refused"]++
		}
	}
	t.Log(outcomes)
	require.Greater(t, outcomes[""], 48, outcomes)
	require.Greater(t, outcomes["status"], 36, outcomes)
	require.Greater(t, outcomes["broken"], 6, outcomes)
	require.Greater(t, outcomes["protocol"], 18, outcomes)
	require.Greater(t, outcomes["refused"], 18, outcomes)
	x.requireEqual(t)
}

// randomItem is an item of a submission, sound or not.
func randomItem(rnd *rand.Rand) imednet.Submission {
	items := []imednet.Submission{
		{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Cough", "AESER": "No"}},
		{FormKey: "VS", SubjectKey: "02-001", IntervalName: "Registration", Data: map[string]any{"SYSBP": rnd.IntN(200)}},
		{FormKey: "DM", SiteName: "Site 01", Data: map[string]any{"AGE": 60 + rnd.IntN(9), "CONSENT": true}},
		{FormKey: "VS", SubjectKey: "02-001", IntervalName: "Registration", Data: map[string]any{"SYSBP": "high"}},
		{FormKey: "VS", SubjectKey: "02-001", IntervalName: "Registration", Data: map[string]any{"SYSBP": "120"}},
		{FormKey: "NOPE", SubjectKey: "01-001", Data: map[string]any{}},
		{FormKey: "AE", RecordID: 100001 + rnd.Int64N(40), Data: map[string]any{"AETERM": "Changed"}},
		{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": []any{1}}},
		{FormKey: "SITE", SiteName: "Site 01", Data: map[string]any{"SITEPI": "x"}},
		{FormKey: "AE", SubjectKey: "nobody", Data: map[string]any{"AETERM": "x"}},
	}
	return items[rnd.IntN(len(items))]
}

// postFault is a fault of a submission: refused before it took effect, or after.
func postFault(rnd *rand.Rand) imednettest.Fault {
	html, empty := "<html><title>Sign in</title></html>", ""
	faults := []imednettest.Fault{
		{Reset: true, AfterApply: true}, {Status: 504, AfterApply: true}, {Status: 500, AfterApply: true}, {Status: 202, Body: &html, AfterApply: true},
		{Body: &html}, {Body: &empty}, {Status: 503}, {Status: 400}, {Status: 401}, {Status: 403}, {Status: 413}, {Truncate: true}, {Malformed: true}, {Reset: true},
		{Status: 429, RetryAfter: "7"}, {OverBytes: 120, Status: 413}, {Redirect: "https://elsewhere.invalid/"}, {Jump: time.Hour}, {Trickle: time.Second},
	}
	f := faults[rnd.IntN(len(faults))]
	f.Method = http.MethodPost
	return f
}

// jobFault is a fault of one poll of a job, at which the job may end all the same.
func jobFault(rnd *rand.Rand) imednettest.Fault {
	html := "<html><title>Sign in</title></html>"
	faults := []imednettest.Fault{{Status: 404}, {Status: 500}, {Status: 503, AfterApply: true}, {Reset: true, AfterApply: true}, {Body: &html}, {Truncate: true}}
	f := faults[rnd.IntN(len(faults))]
	f.Method = http.MethodGet
	return f
}

// Random submissions under random settings, rights and faults have the same outcome and the same
// effect, and so do the polls of their jobs.
func TestThreeReadingsOfSubmissionsAgree(t *testing.T) {
	x := newTrio(t, 6)
	rnd := rand.New(rand.NewPCG(3, 4))
	outcomes := map[string]int{}
	for n := range 250 {
		settings, rights := randomSettings(rnd), anyRights(rnd)
		var items []imednet.Submission
		for range 1 + rnd.IntN(3) {
			items = append(items, randomItem(rnd))
		}
		body, err := imednet.EncodeSubmissions(items)
		require.NoError(t, err)
		x.set(settings, rights)
		if rnd.IntN(3) == 0 {
			x.set(settings, rights, postFault(rnd))
		}
		study := []string{"DEMO", "DEMO", "DEMO", "DEMO", "NOPE"}[rnd.IntN(5)]
		job, memoryErr := x.memory.SubmitRecords(t.Context(), study, items, imednet.SubmitOptions{})
		same, restErr := x.rest(t).SubmitRecords(t.Context(), study, items, imednet.SubmitOptions{})
		reply := x.plain.send(t, http.MethodPost, "/"+study+"/records", string(body))
		outcome := reply.outcome()
		if outcome == "" && !reply.isJob() {
			outcome = "protocol"
		}
		require.Equal(t, outcome, outcomeOf(memoryErr), "%d: in memory: %v", n, memoryErr)
		require.Equal(t, outcome, outcomeOf(restErr), "%d: rest: %v", n, restErr)
		outcomes[strings.Split(outcome+" ", " ")[0]]++
		batch := "unknown"
		if outcome == "" {
			batch = job.BatchID.Or("")
			require.Equal(t, batch, same.BatchID.Or(""))
		}
		if rnd.IntN(3) == 0 {
			x.set(settings, rights, jobFault(rnd))
		}
		for range 3 { // created, running, ended, and whatever a fault makes of it
			x.poll(t, batch)
		}
		for i, study := range x.studies {
			study.FinishJobs()
			require.Equal(t, x.studies[0].StoredItems(), x.studies[i].StoredItems(), n)
		}
	}
	require.Greater(t, outcomes[""], 50, outcomes)
	require.Greater(t, outcomes["status"], 40, outcomes)
	require.Greater(t, outcomes["broken"], 2, outcomes)
	require.Greater(t, outcomes["protocol"], 2, outcomes)
	require.Greater(t, x.studies[0].StoredItems(), 40)
	x.requireEqual(t)
}

// poll asks the three servers for a job and holds that they say the same.
func (x *trio) poll(t *testing.T, batch string) {
	t.Helper()
	one, memoryErr := x.memory.Job(t.Context(), "DEMO", batch)
	other, restErr := x.rest(t).Job(t.Context(), "DEMO", batch)
	reply := x.plain.send(t, http.MethodGet, "/DEMO/jobs/"+batch, "")
	outcome := reply.outcome()
	switch {
	case outcome == "" && reply.text == "":
		outcome = "absent"
	case outcome == "" && !reply.isJob():
		outcome = "protocol"
	}
	require.Equal(t, outcome, outcomeOf(memoryErr), "in memory: %v", memoryErr)
	require.Equal(t, outcome, outcomeOf(restErr), "rest: %v", restErr)
	if outcome == "" {
		require.Equal(t, []string{reply.text, reply.text}, []string{string(one.Raw), string(other.Raw)})
	}
}
