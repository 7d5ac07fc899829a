package rest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/rest"
)

// orFilter cannot be read by key; every row matches it.
var orFilter = imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Greater, 0).Or("formKey", imednet.Equal, "AE")}

func TestOffsetPagesCountWhenTwoPassesAgree(t *testing.T) {
	tab := newTable(dense(1, 120)...)
	c := start(t, tab, rest.WithPageSize(50))
	got, err := recordIDs(c.Records(t.Context(), "S", orFilter))
	require.NoError(t, err)
	require.Equal(t, dense(1, 120), got)
	require.Equal(t, 6, tab.count())
}

func TestOffsetListingOfOnePageIsReadOnce(t *testing.T) {
	for rows, requests := range map[int64]int{49: 1, 50: 2} { // a full page may not be all
		tab := newTable(dense(1, rows)...)
		c := start(t, tab, rest.WithPageSize(50))
		got, err := recordIDs(c.Records(t.Context(), "S", orFilter))
		require.NoError(t, err)
		require.Equal(t, dense(1, rows), got)
		require.Equal(t, requests, tab.count())
	}
}

// A removal before a page boundary shifts a row into a page that was read already, and an insert
// keeps the total: nothing but the second pass can show it.
func TestShiftedRowIsFound(t *testing.T) {
	tab := newTable(dense(1, 120)...)
	tab.change = func(tab *table, n int) {
		if n == 1 {
			tab.ids = append(slices.Delete(tab.ids, 0, 1), 121)
		}
	}
	c := start(t, tab, rest.WithPageSize(50))
	got, err := recordIDs(c.Records(t.Context(), "S", orFilter))
	require.NoError(t, err)
	require.Equal(t, dense(2, 120), got)
	require.Equal(t, 9, tab.count(), "the first pass skipped row 51, the second and the third agree")
}

func TestShiftDuringTheSecondPassRepeatsNothing(t *testing.T) {
	tab := newTable(dense(1, 120)...)
	tab.change = func(tab *table, n int) {
		if n == 4 { // the first page of the second pass was yielded
			tab.ids = append(slices.Delete(tab.ids, 0, 1), 121)
		}
	}
	c := start(t, tab, rest.WithPageSize(50))
	got, err := recordIDs(c.Records(t.Context(), "S", orFilter))
	require.NoError(t, err)
	require.Equal(t, dense(1, 121), got)
}

func TestListingThatNeverSettles(t *testing.T) {
	tab := newTable(dense(1, 120)...)
	tab.change = func(tab *table, n int) { tab.ids = append(tab.ids[1:], tab.ids[len(tab.ids)-1]+1) }
	c := start(t, tab, rest.WithPageSize(50))
	_, err := recordIDs(c.Records(t.Context(), "S", orFilter))
	require.ErrorIs(t, err, imednet.ErrUnstableListing)
	var failure *imednet.Error
	require.ErrorAs(t, err, &failure)
	require.Empty(t, failure.Place, "no id has been reached")
	require.LessOrEqual(t, tab.count(), 8*4)
}

func TestStudiesAndUsersHaveTextIDs(t *testing.T) {
	var queries []url.Values
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.Query())
		rows := []string{`{"studyKey":"b","userId":"2"}`, `{"studyKey":"A","userId":"1"}`, `{"studyKey":"c","userId":"3"}`}
		page := 0
		fmt.Sscan(r.URL.Query().Get("page"), &page)
		io.WriteString(w, envelope(page, 2, 3, rows[page*2:min(page*2+2, 3)]...))
	}), rest.WithPageSize(2))
	var keys []string
	for s, err := range c.Studies(t.Context(), imednet.ListOptions{}) {
		require.NoError(t, err)
		keys = append(keys, s.StudyKey)
	}
	require.Equal(t, []string{"b", "A", "c"}, keys, "the server's collation is not ours to judge")
	require.Equal(t, "studyKey,ASC", queries[0].Get("sort"))
	keys = nil
	queries = nil
	for u, err := range c.Users(t.Context(), "S", imednet.ListOptions{IncludeInactive: true, Sort: []imednet.SortKey{{Property: "login", Descending: true}}}) {
		require.NoError(t, err)
		keys = append(keys, u.UserID)
	}
	require.Equal(t, []string{"2", "1", "3"}, keys)
	require.Equal(t, []string{"login,DESC", "userId,ASC"}, queries[0]["sort"])
	require.Equal(t, "true", queries[0].Get("includeInactive"))
}

func TestInvalidOptionsSendNothing(t *testing.T) {
	tab := newTable(1)
	c := start(t, tab)
	for _, opts := range []imednet.ListOptions{
		{PageSize: 501},
		{IncludeInactive: true},
		{Sort: []imednet.SortKey{{Property: "dateModified"}}},
		{Filter: imednet.Where("nothing", imednet.Equal, 1)},
		{Filter: imednet.Where("recordId", imednet.Greater, 1).And("recordId", imednet.Less, 9)},
	} {
		_, err := recordIDs(c.Records(t.Context(), "S", opts))
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid)
	}
	require.Zero(t, tab.count())
}

func TestRecordDataFilterGoesAlong(t *testing.T) {
	tab := newTable(dense(1, 120)...)
	c := start(t, tab, rest.WithPageSize(50))
	opts := imednet.ListOptions{RecordDataFilter: imednet.Where("AETERM", imednet.Contains, "bronch")}
	_, err := recordIDs(c.Records(t.Context(), "S", opts))
	require.NoError(t, err)
	for _, q := range tab.requests {
		require.Equal(t, "AETERM=~bronch", q.Get("recordDataFilter"))
	}
}
