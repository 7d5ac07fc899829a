package imednettest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/stretchr/testify/require"
)

func TestFaultsOverHTTP(t *testing.T) {
	server, _, base := serve(t, 60)
	address := base + "/DEMO/records?size=20&sort=recordId,ASC"
	page := func(fault imednettest.Fault) (*http.Response, string, error) {
		server.ClearFaults()
		server.Inject(fault)
		res, err := http.DefaultClient.Do(request(t, "GET", address, ""))
		if err != nil {
			return nil, "", err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return res, string(body), err
	}
	decode := func(body string) (e envelope) {
		require.NoError(t, json.Unmarshal([]byte(body), &e), body)
		return e
	}

	res, body, err := page(imednettest.Fault{Status: 429, RetryAfter: "7"})
	require.NoError(t, err)
	require.Equal(t, 429, res.StatusCode)
	require.Equal(t, "7", res.Header.Get("Retry-After"))
	require.Equal(t, "TOO_MANY_REQUESTS", decode(body).Metadata.Status)

	gateway := `{"message": "Endpoint request timed out"}`
	res, body, err = page(imednettest.Fault{Status: 504, Body: &gateway})
	require.NoError(t, err)
	require.Equal(t, 504, res.StatusCode)
	require.Equal(t, gateway, body)

	_, body, err = page(imednettest.Fault{Truncate: true})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NotEmpty(t, body)

	_, _, err = page(imednettest.Fault{Reset: true})
	require.Error(t, err)

	_, body, err = page(imednettest.Fault{Malformed: true})
	require.NoError(t, err)
	require.False(t, json.Valid([]byte(body)))

	_, body, err = page(imednettest.Fault{OmitData: true})
	require.NoError(t, err)
	require.Nil(t, decode(body).Data)
	require.NotContains(t, body, `"data"`)

	_, body, err = page(imednettest.Fault{AddTotal: 3})
	require.NoError(t, err)
	require.Equal(t, 63, decode(body).Pagination.TotalElements)
	require.Len(t, decode(body).Data, 20)

	_, body, err = page(imednettest.Fault{RepeatRow: true})
	require.NoError(t, err)
	rows := decode(body).Data
	require.Len(t, rows, 21)
	require.Equal(t, rows[0], rows[1])
	require.NotEqual(t, rows[1], rows[2])

	res, body, err = page(imednettest.Fault{Empty: true})
	require.NoError(t, err)
	require.Equal(t, 200, res.StatusCode)
	require.Zero(t, decode(body).Pagination.TotalElements)
	require.NotNil(t, decode(body).Data)
	require.Empty(t, decode(body).Data)
}

func TestFaultsMatchAsScripted(t *testing.T) {
	server, study, _ := serve(t, 60)
	client := server.Client()
	read := func(resource string) error {
		if resource == "forms" {
			for _, err := range client.Forms(t.Context(), study.Key(), imednet.ListOptions{}) {
				return err
			}
		}
		_, err := client.ProbeRecords(t.Context(), study.Key(), imednet.Filter{})
		return err
	}
	server.Inject(imednettest.Fault{Path: "records", Skip: 1, Times: 2, Status: 500})
	var failed []bool
	for range 4 {
		require.NoError(t, read("forms"))
		failed = append(failed, read("records") != nil)
	}
	require.Equal(t, []bool{false, true, true, false}, failed)

	server.Inject(imednettest.Fault{Times: -1, Status: 503, Match: func(r imednettest.Request) bool { return r.Query.Get("size") == "1" }})
	for range 3 {
		require.ErrorIs(t, read("records"), imednet.ErrServer)
		require.NoError(t, read("forms"))
	}
	server.ClearFaults()
	require.NoError(t, read("records"))

	statuses := map[int]int{}
	for _, r := range server.Requests() {
		statuses[r.Status]++
	}
	require.Equal(t, map[int]int{200: 10, 500: 2, 503: 3}, statuses)
	require.Equal(t, 5, server.CountRequests(func(r imednettest.Request) bool { return r.Status >= 500 }))
	server.ResetRequests()
	require.Zero(t, server.CountRequests(nil))
}

func TestFaultsSeenByTheInMemoryClient(t *testing.T) {
	server, study, _ := serve(t, 60)
	for name, c := range map[string]struct {
		fault imednettest.Fault
		want  error
	}{
		"malformed": {imednettest.Fault{Malformed: true}, imednet.ErrProtocol},
		"no data":   {imednettest.Fault{OmitData: true}, imednet.ErrProtocol},
		"truncated": {imednettest.Fault{Truncate: true}, io.ErrUnexpectedEOF},
		"totals":    {imednettest.Fault{AddTotal: -55}, imednet.ErrProtocol},
		"repeated":  {imednettest.Fault{RepeatRow: true}, imednet.ErrProtocol},
		"limited":   {imednettest.Fault{Status: 429, RetryAfter: "3"}, imednet.ErrRateLimited},
	} {
		server.Inject(c.fault)
		_, err := server.Client().RecordPage(t.Context(), study.Key(), imednet.Filter{}, 10)
		require.ErrorIs(t, err, c.want, name)
		var api *imednet.APIError
		if errors.As(err, &api) {
			require.Equal(t, 3*time.Second, api.RetryAfter)
		}
	}
	var transport *imednet.TransportError
	server.Inject(imednettest.Fault{Reset: true})
	_, err := server.Client().ProbeRecords(t.Context(), study.Key(), imednet.Filter{})
	require.ErrorAs(t, err, &transport)
	require.True(t, imednet.Retryable(err))
}

func TestDelaysSleepOnTheServersClock(t *testing.T) {
	server, study, _ := serve(t, 60)
	clock := imednettest.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	server.SetClock(clock)
	server.Inject(imednettest.Fault{Delay: time.Hour})
	_, err := server.Client().ProbeRecords(t.Context(), study.Key(), imednet.Filter{})
	require.NoError(t, err)
	require.Equal(t, []time.Duration{time.Hour}, clock.Slept())
	clock.Advance(time.Minute)
	require.Equal(t, "2026-01-01 01:01:00", imednet.NewTime(clock.Now()).String())
}

// TestHangEndsWithTheRequest cancels a request that the server never answers.
func TestHangEndsWithTheRequest(t *testing.T) {
	server, study, base := serve(t, 60)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server.OnRequest(func(imednettest.Request) { cancel() })
	server.Inject(imednettest.Fault{Hang: true, Times: -1})
	_, err := server.Client().ProbeRecords(ctx, study.Key(), imednet.Filter{})
	require.ErrorIs(t, err, context.Canceled)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	server.OnRequest(func(imednettest.Request) { stop() })
	_, err = http.DefaultClient.Do(request(t, "GET", base, "").WithContext(ctx))
	require.ErrorIs(t, err, context.Canceled)
}

// TestPostFaults proves on which side of a fault a POST is stored.
func TestPostFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault  imednettest.Fault
		stored int
	}{
		"refused before": {imednettest.Fault{Method: "POST", Status: 503}, 0},
		"reset before":   {imednettest.Fault{Method: "POST", Reset: true}, 0},
		"reset after":    {imednettest.Fault{Method: "POST", Reset: true, AfterApply: true}, 1},
		"error after":    {imednettest.Fault{Method: "POST", Status: 504, AfterApply: true}, 1},
		"reply cut":      {imednettest.Fault{Method: "POST", Truncate: true}, 1},
	} {
		server, study, base := serve(t, 60)
		server.Inject(c.fault)
		_, err := server.Client().SubmitRecords(t.Context(), study.Key(), []imednet.Submission{{FormKey: "LOG", SubjectKey: "01-001", Data: map[string]any{"LOGTXT": "x"}}}, imednet.SubmitOptions{})
		require.Error(t, err, name)
		study.FinishJobs()
		require.Equal(t, c.stored, study.StoredItems(), name)

		server.Inject(c.fault)
		res, err := http.DefaultClient.Do(request(t, "POST", base+"/DEMO/records", `[{"formKey":"LOG","subjectKey":"01-001","data":{"LOGTXT":"x"}}]`))
		if err == nil {
			_, err = io.ReadAll(res.Body)
			res.Body.Close()
			require.True(t, err != nil || res.StatusCode >= 500, name)
		}
		study.FinishJobs()
		require.Equal(t, 2*c.stored, study.StoredItems(), name)
	}
}

