package rest_test

import (
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/rest"
)

// distance is a way to a server on which every request takes a time. It notes how many are under way: run it in
// a bubble, where nothing else takes any.
type distance struct {
	server http.Handler
	takes  func(*http.Request, int) time.Duration // of a request, and of those under way with it

	mu       sync.Mutex
	inFlight int
	most     int
	requests int
	pages    int
	waited   time.Duration // of all requests
}

func (d *distance) RoundTrip(r *http.Request) (*http.Response, error) {
	takes := d.enter(r)
	defer d.leave(takes)
	select {
	case <-time.After(takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	answer := httptest.NewRecorder()
	d.server.ServeHTTP(answer, r)
	return answer.Result(), nil
}

func (d *distance) enter(r *http.Request) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inFlight++
	d.requests++
	if r.URL.Query().Get("size") != "1" {
		d.pages++
	}
	d.most = max(d.most, d.inFlight)
	return d.takes(r, d.inFlight)
}

func (d *distance) leave(takes time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inFlight--
	d.waited += takes
}

const roundTrip = 50 * time.Millisecond

// always takes the same time.
func always(*http.Request, int) time.Duration { return roundTrip }

// far lists the table over a distance, and returns how many round trips that took, one after another.
func far(t *testing.T, d *distance, opts ...rest.Option) (ids []int64, rounds float64) {
	opts = append([]rest.Option{rest.WithHTTPClient(&http.Client{Transport: d})}, opts...)
	c, err := rest.New("key-A", "key-B", opts...)
	require.NoError(t, err)
	start := time.Now()
	ids, err = recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{}))
	require.NoError(t, err)
	return ids, float64(time.Since(start)) / float64(roundTrip)
}

// shapesOfIDs are how ids can lie.
func shapesOfIDs(n int) map[string][]int64 {
	rnd := rand.New(rand.NewPCG(5, 6))
	step := 0
	rising := func(next func(int) int64) []int64 {
		step = 0
		return gaps(n, func() int64 { step++; return next(step) })
	}
	return map[string][]int64{
		"dense":   dense(700_001, int64(n)),
		"even":    rising(func(i int) int64 { return 1 + int64(i%14/13) }),
		"random":  rising(func(int) int64 { return 1 + rnd.Int64N(20) }),
		"bursts":  rising(func(i int) int64 { return 1 + int64(i%70/69)*rnd.Int64N(3000) }),
		"denser":  rising(func(i int) int64 { return int64(1 + 40*(n-i)/n) }),
		"sparser": rising(func(i int) int64 { return int64(1 + i/(n/40)) }),
		"turns":   rising(func(i int) int64 { return 1 + int64(i/1500%2)*30 }),
	}
}

// However ids lie, as many pages as may be are in flight all the time: the rounds are those of the pages, of a few
// that find out how many that is, and of the count at the end.
func TestALookAheadIsFullWhateverTheDensityOfIDs(t *testing.T) {
	const rows, size = 4000, 20
	for name, ids := range shapesOfIDs(rows) {
		for ahead, growing := range map[int]float64{1: 0, 4: 0, 16: 2} {
			synctest.Test(t, func(t *testing.T) {
				d := &distance{server: newTable(ids...), takes: always}
				got, rounds := far(t, d, rest.WithPageSize(size), rest.WithLookAhead(ahead))
				require.Equal(t, ids, got, name)
				pages := math.Ceil(float64(rows-size) / float64(size-1))
				if ahead == 1 {
					pages = rows/size - 1
				}
				t.Logf("%s, %d ahead: %.0f rounds, %d pages, on average %.1f in flight", name, ahead, rounds, d.pages, float64(d.waited)/rounds/float64(roundTrip))
				require.LessOrEqual(t, rounds, 2+growing+math.Ceil(pages/float64(ahead)), "%s, %d ahead", name, ahead)
				require.LessOrEqual(t, d.pages, int(pages)+2, "%s, %d ahead", name, ahead)
				require.Equal(t, ahead, d.most, name)
			})
		}
	}
}

// A page that takes three times as long holds up only those who wait for it: others are asked for meanwhile.
func TestASlowPageDoesNotEmptyTheLookAhead(t *testing.T) {
	ids := dense(1, 4000)
	synctest.Test(t, func(t *testing.T) {
		n := 0
		d := &distance{server: newTable(ids...), takes: func(*http.Request, int) time.Duration {
			if n++; n%10 == 0 {
				return 3 * roundTrip
			}
			return roundTrip
		}}
		got, rounds := far(t, d, rest.WithPageSize(20), rest.WithLookAhead(16))
		require.Equal(t, ids, got)
		inFlight := float64(d.waited) / rounds / float64(roundTrip)
		t.Logf("%.1f rounds, on average %.1f in flight", rounds, inFlight)
		require.Greater(t, inFlight, 9.0)
	})
}

