package rest_test

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/rest"
)

func TestSubmitRecords(t *testing.T) {
	var body []byte
	s := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(202)
		io.WriteString(w, `{"jobId":"j","batchId":"b","state":"created","more":1}`)
	}}}
	exact, ok := imednet.ExactNumber("1.50")
	require.True(t, ok)
	job, err := start(t, s).SubmitRecords(t.Context(), "S", []imednet.Submission{
		{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"Z": exact, "A": "x", "B": true, "C": nil}},
		{FormID: 7, SiteName: "Site"},
	}, imednet.SubmitOptions{EmailNotify: "ops@example.org"})
	require.NoError(t, err)
	require.True(t, job.Traceable())
	require.Equal(t, "created", job.State.Or(""))
	require.JSONEq(t, `{"more":1}`, string(job.Unknown))
	require.Equal(t, `[{"formKey":"AE","data":{"A":"x","B":true,"C":null,"Z":1.50},"subjectKey":"01-001"},{"formId":7,"data":{},"siteName":"Site"}]`, string(body))
	r := s.requests[0]
	require.Equal(t, http.MethodPost, r.Method)
	require.Equal(t, "/api/v1/edc/studies/S/records", r.URL.Path)
	require.Equal(t, "ops@example.org", r.Header.Get("x-email-notify"))
}

func TestAReplyToASubmissionThatIsNotTheAPIsIsNoSuccess(t *testing.T) {
	for body, kind := range map[string]string{
		``: "no body", `null`: "JSON that is not an object", `[]`: "JSON that is not an object", `{}`: "another JSON object", `accepted SECRET`: "text that is not JSON",
		`{"jobId":"SECRET","state":null}`: "another JSON object", `{"batchId":"b"}`: "another JSON object", `[{"batchId":"b"}]`: "JSON that is not an object",
		`{"batchId":"b","state":"created"}`: "another JSON object", `{"batchId":"x1","state":"failed"}`: "another JSON object",
		`{"jobId":"j","batchId":"b","state":"failed"}`: "another JSON object", `{"jobId":"j","batchId":"b","state":"Cancelled "}`: "another JSON object",
		`{"jobId":5,"batchId":7,"state":"created"}`: "another JSON object", `{"jobId":"j","batchId":7,"state":"created"}`: "another JSON object",
		`{"jobId":"j","batchId":"b","state":1}`: "another JSON object", `{"jobId":"j","batchId":"b","state":"the SECRET is not taken"}`: "another JSON object",
		`{"jobId":"j","batchId":"b SECRET","state":"created"}`: "another JSON object", `{"jobId":"j","batchId":"b\u0007","state":"created"}`: "another JSON object",
		`{"jobId":"j","batchId":"","state":"created"}`: "another JSON object", `{"jobId":" ","batchId":"b","state":"created"}`: "another JSON object",
		`{"jobId":"j","batchId":"b\u00a0","state":"created"}`: "another JSON object", `{"jobId":"j","batchId":"` + strings.Repeat("b", 300) + `","state":"created"}`: "another JSON object",
		`{"jobId":"j","batchId":"b","state":"created","batchId":"c"}`: "another JSON object", `{"JobID":"j","BatchID":"b","State":"created"}`: "another JSON object",
		`{"batchId":"","state":"created"}`: "another JSON object", "<!DOCTYPE html><title>SECRET</title>": "an HTML or XML page", `{"batchId":`: "damaged JSON",
		`{"metadata":{"status":"UNAUTHORIZED","error":{"code":"9001","description":"SECRET"}}}`: "the document of a listing or an error",
	} {
		s := &script{steps: []http.HandlerFunc{text(body)}}
		job, err := start(t, s).SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
		var wrong *imednet.ReplyError
		require.ErrorAs(t, err, &wrong, body)
		require.Equal(t, []any{kind, 200, "POST"}, []any{wrong.Body, wrong.StatusCode, wrong.Method}, body)
		require.ErrorIs(t, err, imednet.ErrProtocol)
		require.NotContains(t, err.Error(), "SECRET")
		require.False(t, imednet.Retryable(err))
		require.Equal(t, imednet.Job{}, job)
		require.Equal(t, 1, s.count())
	}
	s := &script{steps: []http.HandlerFunc{text(`{"jobId":"j","state":"created"}`)}}
	job, err := start(t, s).SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
	require.NoError(t, err, "a job without a batch id was accepted and cannot be followed")
	require.False(t, job.Traceable())
}

