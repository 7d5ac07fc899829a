package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/queries"
)

func TestOutput(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, want, out.String())
}

const want = `A fake of two queries: 0 open, 1 closed, 1 unknown.

DEMO, everything: 173 queries, 63 of them open
  Site 01                     13 open  21 closed  10 unknown
  Site 02 - North; Annex      12 open  19 closed  12 unknown
  Site 03                     18 open  17 closed   8 unknown
  Site 04                     20 open  13 closed  10 unknown

DEMO, what Anna may see: 87 queries, 31 of them open
  Site 01                     13 open  21 closed  10 unknown
  Site 03                     18 open  17 closed   8 unknown
`

func view() (siteView, *imednettest.Server) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 5000}))
	return siteView{client: server.Client(), sites: map[int64]bool{701: true, 703: true}}, server
}

func TestAHiddenSiteIsNotThere(t *testing.T) {
	v, _ := view()
	management, err := queries.NewQueryManagement(v)
	require.NoError(t, err)
	var last error
	for _, last = range management.QueriesBySite(t.Context(), "DEMO", "Site 04", queries.Options{}) {
	}
	require.ErrorIs(t, last, queries.ErrNoSuchSite)
}

func TestRecordsOfOtherSitesAreHidden(t *testing.T) {
	v, _ := view()
	seen, all := 0, 0
	for r, err := range v.client.Records(t.Context(), "DEMO", imednet.ListOptions{}) {
		require.NoError(t, err)
		if v.sites[r.SiteID.Or(0)] {
			all++
		}
	}
	for r, err := range v.Records(t.Context(), "DEMO", imednet.ListOptions{}) {
		require.NoError(t, err)
		require.Contains(t, []int64{701, 703}, r.SiteID.Or(0))
		seen++
	}
	require.Equal(t, all, seen)
	require.Positive(t, seen)
}

func TestAFailedListingIsNoShortOne(t *testing.T) {
	for _, path := range []string{"subjects", "queries"} {
		v, server := view()
		server.Inject(imednettest.Fault{Path: path, Status: http.StatusInternalServerError})
		management, err := queries.NewQueryManagement(v)
		require.NoError(t, err)
		_, err = management.QueryStateCounts(t.Context(), "DEMO", queries.Options{})
		require.ErrorIs(t, err, imednet.ErrServer)
	}
}
