package rest_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// inMemory is a client of a server without a network; it never waits.
func inMemory(t testing.TB, server *imednettest.Server, opts ...rest.Option) *rest.Client {
	opts = append([]rest.Option{rest.WithHTTPClient(&http.Client{Transport: server.Transport()}), rest.WithClock(newClock())}, opts...)
	c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, opts...)
	require.NoError(t, err)
	return c
}

func sizesOf(server *imednettest.Server) (sizes []int) {
	for _, r := range server.Requests() {
		n, _ := strconv.Atoi(r.Query.Get("size"))
		sizes = append(sizes, n)
	}
	return sizes
}

// pageSizesOf leaves out the count at the end of a listing.
func pageSizesOf(server *imednettest.Server) []int {
	return slices.DeleteFunc(sizesOf(server), func(size int) bool { return size == 1 })
}

// A gateway that fails once says nothing about the size of the page: the next is as large.
func TestOneFailureOfAGatewayLeavesThePageSize(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	for _, status := range []int{502, 503, 504} {
		server := imednettest.NewServer(study)
		server.Inject(imednettest.Fault{Skip: 1, Status: status})
		got, err := recordIDs(inMemory(t, server, rest.WithPageSize(100), rest.WithLookAhead(1)).Records(t.Context(), study.Key(), imednet.ListOptions{}))
		require.NoError(t, err)
		require.Equal(t, study.RecordIDs(), got)
		for _, size := range pageSizesOf(server) {
			require.Equal(t, 100, size, status)
		}
	}
}

// A gateway that cuts every page over 60 rows is found out, remembered and tried again later.
func TestPageSizeShrinksToWhatAGatewayLetsThroughAndGrowsBack(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 800})
	for _, status := range []int{413, 502} {
		server := imednettest.NewServer(study)
		c := inMemory(t, server, rest.WithPageSize(200), rest.WithLookAhead(1))
		server.Inject(imednettest.Fault{OverRows: 30, Times: -1, Status: status})
		got, err := recordIDs(c.Records(t.Context(), study.Key(), imednet.ListOptions{}))
		require.NoError(t, err, status)
		require.Equal(t, study.RecordIDs(), got)
		require.Less(t, len(server.Requests()), 100, "%d: %v", status, sizesOf(server))

		server.ClearFaults()
		server.ResetRequests()
		for range 40 {
			_, err = recordIDs(c.Records(t.Context(), study.Key(), imednet.ListOptions{}))
			require.NoError(t, err)
		}
		sizes := pageSizesOf(server)
		require.LessOrEqual(t, sizes[0], 60, "what was learned is kept")
		require.Equal(t, 200, sizes[len(sizes)-1], "and tried again")
	}
}

func TestARecordPageIsAskedForAtTheSameSizeFirst(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	server := imednettest.NewServer(study)
	c := inMemory(t, server)
	server.Inject(imednettest.Fault{Status: 504})
	page, err := c.RecordPage(t.Context(), study.Key(), imednet.Filter{}, 500)
	require.NoError(t, err)
	require.Len(t, page.Records, 500)
	require.Equal(t, []int{500, 500}, sizesOf(server))
}

// What a gateway lets through of one resource says nothing about another one, or another study.
func TestWhatWasLearnedHoldsForThatResourceOfThatStudy(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	other := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OTHER", Records: 300})
	server := imednettest.NewServer(study, other)
	c := inMemory(t, server, rest.WithPageSize(100), rest.WithLookAhead(1))
	server.Inject(imednettest.Fault{OverRows: 30, Times: 2, Status: 413})
	firstSize := func(key string, resource imednet.Resource) int {
		server.ResetRequests()
		_, err := listings[resource](t, c, key, imednet.ListOptions{})
		require.NoError(t, err)
		return sizesOf(server)[0]
	}
	require.Equal(t, 100, firstSize(study.Key(), imednet.Records))
	require.Equal(t, 25, sizesOf(server)[2], "100, 50, 25")
	require.Equal(t, 100, firstSize(other.Key(), imednet.Records))
	require.Equal(t, 100, firstSize(study.Key(), imednet.RecordRevisions))
	require.Less(t, firstSize(study.Key(), imednet.Records), 100)
}

// A gateway that always cuts large pages is asked for one less and less often, though not never.
func TestALargerPageIsTriedLessAndLessOften(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 12_000})
	server := imednettest.NewServer(study)
	server.Inject(imednettest.Fault{OverRows: 10, Times: -1, Status: 413})
	got, err := recordIDs(inMemory(t, server, rest.WithPageSize(16), rest.WithLookAhead(1)).Records(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	require.Equal(t, study.RecordIDs(), got)
	var runs []int // of pages that arrived between two that did not
	for _, r := range server.Requests() {
		if r.Status != http.StatusOK {
			runs = append(runs, 0)
			continue
		}
		if r.Query.Get("size") == "1" {
			continue // the count at the end
		}
		require.Equal(t, "8", r.Query.Get("size"))
		runs[len(runs)-1]++
	}
	most := slices.Max(runs)
	require.Greater(t, len(runs), 8)
	for i := 1; i < len(runs)-1; i++ {
		require.Equal(t, min(2*runs[i-1], most), runs[i], "%v", runs)
	}
}

// Only failures in a row can mean that a page is too large.
func TestFailuresOfOtherKindsLeaveThePageSize(t *testing.T) {
	s := &script{steps: []http.HandlerFunc{status(502), status(500), status(504), threeSites}}
	_, err := listSites(start(t, s))
	require.NoError(t, err)
	for _, q := range s.queries {
		require.Equal(t, "500", q.Get("size"))
	}
}

// A smaller page is another request, with attempts of its own.
func TestEverySizeHasItsAttempts(t *testing.T) {
	for status, want := range map[int][]int{502: {8, 8, 2, 2, 1, 1, 1, 1}, 413: {8, 4, 2, 1}} {
		server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 50}))
		server.Inject(imednettest.Fault{Status: status, Times: -1})
		_, err := recordIDs(inMemory(t, server, rest.WithPageSize(8)).Records(t.Context(), "DEMO", imednet.ListOptions{}))
		var refused *imednet.APIError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, status, refused.StatusCode)
		require.Equal(t, want, sizesOf(server))
	}
}

// A later offset page that is too large ends its pass, and the next pass has smaller pages.
func TestAnOffsetPageThatIsTooLargeShrinksTheNextPass(t *testing.T) {
	for _, status := range []int{413, 502, 504} {
		server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 200}))
		server.Inject(imednettest.Fault{Query: map[string]string{"page": "1"}, OverRows: 20, Times: -1, Status: status})
		c := inMemory(t, server, rest.WithPageSize(60), rest.WithRetry(rest.RetryPolicy{MaxAttempts: 1}))
		got, err := recordIDs(c.Records(t.Context(), "DEMO", orFilter))
		require.NoError(t, err, status)
		require.Len(t, got, 200)
		require.Equal(t, []int{60, 60, 30, 30, 15}, sizesOf(server)[:5])
	}
}