// TestPostTimesOutAfterItWasApplied is the outcome that a caller cannot know.
func TestPostTimesOutAfterItWasApplied(t *testing.T) {
	server, study, base := serve(t, 60)
	items := []imednet.Submission{{FormKey: "LOG", SubjectKey: "01-001", Data: map[string]any{"LOGTXT": "x"}}}
	server.Inject(imednettest.Fault{Method: "POST", Hang: true, AfterApply: true, Times: 2})

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server.OnRequest(func(imednettest.Request) { cancel() })
	_, err := server.Client().SubmitRecords(ctx, study.Key(), items, imednet.SubmitOptions{})
	var transport *imednet.TransportError
	require.ErrorAs(t, err, &transport)
	require.True(t, transport.Sent)
	require.ErrorIs(t, err, context.Canceled)
	study.FinishJobs()
	require.Equal(t, 1, study.StoredItems())

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	server.OnRequest(func(imednettest.Request) { stop() })
	body := `[{"formKey":"LOG","subjectKey":"01-001","data":{"LOGTXT":"x"}}]`
	_, err = http.DefaultClient.Do(request(t, "POST", base+"/DEMO/records", body).WithContext(ctx))
	require.ErrorIs(t, err, context.Canceled)
	server.OnRequest(nil)
	_, err = server.Client().ProbeRecords(t.Context(), study.Key(), imednet.Filter{})
	require.NoError(t, err)
	require.Eventually(t, func() bool { study.FinishJobs(); return study.StoredItems() == 2 }, 10*time.Second, time.Millisecond)
}
