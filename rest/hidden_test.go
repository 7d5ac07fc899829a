package rest_test

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/rest"
)

// hide answers as the table would without some of its rows.
func hide(tab *table, w http.ResponseWriter, r *http.Request, hidden ...int64) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	all := tab.ids
	tab.ids = slices.DeleteFunc(slices.Clone(all), func(id int64) bool { return slices.Contains(hidden, id) })
	io.WriteString(w, tab.answer(r.URL.Query()))
	tab.ids = all
}

// isPage tells pages from counts.
func isPage(r *http.Request) bool { return r.URL.Query().Get("size") != "1" }

// One reply lacks a row, and its total does as well. Whatever else changes in the table, a listing
// that lacks the row is an error: a row that is inserted or removed must not hide it.
func TestARowThatOneReplyHidIsNotLost(t *testing.T) {
	changes := map[string]func(*table){
		"nothing": func(*table) {},
		"insert":  func(tab *table) { tab.ids = append(tab.ids, tab.ids[len(tab.ids)-1]+1) },
		"removal": func(tab *table) { tab.ids = tab.ids[1:] },
		"both":    func(tab *table) { tab.ids = append(tab.ids[1:], tab.ids[len(tab.ids)-1]+1) },
		"many":    func(tab *table) { tab.ids = append(tab.ids[3:], tab.ids[len(tab.ids)-1]+1, tab.ids[len(tab.ids)-1]+2) },
	}
	for name, change := range changes {
		for _, nth := range []int{1, 2, 3} {
			for _, when := range []int{nth - 1, nth} {
				if cancels := name == "both" && (when == nth || nth == 1) || nth == 1 && name == "removal"; cancels {
					continue // in every total: see the limits in the package's comment
				}
				tab := newTable(dense(1, 300)...)
				tab.before = func(n int, w http.ResponseWriter, r *http.Request) bool {
					if n == when {
						change(tab)
					}
					if n != nth {
						return false
					}
					hide(tab, w, r, int64(nth*50-20))
					return true
				}
				c := start(t, tab, rest.WithPageSize(50), rest.WithLookAhead(1))
				got, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{}))
				require.ErrorIs(t, err, imednet.ErrProtocol, "%s, reply %d, change at %d: %d rows", name, nth, when, len(got))
				require.True(t, slices.IsSorted(got))
			}
		}
	}
}

// A row that was created after the listing began, below ids already listed, is not owed; nor is one
// whose change brought it into the filter. Both leave the listing in order and without an error.
func TestARowThatCameMeanwhileIsNoFault(t *testing.T) {
	filtered := imednet.ListOptions{Filter: imednet.Where("recordStatus", imednet.Equal, "Complete")}
	for name, c := range map[string]struct {
		opts   imednet.ListOptions
		member string
		fails  bool
	}{
		"created":                     {imednet.ListOptions{}, "dateCreated", false},
		"changed":                     {imednet.ListOptions{}, "dateModified", true},
		"changed, and there a filter": {filtered, "dateModified", false},
	} {
		tab := newTable(dense(1, 300)...)
		tab.ids = slices.DeleteFunc(tab.ids, func(id int64) bool { return id == 30 })
		tab.row = func(id int64) string {
			at := "2026-03-01 00:00:00"
			if id == 30 {
				at = "2026-03-02 14:05:31"
			}
			return fmt.Sprintf(`{"recordId":%d,"recordStatus":"Complete","%s":"%s"}`, id, c.member, at)
		}
		tab.before = func(n int, _ http.ResponseWriter, r *http.Request) bool {
			if n == 3 {
				tab.ids = dense(1, 300)
			}
			return false
		}
		if !c.opts.Filter.IsZero() {
			before := tab.before
			tab.before = func(n int, w http.ResponseWriter, r *http.Request) bool {
				before(n, w, r)
				q := r.URL.Query() // the table knows conditions on the id only
				q.Set("filter", idCondition(q))
				io.WriteString(w, tab.answer(q))
				return true
			}
		}
		got, err := recordIDs(start(t, tab, rest.WithPageSize(50), rest.WithLookAhead(1)).Records(t.Context(), "S", c.opts))
		if c.fails {
			require.ErrorIs(t, err, imednet.ErrProtocol, name)
			continue
		}
		require.NoError(t, err, name)
		require.Len(t, got, 299, name)
		require.True(t, slices.IsSorted(got), name)
	}
}