// A server that answers one request after another is not asked for more than it can use.
func TestNoMoreIsAskedForAheadThanHelps(t *testing.T) {
	ids := dense(1, 4000)
	synctest.Test(t, func(t *testing.T) {
		var free time.Time // when the server has answered what it was asked
		d := &distance{server: newTable(ids...), takes: func(*http.Request, int) time.Duration {
			if now := time.Now(); free.Before(now) {
				free = now
			}
			free = free.Add(roundTrip)
			return time.Until(free)
		}}
		got, _ := far(t, d, rest.WithPageSize(20))
		require.Equal(t, ids, got)
		require.LessOrEqual(t, d.most, 8)
	})
}

// A caller who takes a page in about as fast as one comes has no use for many that wait in memory.
func TestNoMoreIsAskedForAheadThanTheCallerTakesIn(t *testing.T) {
	ids := dense(1, 4000)
	synctest.Test(t, func(t *testing.T) {
		d := &distance{server: newTable(ids...), takes: func(*http.Request, int) time.Duration { return roundTrip / 10 }}
		c, err := rest.New("key-A", "key-B", rest.WithHTTPClient(&http.Client{Transport: d}), rest.WithPageSize(20))
		require.NoError(t, err)
		n := 0
		for _, err := range c.Records(t.Context(), "S", imednet.ListOptions{}) {
			require.NoError(t, err)
			if n++; n%80 == 0 { // in turn with not having to wait, and having to
				<-time.After(roundTrip / 2)
			}
		}
		require.LessOrEqual(t, d.most, 8)
	})
}

// What the caller does with a page does not stop the pages ahead from coming.
func TestPagesComeWhileTheCallerIsBusy(t *testing.T) {
	ids := dense(1, 4000)
	synctest.Test(t, func(t *testing.T) {
		d := &distance{server: newTable(ids...), takes: always}
		c, err := rest.New("key-A", "key-B", rest.WithHTTPClient(&http.Client{Transport: d}), rest.WithPageSize(20))
		require.NoError(t, err)
		start, n := time.Now(), 0
		for _, err := range c.Records(t.Context(), "S", imednet.ListOptions{}) {
			require.NoError(t, err)
			if n++; n%20 == 0 {
				<-time.After(roundTrip / 2)
			}
		}
		require.LessOrEqual(t, time.Since(start), 215*roundTrip/2+4*roundTrip, "the work, the first page and a count")
	})
}

// A caller who stores many pages at once is not waited for: others are asked for meanwhile.
func TestPagesAreAskedForWhileTheCallerIsBusy(t *testing.T) {
	ids := dense(1, 8000)
	synctest.Test(t, func(t *testing.T) {
		d := &distance{server: newTable(ids...), takes: always}
		c, err := rest.New("key-A", "key-B", rest.WithHTTPClient(&http.Client{Transport: d}), rest.WithPageSize(20), rest.WithLookAhead(16))
		require.NoError(t, err)
		start, n, pauses := time.Now(), 0, 0
		for _, err := range c.Records(t.Context(), "S", imednet.ListOptions{}) {
			require.NoError(t, err)
			if n++; n%400 == 0 {
				<-time.After(roundTrip * 3 / 4)
				pauses++
			}
		}
		rounds := float64(time.Since(start)) / float64(roundTrip)
		t.Logf("%.1f rounds, %.1f of them pauses, %d pages, %.1f in flight", rounds, float64(pauses)*3/4, d.pages, float64(d.waited)/rounds/float64(roundTrip))
		require.Equal(t, 16, d.most)
		require.LessOrEqual(t, rounds, 5+float64(d.pages)/16*1.1)
	})
}

// limited is a server that refuses what it is asked beyond a limit, and says when to come again.
type limited struct {
	*distance
	concurrent int
	perSecond  int
	second     int64
	asked      int
	refused    int
}

func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.allow() {
		return l.distance.RoundTrip(r)
	}
	<-time.After(roundTrip)
	return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}, Body: http.NoBody, Request: r}, nil
}

func (l *limited) allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now().Unix(); now != l.second {
		l.second, l.asked = now, 0
	}
	l.asked++
	if l.concurrent > 0 && l.inFlight >= l.concurrent || l.perSecond > 0 && l.asked > l.perSecond {
		l.refused++
		return false
	}
	return true
}

