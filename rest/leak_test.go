package rest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/leaktest"
	"github.com/imednetgo/imednet/rest"
)

// hostileReplies are replies with a needle wherever a server can put a word.
func hostileReplies(needle string) map[string]http.HandlerFunc {
	text, _ := json.Marshal(needle)
	n := string(text)
	reply := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{headerText(needle)}
			w.Header()["X-Request-Id"] = []string{headerText(needle)}
			w.Header()["Retry-After"] = []string{headerText(needle)}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	envelope := `{"metadata":{"status":` + n + `,"path":` + n + `,"method":` + n + `,"timestamp":` + n + `,"error":{"code":` + n + `,"description":` + n + `,"field":{"attribute":` + n + `,"value":` + n + `}}}}`
	replies := map[string]http.HandlerFunc{
		"200 envelope":      reply(200, envelope),
		"200 text":          reply(200, needle),
		"200 html":          reply(200, "<html><title>"+needle+"</title></html>"),
		"200 string":        reply(200, n),
		"200 half":          reply(200, `{"metadata":{},"data":[{"`+needle),
		"200 rows":          reply(200, `{"metadata":{"timestamp":`+n+`},"pagination":{"totalElements":1,"size":500,"currentPage":0,"totalPages":1},"data":[{"recordId":`+n+`,"siteId":`+n+`,"formId":`+n+`,`+n+`:`+n+`}]}`),
		"200 pagination":    reply(200, `{"metadata":{},"pagination":{"totalElements":`+n+`,"size":`+n+`},"data":[]}`),
		"200 no object":     reply(200, `{"metadata":{},"pagination":{"totalElements":1},"data":[`+n+`]}`),
		"200 nested":        reply(200, `{"metadata":{},"pagination":{"totalElements":1},"data":[{"recordId":1,"siteId":1,"keywords":`+n+`,"forms":`+n+`,"roles":`+n+`,"queryComments":`+n+`}]}`),
		"200 job":           reply(200, `{"jobId":`+n+`,"batchId":`+n+`,"state":`+n+`,"resultUrl":`+n+`}`),
		"200 failed job":    reply(200, `{"jobId":`+n+`,"state":"failed","resultUrl":"/`+pathText(needle)+`/api/v1/edc/studies/`+pathText(needle)+`/jobs/`+pathText(needle)+`","message":`+n+`}`),
		"redirect":          redirect("/" + pathText(needle)),
		"foreign redirect":  redirect("https://" + "example.invalid/" + pathText(needle)),
		"broken redirect":   redirect("http://[" + pathText(needle)),
		"malformed reply":   raw(needle + " is no HTTP\r\n\r\n"),
		"malformed status":  raw("HTTP/1.1 " + strings.ReplaceAll(needle, "\n", " ") + "\r\n\r\n"),
		"malformed header":  raw("HTTP/1.1 200 OK\r\n" + needle + "\r\n\r\n"),
		"malformed length":  raw("HTTP/1.1 200 OK\r\nContent-Length: " + headerText(needle) + "\r\n\r\n"),
		"malformed chunk":   raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + needle + "\r\n"),
		"malformed coding":  raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + headerText(needle) + "\r\n\r\n"),
		"a body cut short":  raw("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + needle),
		"a body zipped bad": raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nSMITH"),
	}
	for _, status := range []int{400, 401, 403, 404, 409, 413, 429, 499, 500, 503} {
		replies[fmt.Sprint(status, " envelope")] = reply(status, envelope)
		replies[fmt.Sprint(status, " gateway")] = reply(status, `{"message":`+n+`,"error":`+n+`,"code":`+n+`,"status":`+n+`}`)
		replies[fmt.Sprint(status, " text")] = reply(status, needle)
		replies[fmt.Sprint(status, " html")] = reply(status, "<html><title>"+needle+"</title></html>")
	}
	return replies
}

func headerText(needle string) string {
	return strings.NewReplacer("\n", " ", "\x1b", " ").Replace(needle)
}

func pathText(needle string) string {
	return strings.NewReplacer("\n", "%0A", "\x1b", "%1B", "[", "%5B", "]", "%5D", " ", "%20").Replace(needle)
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Location"] = []string{to}
		w.WriteHeader(http.StatusFound)
	}
}

// raw answers with bytes that need not be HTTP.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = buffered.WriteString(text)
		_ = buffered.Flush()
		_ = conn.Close()
	}
}

