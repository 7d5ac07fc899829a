package rest_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/testheap"
	"github.com/imednetgo/imednet/rest"
)

func TestMain(m *testing.M) {
	testheap.Grow()
	goleak.VerifyTestMain(m)
}

// gaps returns n rising ids whose distances are drawn by next.
func gaps(n int, next func() int64) []int64 {
	ids := make([]int64, n)
	id := int64(1000)
	for i := range ids {
		id += max(next(), 1)
		ids[i] = id
	}
	return ids
}

func TestRecordsListsEveryIDOnceWhateverTheirDensity(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	step := 0
	shapes := map[string][]int64{
		"none":        nil,
		"one":         {7},
		"one page":    dense(1, 50),
		"page and 1":  dense(1, 51),
		"dense":       dense(700001, 1203),
		"random gaps": gaps(1203, func() int64 { return rnd.Int64N(20) }),
		"denser":      gaps(1203, func() int64 { step++; return int64(1 + 20*(1203-step)/1203) }),
		"sparser":     gaps(1203, func() int64 { step++; return int64(1 + step/40) }),
		"huge gap":    append(dense(1, 75), dense(1<<40, 1000)...),
		"huge first":  append([]int64{1, 1 << 50}, dense(1<<50+1, 1000)...),
		"near end":    dense(1<<63-1-1200, 1200),
	}
	for name, ids := range shapes {
		for _, ahead := range []int{1, 4, 16} {
			tab := newTable(ids...)
			c := start(t, tab, rest.WithPageSize(50), rest.WithLookAhead(ahead))
			got, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{}))
			require.NoError(t, err, name)
			require.Equal(t, ids, got, name)
			pages := (len(ids) + 49) / 50
			require.LessOrEqual(t, tab.count(), 2*pages+2*ahead+8, "%s, %d ahead, %d pages", name, ahead, pages)
			c.CloseIdleConnections()
		}
	}
}

func TestDenseListingReadsEachPageOnce(t *testing.T) {
	tab := newTable(dense(1, 5000)...)
	clock := newClock()
	c := start(t, tab, rest.WithClock(clock))
	got, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{}))
	require.NoError(t, err)
	require.Len(t, got, 5000)
	require.Equal(t, 12, tab.count(), "ten pages, which overlap, and a count")
	require.Empty(t, clock.Slept(), "nothing gave cause for a pause")
	require.Equal(t, "1", tab.requests[11].Get("size"))
	require.Empty(t, tab.requests[11].Get("filter"))
	for _, q := range tab.requests[:11] {
		require.Equal(t, []string{"recordId,ASC"}, q["sort"])
		require.Equal(t, "500", q.Get("size"))
	}
}

func TestFirstPageIsAskedForAlone(t *testing.T) {
	tab := newTable(dense(1, 5000)...)
	c := start(t, tab)
	n := 0
	for _, err := range c.Records(t.Context(), "S", imednet.ListOptions{}) {
		require.NoError(t, err)
		if n++; n == 500 {
			break
		}
	}
	require.Equal(t, 1, tab.count())
}

func TestConditionsOnTheID(t *testing.T) {
	where := imednet.Where
	ids := gaps(400, func() int64 { return 3 }) // 1003, 1006 … 2200
	cases := map[string]struct {
		filter imednet.Filter
		keep   func(int64) bool
	}{
		">":               {where("recordId", imednet.Greater, 1300), func(id int64) bool { return id > 1300 }},
		">=":              {where("recordId", imednet.GreaterOrEqual, int64(1303)), func(id int64) bool { return id >= 1303 }},
		"<":               {where("recordId", imednet.Less, "1903"), func(id int64) bool { return id < 1903 }},
		"<=":              {where("recordId", imednet.LessOrEqual, 1903), func(id int64) bool { return id <= 1903 }},
		"==":              {where("recordId", imednet.Equal, 1903), func(id int64) bool { return id == 1903 }},
		"== none":         {where("recordId", imednet.Equal, 1904), func(id int64) bool { return false }},
		"!=":              {where("recordId", imednet.NotEqual, 1603), func(id int64) bool { return id != 1603 }},
		"and another":     {where("formKey", imednet.Equal, "AE").And("recordId", imednet.Greater, 1300), func(id int64) bool { return id > 1300 && id%2 == 0 }},
		"negative":        {where("recordId", imednet.Greater, -5), func(int64) bool { return true }},
		"nothing below":   {where("recordId", imednet.Less, 1), func(int64) bool { return false }},
		"greatest of all": {where("recordId", imednet.Greater, int64(1<<63-1)), func(int64) bool { return false }},
		"or":              {where("recordId", imednet.Less, 1300).Or("formKey", imednet.Equal, "AE"), func(id int64) bool { return id < 1300 || id%2 == 0 }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			client := start(t, newTable(ids...), rest.WithPageSize(50))
			got, err := recordIDs(client.Records(t.Context(), "S", imednet.ListOptions{Filter: c.filter}))
			require.NoError(t, err)
			want := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !c.keep(id) })
			require.ElementsMatch(t, want, got)
			require.True(t, slices.IsSorted(got))
		})
	}
}