func TestOnlyTheAPIsOwn429IsSentAgain(t *testing.T) {
	gateway := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(429)
		io.WriteString(w, `{"message":"Too Many Requests"}`)
	}
	s := &script{steps: []http.HandlerFunc{gateway, text(`{"jobId":"j","batchId":"b","state":"created"}`)}}
	_, err := start(t, s).SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{RepeatRateLimited: true})
	require.ErrorIs(t, err, imednet.ErrRateLimited)
	require.False(t, imednet.Retryable(err))
	require.Equal(t, 1, s.count(), "the gateway may have answered after the API had stored the records")
	var api *imednet.APIError
	require.ErrorAs(t, err, &api)
	require.False(t, api.Envelope)
}

func TestAJobThatIsNotTheAPIs(t *testing.T) {
	for _, body := range []string{`<html>SECRET</html>`, `{"metadata":{"status":"OK"}}`, `{"message":"SECRET"}`, `{"batchId":"other","state":"completed"}`} {
		s := &script{steps: []http.HandlerFunc{text(body)}}
		_, err := start(t, s).Job(t.Context(), "S", "b")
		require.ErrorAs(t, err, new(*imednet.ReplyError), body)
		require.NotContains(t, err.Error(), "SECRET")
	}
}

func TestSubmissionIsRepeatedOnlyAfter429(t *testing.T) {
	for code, requests := range map[int]int{400: 1, 401: 1, 409: 1, 500: 1, 502: 1, 503: 1, 504: 1, 413: 1} {
		s := &script{steps: []http.HandlerFunc{status(code)}}
		_, err := start(t, s).SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
		require.Error(t, err)
		require.False(t, imednet.Retryable(err), code)
		require.Equal(t, requests, s.count(), code)
	}
	clock := newClock()
	envelope429 := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(429)
		io.WriteString(w, `{"metadata":{"status":"TOO_MANY_REQUESTS","error":{"code":"9000","description":"Call Mednet"}}}`)
	}
	s := &script{steps: []http.HandlerFunc{envelope429, text(`{"jobId":"j","batchId":"b","state":"created"}`)}}
	_, err := start(t, s, rest.WithClock(clock)).SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
	require.ErrorIs(t, err, imednet.ErrRateLimited, "a POST is sent once unless the caller allows more")
	require.Equal(t, 1, s.count())
	require.Empty(t, clock.Slept())
	s = &script{steps: []http.HandlerFunc{envelope429, text(`{"jobId":"j","batchId":"b","state":"created"}`)}}
	job, err := start(t, s, rest.WithClock(clock)).SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{RepeatRateLimited: true})
	require.NoError(t, err)
	require.True(t, job.Traceable())
	require.Equal(t, []time.Duration{5 * time.Second}, clock.Slept())

	s = &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
	}}}
	_, err = start(t, s).SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
	var transport *imednet.TransportError
	require.ErrorAs(t, err, &transport)
	require.True(t, transport.Sent)
	require.Equal(t, 1, s.count())
}

// A 429 to a submission holds the client's other requests back for as long as the server may ask for.
func TestASubmissionThatIsRateLimitedHoldsOtherRequestsBack(t *testing.T) {
	for asked, held := range map[string]bool{"20": true, "21": false} {
		clock := newClock()
		s := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", asked)
			w.WriteHeader(429)
		}, threeSites}}
		c := start(t, s, rest.WithClock(clock), rest.WithRetry(rest.RetryPolicy{MaxRetryAfter: 20 * time.Second, MaxWait: time.Second}))
		_, err := c.SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
		require.ErrorIs(t, err, imednet.ErrRateLimited)
		require.Empty(t, clock.Slept())
		_, err = listSites(c)
		require.NoError(t, err)
		require.Equal(t, held, len(clock.Slept()) == 1, asked)
	}
}

