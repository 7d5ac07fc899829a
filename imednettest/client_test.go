package imednettest_test

import (
	"io"
	"iter"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// The in-memory client asks the handler, and so sees what any client sees.
func TestInMemoryClientReadsWhatIsSent(t *testing.T) {
	server, study, _ := serve(t, 60)
	clock := imednettest.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	server.SetClock(clock)
	probe := func(f imednettest.Fault) error {
		server.Inject(f)
		_, err := server.Client().ProbeRecords(t.Context(), study.Key(), imednet.Filter{})
		return err
	}
	text := func(s string) *string { return &s }
	var api *imednet.APIError

	require.ErrorAs(t, probe(imednettest.Fault{Status: 502, Body: text("<html><title>Bad Gateway</title></html>")}), &api)
	require.Equal(t, []string{"", "Bad Gateway", ""}, []string{api.Code, api.Description, api.Status}, "a gateway has no codes")
	require.ErrorAs(t, probe(imednettest.Fault{Status: 429, RetryAfterDate: 90 * time.Second}), &api)
	require.Equal(t, 90*time.Second, api.RetryAfter, "a date counts from the clock")
	require.ErrorAs(t, probe(imednettest.Fault{Status: 429, RetryAfter: "7"}), &api)
	require.Equal(t, 7*time.Second, api.RetryAfter)

	one := `{"metadata":{"timestamp":"2026-01-01 00:00:00"},"pagination":{"currentPage":0,"size":1,"totalPages":1,"totalElements":0},"data":[]}`
	require.NoError(t, probe(imednettest.Fault{Body: &one}), "a body that is replaced by a good one is good")
	require.ErrorIs(t, probe(imednettest.Fault{Body: text("<html>Sign in</html>")}), imednet.ErrProtocol)
	require.ErrorIs(t, probe(imednettest.Fault{Status: 204, Body: text("")}), imednet.ErrProtocol, "a 2xx without a body is no end of a listing")
	require.ErrorIs(t, probe(imednettest.Fault{Redirect: "https://elsewhere.invalid/"}), imednet.ErrForeignOrigin)
	require.ErrorIs(t, probe(imednettest.Fault{Reset: true}), syscall.ECONNRESET)
	require.ErrorIs(t, probe(imednettest.Fault{Truncate: true}), io.ErrUnexpectedEOF)
	require.NoError(t, probe(imednettest.Fault{Trickle: time.Second}))
	require.Len(t, clock.Slept(), 8)
	require.NoError(t, probe(imednettest.Fault{Redirect: "/api/v1/edc/studies/DEMO/records?size=1&sort=recordId%2CASC"}), "the same origin may redirect")
}

// The in-memory client believes a reply to a POST as little as any other client.
func TestInMemoryClientTakesNoOtherReplyForAJob(t *testing.T) {
	server, study, _ := serve(t, 60)
	items := []imednet.Submission{{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "x"}}}
	for _, body := range []string{`{"batchId":"x1","state":"failed"}`, `{"jobId":5,"batchId":7,"state":"created"}`, `{"jobId":"j","batchId":"a b","state":"created"}`, `{"jobId":"j","batchId":"b","state":"words"}`} {
		server.Inject(imednettest.Fault{Method: http.MethodPost, Body: &body})
		job, err := server.Client().SubmitRecords(t.Context(), study.Key(), items, imednet.SubmitOptions{})
		require.ErrorAs(t, err, new(*imednet.ReplyError), body)
		require.Zero(t, job)
	}
	for _, email := range []string{"true", "false", "Anna <a@b.org>", "a@b.org, c@d.org"} {
		_, err := server.Client().SubmitRecords(t.Context(), study.Key(), items, imednet.SubmitOptions{EmailNotify: email})
		require.ErrorAs(t, err, new(*imednet.ValidationError), email)
	}
}

// Listings in other orders are read page by page, so that a fault of the second page is met.
func TestInMemoryListingsMeetFaultsOfEveryPage(t *testing.T) {
	server, study, _ := serve(t, 300)
	server.Configure(imednettest.Settings{SortByAttributes: true})
	sorted := imednet.ListOptions{PageSize: 10, Sort: []imednet.SortKey{{Property: "sequence", Descending: true}}}
	server.Inject(imednettest.Fault{Query: map[string]string{"page": "1", "sort": "sequence,DESC"}, Status: http.StatusServiceUnavailable})
	_, err := drain(server.Client().Variables(t.Context(), study.Key(), sorted))
	require.ErrorIs(t, err, imednet.ErrServer)
	n, err := drain(server.Client().Variables(t.Context(), study.Key(), sorted))
	require.NoError(t, err)
	require.Equal(t, study.Count(imednet.Variables), n)

	either := imednet.ListOptions{PageSize: 50, Filter: imednet.Where("formKey", imednet.Equal, "AE").Or("siteId", imednet.Equal, 702)}
	for range 2 {
		server.ClearFaults()
		opts := either
		server.Inject(imednettest.Fault{Query: map[string]string{"page": "1"}, Status: http.StatusServiceUnavailable})
		require.ErrorIs(t, listAll(t, server, study, opts), imednet.ErrServer)
		require.NoError(t, listAll(t, server, study, opts))

		server.Inject(imednettest.Fault{Skip: 1, Empty: true})
		require.ErrorIs(t, listAll(t, server, study, opts), imednet.ErrProtocol, "an end before what was announced")
		removed := false
		server.OnRequest(func(r imednettest.Request) {
			if r.Query.Get("page") == "1" && !removed {
				removed = true
				require.NoError(t, study.RemoveRecord(firstEvent(study)))
				study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
			}
		})
		require.ErrorIs(t, listAll(t, server, study, opts), imednet.ErrUnstableListing, "a removal and an insert cancel in every total")
		server.OnRequest(nil)
	}
	server.Inject(imednettest.Fault{Skip: 1, Empty: true})
	require.ErrorIs(t, listAll(t, server, study, imednet.ListOptions{PageSize: 100}), imednet.ErrProtocol)
}

func listAll(t *testing.T, server *imednettest.Server, study *imednettest.Study, opts imednet.ListOptions) error {
	_, err := drain(server.Client().Records(t.Context(), study.Key(), opts))
	return err
}

// firstEvent is the id of the first adverse event.
func firstEvent(study *imednettest.Study) int64 {
	for _, id := range study.RecordIDs() {
		if rec, _ := study.Record(id); rec.FormKey.Or("") == "AE" {
			return id
		}
	}
	return 0
}

// drain counts the rows of a listing.
func drain[T any](rows iter.Seq2[T, error]) (n int, err error) {
	for _, err := range rows {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func TestBrokenTransport(t *testing.T) {
	server, _, _ := serve(t, 60)
	client := &http.Client{Transport: imednettest.BrokenTransport(syscall.ECONNREFUSED, 2, server.Transport())}
	for range 2 {
		_, err := client.Get("https://imednettest.invalid/")
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	}
	response, err := client.Get("https://imednettest.invalid/")
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)
	require.NoError(t, response.Body.Close())
}