// idCondition is the condition on the id of a filter whose other condition comes before it.
func idCondition(q url.Values) string {
	f := q.Get("filter")
	for i := range f {
		if f[i] == ';' {
			return f[i+1:]
		}
	}
	return ""
}

// The first reply lacks a row, and the server refuses conditions on the id from then on.
func TestARowBeforeTheChangeToOffsetPagesIsNotLost(t *testing.T) {
	tab := newTable(dense(1, 300)...)
	tab.before = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			hide(tab, w, r, 30)
			return true
		}
		if r.URL.Query().Get("filter") != "" {
			status(400)(w, r)
			return true
		}
		return false
	}
	_, err := recordIDs(start(t, tab, rest.WithPageSize(50)).Records(t.Context(), "S", imednet.ListOptions{}))
	require.ErrorIs(t, err, imednet.ErrProtocol)
}

// A row beyond or below the caller's upper bound is removed while its pages are read.
func TestARemovalUnderAnUpperBoundIsNoFault(t *testing.T) {
	for _, gone := range []int64{5, 139, 141, 170, 299} {
		for at := 1; at < 5; at++ {
			tab := newTable(dense(1, 300)...)
			tab.change = func(tab *table, n int) {
				if n == at {
					tab.ids = slices.DeleteFunc(tab.ids, func(id int64) bool { return id == gone })
				}
			}
			opts := imednet.ListOptions{Filter: imednet.Where("recordId", imednet.LessOrEqual, 140)}
			got, err := recordIDs(start(t, tab, rest.WithPageSize(50), rest.WithLookAhead(1)).Records(t.Context(), "S", opts))
			require.NoError(t, err, "%d removed after reply %d", gone, at)
			require.GreaterOrEqual(t, len(got), 139)
			require.LessOrEqual(t, got[len(got)-1], int64(140))
		}
	}
}

// Passes that are wrong in the same way are no proof of one another.
func TestPassesThatAreWrongAlikeAreNotBelieved(t *testing.T) {
	all := dense(1, 150)
	faults := map[string]func(page int) []int64{
		"a page begins a row early": func(page int) []int64 { return map[int][]int64{0: all[:50], 1: all[49:99], 2: all[100:]}[page] },
		"a border row for another": func(page int) []int64 {
			return map[int][]int64{0: append(slices.Clone(all[:49]), 51), 1: all[50:100], 2: all[100:]}[page]
		},
		"pages in another order": func(page int) []int64 { return map[int][]int64{0: all[50:100], 1: all[:50], 2: all[100:]}[page] },
		"a page twice":           func(page int) []int64 { return map[int][]int64{0: all[:50], 1: all[:50], 2: all[100:]}[page] },
	}
	for name, ids := range faults {
		for _, listing := range []string{"by id", "by name"} {
			if name == "pages in another order" && listing == "by name" {
				continue // no row is missing
			}
			for _, times := range []int{2, 1 << 30} {
				served := map[int]int{}
				tab := newTable(all...)
				tab.idName = "siteId"
				tab.before = func(_ int, w http.ResponseWriter, r *http.Request) bool {
					page, _ := strconv.Atoi(r.URL.Query().Get("page"))
					if served[page]++; !isPage(r) || served[page] > times {
						return false
					}
					var rows []string
					for _, id := range ids(page) {
						rows = append(rows, fmt.Sprintf(`{"siteId":%d}`, id))
					}
					io.WriteString(w, envelope(page, 50, 150, rows...))
					return true
				}
				got, err := siteIDs(start(t, tab, rest.WithPageSize(50)).Sites(t.Context(), "S", sitesBy[listing]))
				if times == 2 {
					require.NoError(t, err, "%s %s", name, listing)
					require.Equal(t, all, got, "%s %s", name, listing)
					continue
				}
				require.ErrorIs(t, err, imednet.ErrProtocol, "%s %s", name, listing)
			}
		}
	}
}

// sitesBy are listings by offset pages.
var sitesBy = map[string]imednet.ListOptions{
	"by id":   {Filter: imednet.Where("siteId", imednet.Greater, 0).Or("siteName", imednet.Equal, "A")},
	"by name": {Sort: []imednet.SortKey{{Property: "siteName"}}},
}

func siteIDs(seq iter.Seq2[imednet.Site, error]) (ids []int64, err error) {
	for site, e := range seq {
		if e != nil {
			return ids, e
		}
		ids = append(ids, site.SiteID)
	}
	return ids, nil
}