func TestARefusalOfALargeSubmissionIsNoReplyThatIsTooLarge(t *testing.T) {
	send := func(answer http.HandlerFunc) error {
		_, err := start(t, &script{steps: []http.HandlerFunc{answer}}, rest.WithMaxBodyBytes(20)).
			SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F"}}, imednet.SubmitOptions{})
		return err
	}
	var refused *imednet.APIError
	require.ErrorAs(t, send(status(413)), &refused)
	require.Equal(t, 413, refused.StatusCode, "the request was too large")

	var wrong *imednet.ReplyError
	require.ErrorAs(t, send(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(202)
		io.WriteString(w, `{"jobId":"j","batchId":"b","state":"created"}`)
	}), &wrong)
	require.Equal(t, []any{202, "POST", "/api/v1/edc/studies/S/records", "a body over the limit"}, []any{wrong.StatusCode, wrong.Method, wrong.Path, wrong.Body})
}

func TestSubmissionsAreCheckedBeforeTheyAreSent(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{status(500)}}
	c := start(t, s)
	form := []imednet.Submission{{FormKey: "F"}}
	for name, send := range map[string]func() error{
		"no item": func() error { _, err := c.SubmitRecords(t.Context(), "S", nil, imednet.SubmitOptions{}); return err },
		"no form": func() error {
			_, err := c.SubmitRecords(t.Context(), "S", []imednet.Submission{{}}, imednet.SubmitOptions{})
			return err
		},
		"no study": func() error { _, err := c.SubmitRecords(t.Context(), "", form, imednet.SubmitOptions{}); return err },
		"CR LF": func() error {
			_, err := c.SubmitRecords(t.Context(), "S", form, imednet.SubmitOptions{EmailNotify: "a@SECRET\r\nx-evil: 1"})
			return err
		},
		"NaN": func() error {
			_, err := c.SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F", Data: map[string]any{"A": math.NaN()}}}, imednet.SubmitOptions{})
			return err
		},
		"bad UTF-8": func() error {
			_, err := c.SubmitRecords(t.Context(), "S", []imednet.Submission{{FormKey: "F", Data: map[string]any{"A": "SECRET\xff"}}}, imednet.SubmitOptions{})
			return err
		},
	} {
		err := send()
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid, name)
		require.NotContains(t, err.Error(), "SECRET", name)
	}
	require.Empty(t, s.requests)
}

func TestJob(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{text(`{"batchId":"b/1","state":"Completed","progress":"100"}`)}}
	job, err := start(t, s).Job(t.Context(), "S", "b/1")
	require.NoError(t, err)
	require.True(t, job.Succeeded())
	require.EqualValues(t, 100, job.Progress.Or(0))
	require.Equal(t, "/api/v1/edc/studies/S/jobs/b%2F1", s.requests[0].URL.EscapedPath())

	for _, answer := range []http.HandlerFunc{status(404), text(""), text(" null "), text("{}"), text("[]")} {
		_, err := start(t, &script{steps: []http.HandlerFunc{answer}}).Job(t.Context(), "S", "b")
		require.ErrorIs(t, err, imednet.ErrNotFound)
	}
	for _, body := range []string{`[{"batchId":"b"}]`, `"SECRET"`, `{"batchId":`} {
		_, err := start(t, &script{steps: []http.HandlerFunc{text(body)}}).Job(t.Context(), "S", "b")
		require.ErrorIs(t, err, imednet.ErrProtocol)
		require.NotContains(t, err.Error(), "SECRET")
	}
}

func TestJobResults(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `[{"status":"PASS"}]`)
	}}}
	server := httptest.NewServer(s)
	defer server.Close()
	c, err := rest.New("key-A", "key-B", rest.WithBaseURL(server.URL))
	require.NoError(t, err)
	defer c.CloseIdleConnections()
	for _, u := range []string{server.URL + "/results?x=1", "/results?x=1"} {
		got, err := c.JobResults(t.Context(), u)
		require.NoError(t, err)
		require.Equal(t, imednet.JobResults{ContentType: "application/json", Body: []byte(`[{"status":"PASS"}]`)}, got)
	}
	require.Equal(t, 2, s.count())
	for _, u := range []string{"https://elsewhere.example/x", "//elsewhere.example/x", "ftp" + server.URL[4:], "http://user@" + server.URL[7:] + "/", "http://127.0.0.1:1/x"} {
		_, err := c.JobResults(t.Context(), u)
		require.ErrorIs(t, err, imednet.ErrForeignOrigin, u)
		require.NotContains(t, err.Error(), "elsewhere")
	}
	for _, u := range []string{"", "http://a b\x00"} {
		_, err := c.JobResults(t.Context(), u)
		require.Error(t, err)
	}
	require.Equal(t, 2, s.count())
}
