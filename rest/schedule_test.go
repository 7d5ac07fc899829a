package rest_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// schedules is how many random schedules are played against each of the five listings.
func schedules() int {
	switch {
	case os.Getenv("IMEDNET_LONG") != "":
		return 2_000
	case testing.Short():
		return 30
	}
	return 60
}

// randomClient is a client of any settings, by the time of the machine: run it in a bubble.
func randomClient(t testing.TB, rnd *rand.Rand, server *imednettest.Server) *rest.Client {
	c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithHTTPClient(&http.Client{Transport: randomNetwork(rnd, server)}),
		rest.WithPageSize([]int{20, 37, 100, 500}[rnd.IntN(4)]), rest.WithLookAhead(1+rnd.IntN(16)))
	require.NoError(t, err)
	return c
}

// questions are listings of one resource: read by key, from the middle on, and by offset pages.
func questions(resource imednet.Resource, middle int64) []imednet.ListOptions {
	id := resource.ID()
	return []imednet.ListOptions{
		{},
		{Filter: imednet.Where("subjectKey", imednet.NotEqual, "01-001").And(id, imednet.Greater, middle)},
		{Filter: imednet.Where(id, imednet.Greater, 0).Or("subjectKey", imednet.Equal, "01-001")},
	}
}

// randomRights are what the keys may see of a study: mostly everything.
func randomRights(rnd *rand.Rand) imednettest.Rights {
	return []imednettest.Rights{{}, {}, {}, {Forms: []string{"AE", "VS"}}, {Sites: []int64{701, 702}}}[rnd.IntN(5)]
}

// A listing is complete or an error, whatever the server and the network do to it: without an error
// all rows are there, each with the value that the server has. The rows before an error are the
// first ones, except that a page which hid a row in a plausible way is yielded before it is found out.
func TestListingsAreCompleteOrAnErrorUnderRandomFaults(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900, Subjects: 130, Seed: 11})
	known := map[string][]shown{}
	expected := func(resource imednet.Resource, rights imednettest.Rights, opts imednet.ListOptions) []shown {
		key := fmt.Sprint(resource, rights, opts.Filter)
		if _, ok := known[key]; !ok {
			known[key] = undisturbed(t, study, resource, opts)
		}
		return known[key]
	}
	complete, failed := 0, 0
	for seed := range uint64(schedules()) {
		for resource, list := range listings {
			rnd := rand.New(rand.NewPCG(seed, uint64(len(resource))))
			rights := randomRights(rnd)
			study.SetRights(imednettest.Rights{})
			all := expected(resource, imednettest.Rights{}, imednet.ListOptions{})
			study.SetRights(rights)
			opts := questions(resource, all[len(all)/2].id)[max(0, rnd.IntN(5)-2)]
			want := expected(resource, rights, opts)
			synctest.Test(t, func(t *testing.T) {
				server := imednettest.NewServer(study)
				server.Configure(imednettest.Settings{GatewayErrors: rnd.IntN(4) == 0})
				server.SetSeed(seed)
				faults, plausible := randomFaults(rnd)
				server.Inject(faults...)
				got, err := list(t, randomClient(t, rnd, server), study.Key(), opts)
				if opts.Filter.IsOr() { // a row that offset pages hid twice comes behind those after it
					slices.SortStableFunc(got, func(a, b shown) int { return cmp.Compare(a.id, b.id) })
				}
				if err != nil {
					failed++
					if plausible {
						want = onlyIDs(want, got)
					}
					require.LessOrEqual(t, len(got), len(want))
					require.Equal(t, -1, firstDifference(want, got), "%s, schedule %d: rows before the error", resource, seed)
					return
				}
				complete++
				requireSame(t, want, got, "%s, schedule %d", resource, seed)
			})
		}
	}
	t.Logf("%d listings complete, %d refused", complete, failed)
	require.Greater(t, complete, schedules())
	require.Greater(t, failed, schedules()/4)
}

// onlyIDs selects the rows whose ids are among those of others.
func onlyIDs(rows, others []shown) (selected []shown) {
	ids := map[int64]bool{}
	for _, row := range others {
		ids[row.id] = true
	}
	for _, row := range rows {
		if ids[row.id] {
			selected = append(selected, row)
		}
	}
	return selected
}