func drain[T any](rows iter.Seq2[T, error]) error {
	for _, err := range rows {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestAHostileServerIsNotRepeated asks everything of a server that puts needles into every part of its
// replies, and looks for them in every error, whatever it unwraps to, and in the log.
func TestAHostileServerIsNotRepeated(t *testing.T) {
	const batch = "5a1f6f2e-0000-4000-8000-000000000006"
	var all imednet.ListOptions
	failures := 0
	for i, needle := range leaktest.Needles {
		for name, handler := range hostileReplies(needle) {
			server := httptest.NewUnstartedServer(handler)
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			server.Start()
			var log bytes.Buffer
			c, err := rest.New("k1", "k2", rest.WithBaseURL(server.URL), rest.WithLookAhead(1), rest.WithTimeout(5*time.Second),
				rest.WithRetry(rest.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1, MaxRetryAfter: 1}), rest.WithClock(newClock()),
				rest.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			require.NoError(t, err)
			ctx, study := t.Context(), "OWN"
			ask := map[string]func() error{
				"records": func() error {
					return drain(c.Records(ctx, study, imednet.ListOptions{Filter: imednet.Where("subjectKey", imednet.Equal, "Zyx")}))
				},
				"submit": func() error {
					job, err := c.SubmitRecords(ctx, study, []imednet.Submission{{FormKey: "AE", SubjectKey: needle, Data: map[string]any{"AETERM": needle}}}, imednet.SubmitOptions{})
					return errors.Join(err, printed(t, job, needle, name))
				},
				"job": func() error {
					job, err := c.Job(ctx, study, batch)
					return errors.Join(err, printed(t, job, needle, name))
				},
				"a job of a strange id": func() error { _, err := c.Job(ctx, study, "a/"+needle); return err },
				"results": func() error {
					results, err := c.JobResults(ctx, "/api/v1/edc/studies/"+pathText(needle)+"/jobs/"+pathText(needle)+"/results?a="+pathText(needle))
					return errors.Join(err, printed(t, results, needle, name))
				},
			}
			if i == 0 {
				ask["studies"] = func() error { return drain(c.Studies(ctx, all)) }
				ask["sites"] = func() error { return drain(c.Sites(ctx, study, all)) }
				ask["forms"] = func() error { return drain(c.Forms(ctx, study, all)) }
				ask["intervals"] = func() error { return drain(c.Intervals(ctx, study, all)) }
				ask["variables"] = func() error { return drain(c.Variables(ctx, study, all)) }
				ask["users"] = func() error { return drain(c.Users(ctx, study, all)) }
				ask["subjects"] = func() error { return drain(c.Subjects(ctx, study, all)) }
				ask["visits"] = func() error { return drain(c.Visits(ctx, study, all)) }
				ask["revisions"] = func() error { return drain(c.RecordRevisions(ctx, study, all)) }
				ask["queries"] = func() error { return drain(c.Queries(ctx, study, all)) }
				ask["codings"] = func() error { return drain(c.Codings(ctx, study, all)) }
				ask["probe"] = func() error { _, err := c.ProbeRecords(ctx, study, imednet.Filter{}); return err }
			}
			for what, do := range ask {
				err := do()
				if err != nil {
					failures++
				}
				require.Empty(t, leaktest.In(leaktest.Printed(err), needle), "%s: %s", name, what)
			}
			require.Empty(t, leaktest.In(log.String(), needle), "%s: log", name)
			server.Close()
		}
	}
	require.Greater(t, failures, 500, "the server is hostile")
}

func printed(t *testing.T, v any, needle, name string) error {
	t.Helper()
	require.Empty(t, leaktest.In(leaktest.Printed(v), needle), "%s: %T", name, v)
	return nil
}

// TestBadArgumentsAreNotRepeated: what a caller passes may be data too.
func TestBadArgumentsAreNotRepeated(t *testing.T) {
	c, err := rest.New("k1", "k2")
	require.NoError(t, err)
	for _, needle := range leaktest.Needles {
		_, err := c.SubmitRecords(t.Context(), "OWN", []imednet.Submission{{FormKey: "AE", Data: map[string]any{needle: make(chan int)}}}, imednet.SubmitOptions{EmailNotify: "\n" + needle})
		require.Error(t, err)
		require.Empty(t, leaktest.In(leaktest.Printed(err), needle))
		_, err = c.JobResults(t.Context(), "http://["+needle)
		require.Error(t, err)
		require.Empty(t, leaktest.In(leaktest.Printed(err), needle))
		_, err = c.JobResults(t.Context(), "https://example.invalid/"+pathText(needle))
		require.ErrorIs(t, err, imednet.ErrForeignOrigin)
		require.Empty(t, leaktest.In(leaktest.Printed(err), needle))
	}
}
