package rest_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// A member of the envelope that is there twice can be read in two ways, so the reply is refused. Inside
// a row it is not for the listing to judge.
func TestAnEnvelopeWithAMemberTwice(t *testing.T) {
	const row, pagination = `{"siteId":1}`, `"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":1}`
	for body, whole := range map[string]bool{
		`{"metadata":{},` + pagination + `,"data":[` + row + `]}`:                                       true,
		`{"metadata":{},` + pagination + `,"data":[{"siteId":1,"x":1,"x":2}]}`:                          true,
		`{"metadata":{},` + pagination + `,"data":[],"data":[` + row + `]}`:                             false,
		`{"metadata":{},` + pagination + `,"data":[` + row + `],"data":null}`:                           false,
		`{"metadata":{},` + pagination + `,` + pagination + `,"data":[` + row + `]}`:                    false,
		`{"metadata":{},"pagination":null,` + pagination + `,"data":[` + row + `]}`:                     false,
		`{"metadata":{},` + pagination + `,"data":[` + row + `],"metadata":{}}`:                         false,
		`{"metadata":null,` + pagination + `,"data":[` + row + `],"metadata":{"timestamp":"SECRET-1"}}`: false,
	} {
		_, err := listSites(start(t, text(body)))
		if whole {
			require.NoError(t, err, body)
			continue
		}
		require.ErrorIs(t, err, imednet.ErrProtocol, body)
		require.ErrorContains(t, err, "twice", body)
		require.NotContains(t, err.Error(), "SECRET")
	}
}

// Rows that certainly do not satisfy the caller's filter show that the server did not apply it. What
// cannot be judged, or a server may see otherwise, is no fault.
func TestAFilterThatTheServerDidNotApply(t *testing.T) {
	where, noon := imednet.Where, time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		filter  imednet.Filter
		row     string
		refused bool
	}{
		{where("formKey", imednet.Equal, "AE"), `"formKey":"VS"`, true},
		{where("formKey", imednet.Equal, "AE"), `"formKey":"AE"`, false},
		{where("formKey", imednet.Equal, "AE"), `"formKey":" ae "`, false},
		{where("formKey", imednet.Equal, "AE"), `"formKey":null`, false},
		{where("formKey", imednet.Equal, "AE"), `"x":"VS"`, false},
		{where("formKey", imednet.NotEqual, "AE"), `"formKey":"AE"`, true},
		{where("formKey", imednet.NotEqual, "AE"), `"formKey":"ae"`, false},
		{where("formKey", imednet.NotEqual, "AE"), `"formKey":"VS"`, false},
		{where("formKey", imednet.NotEqual, "AE"), `"formKey":null`, false},
		{where("formId", imednet.NotEqual, "3"), `"formId":3`, true},
		{where("formId", imednet.NotEqual, "VS"), `"formId":3`, false},
		{where("formKey", imednet.Greater, "AE"), `"formKey":"AA"`, false},
		{where("formId", imednet.Equal, 3), `"formId":4`, true},
		{where("formId", imednet.Equal, int64(3)), `"formId":"4"`, true},
		{where("formId", imednet.Equal, "3"), `"formId":4`, true},
		{where("formId", imednet.Equal, 3), `"formId":3.0`, false},
		{where("formId", imednet.Greater, 3), `"formId":3`, true},
		{where("formId", imednet.NotEqual, 3), `"formId":3`, true},
		{where("formId", imednet.Less, 3), `"formId":2`, false},
		{where("recordId", imednet.Less, 7), `"formId":2`, true},
		{where("deleted", imednet.Equal, false), `"deleted":true`, true},
		{where("deleted", imednet.Equal, false), `"deleted":false`, false},
		{where("deleted", imednet.NotEqual, true), `"deleted":true`, true},
		{where("deleted", imednet.NotEqual, true), `"deleted":false`, false},
		{where("deleted", imednet.Equal, true), `"deleted":"SECRET-1"`, false},
		{where("dateModified", imednet.GreaterOrEqual, noon), `"dateModified":"2026-03-02 12:00:00"`, false},
		{where("dateModified", imednet.GreaterOrEqual, noon), `"dateModified":"2026-03-01 22:00:00"`, false}, // of another time zone
		{where("dateModified", imednet.GreaterOrEqual, noon), `"dateModified":"2026-03-01 11:59:59"`, true},
		{where("dateModified", imednet.Greater, imednet.NewTime(noon)), `"dateModified":"2026-03-01 11:59:59"`, true},
		{where("dateModified", imednet.Less, noon), `"dateModified":"2026-03-03 12:00:00"`, false},
		{where("dateModified", imednet.Less, noon), `"dateModified":"2026-03-03 12:00:01"`, true},
		{where("dateModified", imednet.LessOrEqual, noon), `"dateModified":"2026-03-03 12:00:01"`, true},
		{where("dateModified", imednet.Equal, noon), `"dateModified":"2026-03-03 12:00:01"`, true},
		{where("dateModified", imednet.Equal, noon), `"dateModified":"2026-03-01 11:59:59"`, true},
		{where("dateModified", imednet.Equal, noon), `"dateModified":"2026-03-02 12:00:01"`, false},
		{where("dateModified", imednet.NotEqual, noon), `"dateModified":"2026-03-02 12:00:00"`, false},
		{where("dateModified", imednet.GreaterOrEqual, noon), `"dateModified":"SECRET-1"`, false},
		{where("dateModified", imednet.GreaterOrEqual, noon), `"dateModified":null`, false},
		{where("formId", imednet.Equal, 3).And("formKey", imednet.Equal, "AE"), `"formId":3,"formKey":"VS"`, true},
		{where("formId", imednet.Equal, 3).Or("formKey", imednet.Equal, "AE"), `"formId":4,"formKey":"VS"`, false},
	} {
		page := text(envelope(0, 500, 1, `{"recordId":7,`+c.row+`}`))
		_, err := recordIDs(start(t, page).Records(t.Context(), "S", imednet.ListOptions{Filter: c.filter}))
		if !c.refused {
			require.NoError(t, err, "%v %s", c.filter, c.row)
			continue
		}
		require.ErrorIs(t, err, imednet.ErrProtocol, "%v %s", c.filter, c.row)
		require.ErrorContains(t, err, "did not apply the filter")
		require.NotContains(t, err.Error(), "VS")
	}
}

