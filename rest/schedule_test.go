package rest_test

import (
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// rowsOf reads a listing of one resource as the JSON of its rows.
func rowsOf[T any](rows iter.Seq2[T, error], raw func(T) []byte) (all []string, err error) {
	for row, err := range rows {
		if err != nil {
			return all, err
		}
		all = append(all, string(raw(row)))
	}
	return all, nil
}

// listings are what schedules of faults are played against.
var listings = map[imednet.Resource]func(*testing.T, imednet.Client, string, imednet.ListOptions) ([]string, error){
	imednet.Records: func(t *testing.T, c imednet.Client, study string, opts imednet.ListOptions) ([]string, error) {
		return rowsOf(c.Records(t.Context(), study, opts), func(r imednet.Record) []byte { return r.Raw })
	},
	imednet.RecordRevisions: func(t *testing.T, c imednet.Client, study string, opts imednet.ListOptions) ([]string, error) {
		return rowsOf(c.RecordRevisions(t.Context(), study, opts), func(r imednet.RecordRevision) []byte { return r.Raw })
	},
	imednet.Queries: func(t *testing.T, c imednet.Client, study string, opts imednet.ListOptions) ([]string, error) {
		return rowsOf(c.Queries(t.Context(), study, opts), func(r imednet.Query) []byte { return r.Raw })
	},
	imednet.Subjects: func(t *testing.T, c imednet.Client, study string, opts imednet.ListOptions) ([]string, error) {
		return rowsOf(c.Subjects(t.Context(), study, opts), func(r imednet.Subject) []byte { return r.Raw })
	},
	imednet.Visits: func(t *testing.T, c imednet.Client, study string, opts imednet.ListOptions) ([]string, error) {
		return rowsOf(c.Visits(t.Context(), study, opts), func(r imednet.Visit) []byte { return r.Raw })
	},
}

// later returns a condition that no first page meets: an empty or shortened first page that agrees
// with itself is the one thing that no client can tell from its reply. Pages by key have a filter;
// what has none after them is a count.
func later() func(imednettest.Request) bool {
	var begun atomic.Bool
	return func(r imednettest.Request) bool {
		if r.Filter != "" {
			begun.Store(true)
		}
		return begun.Load()
	}
}

// randomFault is one of everything that a server can do wrong to a listing.
func randomFault(rnd *rand.Rand) imednettest.Fault {
	html, empty, number := "<html><title>Sign in</title></html>", "", rnd.IntN(400)
	begun := later()
	faults := []imednettest.Fault{
		{Status: []int{400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504}[rnd.IntN(12)]},
		{Status: 502, Body: &html}, {Status: 503, RetryAfter: "3"}, {Status: 429, RetryAfterDate: 40 * time.Second}, {Status: 429, RetryAfter: "soon"},
		{Body: &html}, {Body: &empty}, {Status: 204, Body: &empty}, {Status: 200, Body: &html},
		{Redirect: "https://elsewhere.invalid/"}, {Redirect: "/login"},
		{Reset: true}, {Reset: true, AfterApply: true}, {Truncate: true}, {Malformed: true}, {Trickle: time.Second}, {Delay: time.Minute}, {Jump: -time.Hour},
		{OmitData: true}, {AddTotal: 1 + rnd.IntN(900)}, {AddTotal: -1 - rnd.IntN(30), Match: begun}, {Total: &number, Match: begun},
		{EchoSize: 1 + rnd.IntN(500)}, {EchoPage: &number}, {RepeatRow: true}, {SkipRow: true}, {SwapRows: true}, {CutRows: 1 + rnd.IntN(30)},
		{Empty: true, Match: begun}, {EmptyPage: true}, {OverRows: 1 + rnd.IntN(100), Status: 413}, {OverBytes: 1 + rnd.IntN(1<<16), Status: 504},
	}
	f := faults[rnd.IntN(len(faults))]
	f.Skip, f.Times = rnd.IntN(8), []int{1, 1, 1, 2, 3, 5, -1}[rnd.IntN(7)]
	if rnd.IntN(3) == 0 {
		f.Skip, f.Times, f.Probability = 0, -1, 0.05+0.4*rnd.Float64()
	}
	return f
}

// A listing is complete or an error, whatever the server does to it.
func TestListingsAreCompleteOrAnErrorUnderRandomFaults(t *testing.T) {
	schedules := 120
	if os.Getenv("IMEDNET_LONG") != "" {
		schedules = 2_000 // of each of the five listings
	} else if testing.Short() {
		schedules = 30
	}
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900, Subjects: 130, Seed: 11})
	want := map[imednet.Resource][]string{}
	for resource, list := range listings {
		var err error
		want[resource], err = list(t, imednettest.NewServer(study).Client(), study.Key(), imednet.ListOptions{})
		require.NoError(t, err)
	}
	complete, failed := 0, 0
	for seed := range uint64(schedules) {
		for resource, list := range listings {
			rnd := rand.New(rand.NewPCG(seed, uint64(len(resource))))
			server := imednettest.NewServer(study)
			server.SetSeed(seed)
			server.SetClock(newClock())
			for range 1 + rnd.IntN(4) {
				server.Inject(randomFault(rnd))
			}
			c := inMemory(t, server, rest.WithPageSize([]int{20, 37, 100, 500}[rnd.IntN(4)]), rest.WithLookAhead(1+rnd.IntN(4)))
			got, err := list(t, c, study.Key(), imednet.ListOptions{})
			if err != nil {
				failed++
				require.True(t, slices.Equal(want[resource][:len(got)], got), "%s, schedule %d: rows before the error", resource, seed)
				continue
			}
			complete++
			require.Len(t, got, len(want[resource]), "%s, schedule %d", resource, seed)
			require.True(t, slices.Equal(want[resource], got), "%s, schedule %d", resource, seed)
		}
	}
	t.Logf("%d listings complete, %d refused", complete, failed)
	require.Greater(t, complete, schedules/2)
	require.Greater(t, failed, schedules/4)
}
