package rest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// A listing must survive every passing fault of the server, wherever it strikes.
func TestListingSurvivesPassingFaults(t *testing.T) {
	html := "<html><title>Bad gateway</title></html>"
	faults := map[string]imednettest.Fault{
		"429":        {Status: 429, RetryAfter: "2"},
		"500":        {Status: 500},
		"502":        {Status: 502, Body: &html},
		"503":        {Status: 503, RetryAfter: "1"},
		"504":        {Status: 504},
		"413":        {Status: 413},
		"reset":      {Reset: true},
		"truncated":  {Truncate: true},
		"malformed":  {Malformed: true},
		"no data":    {OmitData: true},
		"total":      {AddTotal: 3},
		"repetition": {RepeatRow: true},
		"empty":      {Empty: true}, // the first page apart, see TestEmptyReplyIsPassedOn
	}
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 600, Seed: 3})
	for name, fault := range faults {
		for skip := range 5 {
			if fault.Empty && skip == 0 {
				continue
			}
			server := imednettest.NewServer(study)
			c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey,
				rest.WithBaseURL(imednettest.Start(t, server)), rest.WithClock(newClock()), rest.WithPageSize(100))
			require.NoError(t, err)
			fault.Path, fault.Skip = "records", skip
			server.Inject(fault)
			got, err := recordIDs(c.Records(t.Context(), study.Key(), imednet.ListOptions{}))
			require.NoError(t, err, "%s at request %d", name, skip)
			require.Equal(t, study.RecordIDs(), got, "%s at request %d", name, skip)
			c.CloseIdleConnections()
		}
	}
}

func TestWrongKeysMakeOneRequest(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 600})
	server := imednettest.NewServer(study)
	c, err := rest.New("wrong", "keys", rest.WithBaseURL(imednettest.Start(t, server)), rest.WithClock(newClock()))
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	_, err = recordIDs(c.Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.ErrorIs(t, err, imednet.ErrUnauthorized)
	require.Len(t, server.Requests(), 1)
}

// One 429 in the middle of a listing holds back all requests of the client, also those ahead.
func TestRetryAfterHoldsEveryRequestBack(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 2000})
	server := imednettest.NewServer(study)
	clock := newClock()
	c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey,
		rest.WithBaseURL(imednettest.Start(t, server)), rest.WithClock(clock), rest.WithPageSize(100))
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	server.Inject(imednettest.Fault{Status: 429, RetryAfter: "41", Skip: 3})
	got, err := recordIDs(c.Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	require.Equal(t, study.RecordIDs(), got)
	require.Contains(t, clock.Slept(), 41*time.Second)
}

// An empty 200 in place of the first page cannot be told from an empty study by its own reply:
// the client passes it on, and the mirror's guard is what refuses it. Later pages are held against
// what the pages before announced.
func TestEmptyReplyIsPassedOn(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 600})
	server := imednettest.NewServer(study)
	c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, server)))
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	server.Inject(imednettest.Fault{Empty: true})
	got, err := recordIDs(c.Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	require.Empty(t, got)
}
