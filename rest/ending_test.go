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
