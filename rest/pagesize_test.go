package rest_test

import (
	"net/http"
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

// A gateway that fails once says nothing about the size of the page: the next is as large.
func TestOneFailureOfAGatewayLeavesThePageSize(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	for _, status := range []int{502, 503, 504} {
		server := imednettest.NewServer(study)
		server.Inject(imednettest.Fault{Skip: 1, Status: status})
		got, err := recordIDs(inMemory(t, server, rest.WithPageSize(100), rest.WithLookAhead(1)).Records(t.Context(), study.Key(), imednet.ListOptions{}))
		require.NoError(t, err)
		require.Equal(t, study.RecordIDs(), got)
		for _, size := range sizesOf(server) {
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
		sizes := sizesOf(server)
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
