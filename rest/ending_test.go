package rest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// Empty answers in place of later pages, however many, are no end of a listing: those that pass are
// overcome, and those that stay are an error.
func TestAnEndBeforeWhatWasAnnouncedIsNotBelieved(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 3000})
	either := imednet.Where("recordId", imednet.Greater, 0).Or("formKey", imednet.Equal, "AE") // read by offset pages
	for name, filter := range map[string]imednet.Filter{"by key": {}, "by offset": either} {
		for _, times := range []int{1, 2, 3, 4, 5, 6, -1} {
			server := imednettest.NewServer(study)
			clock := newClock()
			c := inMemory(t, server, rest.WithClock(clock))
			server.Inject(imednettest.Fault{Path: "records", Skip: 1, Times: times, Empty: true})
			got, err := recordIDs(c.Records(t.Context(), study.Key(), imednet.ListOptions{Filter: filter}))
			if times < 0 || times > 3 && err != nil { // how many of the answers are counts depends on what is in flight
				require.Error(t, err, name)
				require.NotEmpty(t, clock.Slept(), "evidence is independent in time")
				continue
			}
			require.NoError(t, err, "%s: %d empty answers", name, times)
			require.Equal(t, study.RecordIDs(), got, "%s: %d empty answers", name, times)
		}
	}
}

// A total that falls by a large share while a listing is read is a fault until a count confirms it.
func TestATotalThatFallsIsCounted(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	total := 100
	server := imednettest.NewServer(study)
	server.Inject(imednettest.Fault{Path: "records", Skip: 3, Total: &total})
	got, err := recordIDs(inMemory(t, server, rest.WithPageSize(100), rest.WithLookAhead(1)).Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	require.Equal(t, study.RecordIDs(), got)

	server.Inject(imednettest.Fault{Path: "records", Total: &total})
	got, err = recordIDs(inMemory(t, server, rest.WithPageSize(100)).Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	require.Equal(t, study.RecordIDs(), got, "a full page that calls itself the last")
}

// Rows that are really removed while a listing is read end it in good order.
func TestRemovedRowsAreNoFault(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	server := imednettest.NewServer(study)
	ids, n := study.RecordIDs(), 0
	server.OnRequest(func(imednettest.Request) {
		if n++; n > 2 && n < 8 {
			require.NoError(t, study.RemoveRecord(ids[len(ids)-n]))
		}
	})
	clock := newClock()
	got, err := recordIDs(inMemory(t, server, rest.WithClock(clock), rest.WithPageSize(100), rest.WithLookAhead(1)).Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	require.Subset(t, got, study.RecordIDs())
	require.Len(t, clock.Slept(), 1, "one count is enough")
}

// One count is enough to overcome one empty answer.
func TestAnEmptyAnswerCostsOnePause(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	server := imednettest.NewServer(study)
	clock := newClock()
	server.Inject(imednettest.Fault{Path: "records", Skip: 2, Empty: true})
	got, err := recordIDs(inMemory(t, server, rest.WithClock(clock), rest.WithPageSize(100), rest.WithLookAhead(1)).Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	require.Equal(t, study.RecordIDs(), got)
	require.Len(t, clock.Slept(), 1)
}

// Rows that stand behind an end which a count seemed to confirm are read after all: as many rows were
// removed as the false end hid.
func TestRowsBehindAConfirmedEndAreRead(t *testing.T) {
	for _, hidden := range []int{1, 50} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
		ids := study.RecordIDs()
		size := 100
		for len(ids)%size != hidden {
			size--
		}
		server := imednettest.NewServer(study)
		last := len(ids) / size // the request for the page that is hidden
		server.Inject(imednettest.Fault{Path: "records", Skip: last, Empty: true})
		n := 0
		server.OnRequest(func(imednettest.Request) {
			if n++; n == last+1 {
				for _, id := range ids[:hidden] {
					require.NoError(t, study.RemoveRecord(id))
				}
			}
		})
		got, err := recordIDs(inMemory(t, server, rest.WithPageSize(size), rest.WithLookAhead(1)).Records(t.Context(), study.Key(), imednet.ListOptions{}))
		require.NoError(t, err)
		require.Equal(t, ids, got)
	}
}

// Nothing is read behind the greatest id that the caller asked for, also when rows are removed.
func TestAnUpperBoundEndsAListingOfRemovedRows(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	server := imednettest.NewServer(study)
	ids, n := study.RecordIDs(), 0
	server.OnRequest(func(imednettest.Request) {
		if n++; n == 3 {
			require.NoError(t, study.RemoveRecord(ids[250]))
		}
	})
	opts := imednet.ListOptions{Filter: imednet.Where("recordId", imednet.LessOrEqual, ids[799])}
	got, err := recordIDs(inMemory(t, server, rest.WithPageSize(100), rest.WithLookAhead(1)).Records(t.Context(), study.Key(), opts))
	require.NoError(t, err)
	require.Subset(t, got, study.RecordIDs()[:799])
	require.Less(t, len(server.Requests()), 20, "eight pages, a count and counts of the eight parts")
}

// An end that no count confirms is counted three times, whichever way the listing is read.
func TestAnEndIsCountedThreeTimes(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 600})
	for _, opts := range []imednet.ListOptions{{}, orFilter} {
		server := imednettest.NewServer(study)
		server.Inject(imednettest.Fault{Path: "records", Skip: 1, Times: -1, Empty: true})
		_, err := recordIDs(inMemory(t, server, rest.WithLookAhead(1)).Records(t.Context(), study.Key(), opts))
		require.ErrorIs(t, err, imednet.ErrProtocol)
		counts := server.CountRequests(func(r imednettest.Request) bool { return r.Query.Get("size") == "1" })
		require.Equal(t, 3, counts)
	}
}