// Rows are removed, inserted and moved out of and into the filter while the listing runs.
func TestNoLastingRowIsLostWhileTheTableChanges(t *testing.T) {
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		ids := gaps(900, func() int64 { return rnd.Int64N(6) })
		lasting := map[int64]bool{}
		tab := newTable(slices.Clone(ids)...)
		for i, id := range ids {
			lasting[id] = i%3 > 0
		}
		tab.change = func(tab *table, _ int) {
			for range 20 {
				i := rnd.IntN(len(tab.ids))
				if id := tab.ids[i]; !lasting[id] {
					tab.ids = slices.Delete(tab.ids, i, i+1)
				}
				tab.ids = append(tab.ids, tab.ids[len(tab.ids)-1]+1+rnd.Int64N(5))
			}
		}
		c := start(t, tab, rest.WithPageSize(40))
		got, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{}))
		require.NoError(t, err)
		require.True(t, slices.IsSorted(got))
		require.Len(t, slices.Compact(slices.Clone(got)), len(got), "no row twice")
		for _, id := range ids {
			if _, found := slices.BinarySearch(got, id); !found {
				require.False(t, lasting[id], "row %d is lost", id)
			}
		}
	}
}

func TestServerWithSmallerPages(t *testing.T) {
	tab := newTable(dense(1, 700)...)
	tab.maxSize = 100
	for _, opts := range []imednet.ListOptions{{}, orFilter} {
		got, err := recordIDs(start(t, tab).Records(t.Context(), "S", opts))
		require.NoError(t, err)
		require.Equal(t, dense(1, 700), got)
	}
}

func TestRefusedIDConditionFallsBackToOffsetPages(t *testing.T) {
	tab := newTable(dense(1, 230)...)
	tab.before = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("filter") == "" {
			return false
		}
		w.WriteHeader(400)
		w.Write([]byte(jsonError("BAD_REQUEST", "1000", "filter")))
		return true
	}
	for _, f := range []imednet.Filter{{}, imednet.Where("recordId", imednet.Greater, 70)} {
		c := start(t, tab, rest.WithPageSize(50))
		got, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{Filter: f}))
		require.NoError(t, err)
		want := dense(1, 230)
		if !f.IsZero() {
			want = dense(71, 160)
		}
		require.Equal(t, want, got)
	}
}

func TestRefusedFilterIsNotReadWithoutIt(t *testing.T) {
	tab := newTable(dense(1, 230)...)
	tab.before = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(400)
		w.Write([]byte(jsonError("BAD_REQUEST", "1000", "filter")))
		return true
	}
	c := start(t, tab)
	_, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "AE")}))
	require.ErrorIs(t, err, imednet.ErrBadRequest)
	require.Equal(t, 1, tab.count())
}

func TestErrorInTheMiddleComesAfterTheRowsBeforeIt(t *testing.T) {
	tab := newTable(dense(1, 300)...)
	tab.before = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		tab.mu.Lock()
		defer tab.mu.Unlock()
		if !strings.Contains(tab.answer(r.URL.Query()), `"recordId":160`) {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	}
	c := start(t, tab, rest.WithPageSize(50))
	got, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{}))
	require.ErrorIs(t, err, imednet.ErrForbidden)
	require.Equal(t, dense(1, 149), got)
}

func TestCancelledListingEnds(t *testing.T) {
	stop := errors.New("enough")
	tab := newTable(dense(1, 5000)...)
	c := start(t, tab)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	n := 0
	var last error
	for _, err := range c.Records(ctx, "S", imednet.ListOptions{}) {
		if n++; n == 700 {
			cancel(stop)
		}
		last = err
	}
	require.ErrorIs(t, last, stop)
	require.False(t, imednet.Retryable(last))
}

func TestRecordPageAndProbe(t *testing.T) {
	tab := newTable(dense(1, 230)...)
	c := start(t, tab)
	f := imednet.Where("recordId", imednet.Greater, 100)
	p, err := c.ProbeRecords(t.Context(), "S", f)
	require.NoError(t, err)
	require.EqualValues(t, 130, p.Total)
	require.Equal(t, "2026-03-02T14:05:31Z", p.ServerTime.Format("2006-01-02T15:04:05Z07:00"))
	page, err := c.RecordPage(t.Context(), "S", f, 20)
	require.NoError(t, err)
	require.Len(t, page.Records, 20)
	require.EqualValues(t, 130, page.Total)
	require.Equal(t, 2, tab.count(), "one request each")
	require.Equal(t, "1", tab.requests[0].Get("size"))
	_, err = c.RecordPage(t.Context(), "S", f, 501)
	var invalid *imednet.ValidationError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, 2, tab.count())
}

func TestEarlyEndIsBelievedWhenACountConfirmsIt(t *testing.T) {
	for left, believed := range map[int]bool{60: false, 3900: false, 4100: true, 4999: true} {
		tab := newTable(dense(1, 5000)...)
		tab.change = func(tab *table, n int) {
			if n == 1 {
				tab.ids = tab.ids[:left]
			}
		}
		c := start(t, tab, rest.WithPageSize(50), rest.WithLookAhead(1))
		got, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{}))
		require.Equal(t, dense(1, int64(left)), got)
		if believed {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, imednet.ErrProtocol, "a fifth of the rows does not vanish while they are read")
	}
}
