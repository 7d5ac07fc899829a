package imednet_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestErrorsRepeatNoTextOfTheServer lets a server put what it likes where words are expected, and
// prints what holds it with every verb.
func TestErrorsRepeatNoTextOfTheServer(t *testing.T) {
	for _, text := range []string{"SMITH", "J.S.", "Łukasz", "John Smith", "born 1950-03-04", "01-001", "471108150815", "\x1b[31mred", "a\nb", strings.Repeat("Smith", 100)} {
		job := imednet.Job{JobID: imednet.Some(text), BatchID: imednet.Some(text), State: imednet.Some(text), ResultURL: imednet.Some(text), Row: imednet.Row{Raw: jsontext.Value(text), Unknown: jsontext.Value(text)}}
		api := &imednet.APIError{Method: "GET", Path: "/api/v1/edc/studies/OWN/jobs/" + text, StatusCode: 400, Status: text, Code: text, Attribute: text, Description: text, Value: text}
		status := imednet.JobStatus{Job: job, Results: &imednet.JobResults{ContentType: text, Body: []byte(text)}, ResultsErr: api}
		progress := imednet.JobProgress{BatchID: text, State: text}
		item := imednet.Submission{FormKey: text, SubjectKey: text, SiteName: text, IntervalName: text, RecordOID: text, IntentKey: text, Kind: imednet.SubmissionKind(text), Data: map[string]any{text: text}, Line: 3}
		for _, v := range []any{
			api, *api,
			&imednet.TransportError{Method: "GET", Path: "/" + text, Err: api},
			imednet.ReplyError{Method: "GET", Path: "/" + text},
			&imednet.JobFailedError{BatchID: text, Status: status}, imednet.JobFailedError{BatchID: text, Status: status},
			&imednet.JobTimeoutError{BatchID: text, Last: status}, imednet.JobTimeoutError{BatchID: text, Last: status},
			&imednet.Error{Package: "p", Op: "o", Err: fmt.Errorf("wrapped: %w", api)},
			job, status, &status, *status.Results, progress, imednet.JobProgress{Err: api}, item, []imednet.Submission{item}, []imednet.JobStatus{status},
		} {
			requireSilent(t, text, v)
		}
		item = imednet.Submission{Kind: imednet.SubmissionKind(text), SubjectKey: text}
		_, err := item.KindOf()
		require.Error(t, err)
		requireSilent(t, text, err)
	}
	failed := &imednet.JobFailedError{BatchID: "6c0bcf37-eeb8-4aa3-bdcd-300d6df2b92e", Status: imednet.JobStatus{Job: imednet.Job{State: imednet.Some("failed")}}}
	require.EqualError(t, failed, "imednet: job 6c0bcf37-eeb8-4aa3-bdcd-300d6df2b92e ended in state failed")
	require.Equal(t, "imednet: a job ended in state (none)", fmt.Sprintf("%s", imednet.JobFailedError{}))
	known := &imednet.APIError{Method: "GET", Path: "/api/v1/edc/studies/OWN/records", StatusCode: 400, Code: "1000", Attribute: "formKey", Description: "Request contains an invalid value"}
	require.EqualError(t, known, "imednet: GET /api/v1/edc/studies/OWN/records: status 400 (bad request), code 1000, attribute formKey")
	require.Equal(t, "Request contains an invalid value", known.Words())
	require.Equal(t, "Job", fmt.Sprintf("%T", imednet.Job{})[len("imednet."):])
}

// timeless leaves out the time of a log line, whose digits may be those of a text that is looked for.
var timeless = &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

// requireSilent prints a value in every way and looks for a text in it.
func requireSilent(t *testing.T, text string, v any) {
	t.Helper()
	var log bytes.Buffer
	fmt.Fprintf(&log, "%v %+v %#v %s %q %d\n", v, v, v, v, v, v)
	slog.New(slog.NewTextHandler(&log, timeless)).Info("it", "it", v)
	if _, many := v.([]imednet.Submission); !many { // see rowlog.go
		if _, many := v.([]imednet.JobStatus); !many {
			slog.New(slog.NewJSONHandler(&log, timeless)).Info("it", "it", v)
		}
	}
	for _, spelling := range []string{text, fmt.Sprintf("%q", text), strings.Trim(fmt.Sprintf("%q", text), `"`)} {
		require.NotContains(t, log.String(), spelling, "%T", v)
	}
}