// A server with a limit is asked for less after it has refused something, and its listings are complete.
func TestAServerThatRefusesIsAskedForLess(t *testing.T) {
	ids := dense(1, 4000)
	for name, server := range map[string]*limited{
		"one at a time": {concurrent: 1}, "three at a time": {concurrent: 3}, "ten at a time": {concurrent: 10},
		"five a second": {perSecond: 5}, "60 a second": {perSecond: 60},
	} {
		synctest.Test(t, func(t *testing.T) {
			server.distance = &distance{server: newTable(ids...), takes: always}
			c, err := rest.New("key-A", "key-B", rest.WithHTTPClient(&http.Client{Transport: server}), rest.WithPageSize(20))
			require.NoError(t, err)
			start := time.Now()
			got, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{}))
			require.NoError(t, err, name)
			require.Equal(t, ids, got, name)
			t.Logf("%s: %d of %d refused, %v", name, server.refused, server.refused+server.requests, time.Since(start))
			require.Less(t, server.refused, 60, name)
		})
	}
}

// Rows that are removed, come into the listing and leave it while pages are far ahead: none that stays is lost, and
// none comes twice.
func TestNoLastingRowIsLostFarAhead(t *testing.T) {
	for seed := range uint64(schedules() / 2) {
		rnd := rand.New(rand.NewPCG(seed, 77))
		ids := gaps(3000, func() int64 { return 1 + rnd.Int64N(9) })
		lasting := map[int64]bool{}
		for i, id := range ids {
			lasting[id] = i%8 > 0 // the count at the end does not believe that more than a fifth is gone
		}
		synctest.Test(t, func(t *testing.T) {
			tab := newTable(slices.Clone(ids)...)
			often, most, top := 1+rnd.IntN(12), 1+rnd.IntN(60), ids[len(ids)-1]
			tab.change = func(tab *table, _ int) {
				if rnd.IntN(often) == 0 {
					remove(rnd, tab, lasting, rnd.IntN(most))
				}
				for range rnd.IntN(3) {
					top += 1 + rnd.Int64N(5)
					tab.ids = append(tab.ids, top)
				}
			}
			way := rand.New(rand.NewPCG(seed, 78))
			d := &distance{server: tab, takes: func(*http.Request, int) time.Duration { return time.Duration(way.Int64N(int64(2 * roundTrip))) }}
			got, _ := far(t, d, rest.WithPageSize(20+way.IntN(80)), rest.WithLookAhead(1+way.IntN(16)))
			require.True(t, slices.IsSorted(got))
			require.Len(t, slices.Compact(slices.Clone(got)), len(got), "schedule %d: a row comes twice", seed)
			for id := range lasting {
				if _, found := slices.BinarySearch(got, id); !found {
					require.False(t, lasting[id], "schedule %d: row %d is lost", seed, id)
				}
			}
		})
	}
}

// remove removes up to n rows of a stretch that need not last.
func remove(rnd *rand.Rand, tab *table, lasting map[int64]bool, n int) {
	for i := rnd.IntN(len(tab.ids)); i < len(tab.ids) && n > 0; n-- {
		if lasting[tab.ids[i]] {
			i++
		} else {
			tab.ids = slices.Delete(tab.ids, i, i+1)
		}
	}
}

// A server that is asked by somebody who did not say otherwise is asked for little at once.
func TestAListingIsModestUnlessToldOtherwise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := dense(1, 4000)
		d := &distance{server: newTable(ids...), takes: always}
		got, _ := far(t, d, rest.WithPageSize(20))
		require.Equal(t, ids, got)
		require.Equal(t, rest.DefaultLookAhead, d.most)
		require.LessOrEqual(t, rest.DefaultLookAhead, 4)
	})
}

// A server may refuse numbers of pages beside a condition on the id, in whatever way: the listing goes on by key.
func TestPagesThatAreRefusedByNumberAreReadByKey(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusInternalServerError, http.StatusBadGateway} {
		synctest.Test(t, func(t *testing.T) {
			ids := dense(700_001, 1000)
			table, refused := newTable(ids...), atomic.Int64{}
			server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if page := r.URL.Query().Get("page"); page != "" && page != "0" {
					refused.Add(1)
					w.WriteHeader(status)
					return
				}
				table.ServeHTTP(w, r)
			})
			got, _ := far(t, &distance{server: server, takes: always}, rest.WithPageSize(20), rest.WithLookAhead(8))
			require.Equal(t, ids, got, status)
			require.Positive(t, refused.Load())
			require.LessOrEqual(t, refused.Load(), int64(8*5), "and no number is tried again later: %d", status)
		})
	}
}