// A row that says that it belongs to another study has no place in a listing: it is the answer to another
// question. Rows that do not say so are taken, and case is left to the server.
func TestARowOfAnotherStudyIsRefused(t *testing.T) {
	for row, refused := range map[string]bool{
		`"studyKey":"S"`: false, `"studyKey":" s "`: false, `"studyKey":null`: false, `"studyKey":""`: false, `"studyKey":[7]`: false, `"x":1`: false,
		`"studyKey":"SECRET-1"`: true, `"studyKey":"S","studyKey":"SECRET-1"`: true, `"studyKey":7`: true,
	} {
		page := text(envelope(0, 500, 1, `{"recordId":7,`+row+`}`))
		_, err := recordIDs(start(t, page).Records(t.Context(), "S", imednet.ListOptions{}))
		if !refused {
			require.NoError(t, err, row)
			continue
		}
		require.ErrorIs(t, err, imednet.ErrProtocol, row)
		require.ErrorContains(t, err, "another study")
		require.NotContains(t, err.Error(), "SECRET")
	}
}

// A server that knows no filters at all is noticed by the conditions on the id as well.
func TestAServerWithoutFilters(t *testing.T) {
	tab := newTable(dense(1, 230)...)
	tab.before = func(_ int, w http.ResponseWriter, r *http.Request) bool {
		q := r.URL.Query()
		q.Del("filter")
		io.WriteString(w, tab.answer(q))
		return true
	}
	for _, opts := range []imednet.ListOptions{{}, {Filter: imednet.Where("recordId", imednet.LessOrEqual, 20)}} {
		_, err := recordIDs(start(t, tab, rest.WithPageSize(50)).Records(t.Context(), "S", opts))
		require.ErrorIs(t, err, imednet.ErrProtocol)
	}
}

// A reply from a cache on the way shows an older state: it is asked for again, and an error if it stays.
func TestTheAgeOfAReplyIsSeen(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
	for age, want := range map[string]bool{"0": true, "": true, "soon": true, "1": false, " 86400 ": false, "99999999999999999999": false, "0, 60": false, "7.5": false, "+7": false, "0, 0": true} {
		server := imednettest.NewServer(study)
		server.Inject(imednettest.Fault{Path: "records", Skip: 1, Times: 1, Header: map[string]string{"Age": age}})
		got, err := recordIDs(inMemory(t, server).Records(t.Context(), study.Key(), imednet.ListOptions{}))
		require.NoError(t, err, age)
		require.Equal(t, study.RecordIDs(), got)

		server.Inject(imednettest.Fault{Path: "records", Skip: 1, Times: -1, Header: map[string]string{"Age": age}})
		_, err = recordIDs(inMemory(t, server).Records(t.Context(), study.Key(), imednet.ListOptions{}))
		if want {
			require.NoError(t, err, age)
			continue
		}
		require.ErrorIs(t, err, imednet.ErrProtocol, age)
		require.ErrorContains(t, err, "a cache on the way")
	}
}

// Caches say in many ways that they answered. What one had confirmed by the server is the server's.
func TestAReplyThatACacheGaveIsSeen(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
	for _, c := range []struct {
		name, value string
		trusted     bool
	}{
		{"Warning", `110 - "Response is Stale"`, false},
		{"Warning", `299 proxy "old, 110 not meant", 111 proxy "Revalidation Failed"`, false},
		{"Warning", `299 proxy "deprecated, 110 not meant"`, true},
		{"Warning", `214 proxy "Transformation Applied"`, true},
		{"Warning", "", true},
		{"Cache-Status", `Edge; fwd=miss, "Origin; hit"; hit; ttl=7`, false},
		{"Cache-Status", `Edge;hit`, false},
		{"Cache-Status", `Edge; fwd=uri-miss; stored`, true},
		{"Cache-Status", `Edge; fwd=stale; fwd-status=304; detail=hit`, true},
		{"X-Cache", "Hit from cloudfront", false},
		{"X-Cache", "MISS, HIT", false},
		{"X-Cache", "TCP_MEM_HIT from edge-1", false},
		{"X-Cache", "Miss from cloudfront", true},
		{"X-Cache", "RefreshHit from cloudfront", true},
		{"X-Cache", "TCP_REFRESH_HIT from edge-1", true},
		{"X-Cache", "MISS from hit.example.org", true},
		{"X-Cache-Status", "STALE", false},
		{"X-Cache-Status", "REVALIDATED", true},
		{"CF-Cache-Status", "HIT", false},
		{"CF-Cache-Status", "DYNAMIC", true},
	} {
		server := imednettest.NewServer(study)
		server.Inject(imednettest.Fault{Path: "records", Skip: 1, Times: 1, Header: map[string]string{c.name: c.value}})
		got, err := recordIDs(inMemory(t, server).Records(t.Context(), study.Key(), imednet.ListOptions{}))
		require.NoError(t, err, c)
		require.Equal(t, study.RecordIDs(), got)

		server.Inject(imednettest.Fault{Path: "records", Skip: 1, Times: -1, Header: map[string]string{c.name: c.value}})
		_, err = recordIDs(inMemory(t, server).Records(t.Context(), study.Key(), imednet.ListOptions{}))
		if c.trusted {
			require.NoError(t, err, c)
			continue
		}
		require.ErrorIs(t, err, imednet.ErrProtocol, c)
		require.ErrorContains(t, err, "a cache on the way")
	}
}

// Every cache on the way may add an Age of its own.
func TestEachAgeOfAReplyIsSeen(t *testing.T) {
	for _, ages := range [][]string{{"0", "60"}, {"60", "0"}, {"", "1"}} {
		client := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Age"] = ages
			io.WriteString(w, envelope(0, 500, 1, `{"siteId":1}`))
		}))
		var err error
		for _, err = range client.Sites(t.Context(), "S", imednet.ListOptions{}) {
		}
		require.ErrorIs(t, err, imednet.ErrProtocol, "%q", ages)
	}
}

// A reply that says itself that its bytes are of another encoding is read only where they turn out to be
// UTF-8: its texts would be others than the server's. Bytes of which nobody says so are a misfit.
func TestAnotherEncodingIsSeen(t *testing.T) {
	for _, c := range []struct{ kind, name, want string }{
		{"application/json; charset=ISO-8859-1", "Z\xfcrich", ""},
		{"application/json;charset=windows-1252", "\x80 5", ""},
		{"application/json; charset=ISO-8859-1", "Zürich", "Zürich"},
		{"application/json; charset=us-ascii", "Zurich", "Zurich"},
		{"application/json; charset=UTF-8", "Z\xfcrich", "misfit"},
		{"application/json", "Z\xfcrich", "misfit"},
		{"text/html; charset", "Zürich", "Zürich"},
	} {
		client := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			io.WriteString(w, envelope(0, 500, 1, `{"siteId":1,"siteName":"`+c.name+`"}`))
		}))
		var names []string
		var err error
		for site, e := range client.Sites(t.Context(), "S", imednet.ListOptions{}) {
			if err = e; err != nil {
				break
			}
			name := site.SiteName.Or("")
			if site.SiteName.Presence() == imednet.Misfit {
				name = "misfit"
			}
			names = append(names, name)
		}
		if c.want == "" {
			require.ErrorIs(t, err, imednet.ErrProtocol, c.kind)
			require.ErrorContains(t, err, "another encoding than UTF-8")
			require.Empty(t, names, c.kind)
			continue
		}
		require.NoError(t, err, c.kind)
		require.Equal(t, []string{c.want}, names, c.kind)
	}
}

// Every question asks caches on the way for the server's own answer.
func TestCachesOnTheWayAreAskedToStandBack(t *testing.T) {
	var asked string
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("Cache-Control")
		io.WriteString(w, envelope(0, 500, 0))
	}))
	_, err := listSites(c)
	require.NoError(t, err)
	require.Equal(t, "no-cache", asked)
}
