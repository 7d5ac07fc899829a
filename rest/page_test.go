package rest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/rest"
)

// Replies with status 200 that cannot be trusted: each is read again, and then is an error.
var untrusted = map[string]string{
	"empty":                 ``,
	"text":                  `oops`,
	"truncated":             `{"metadata":{},"data":[{"siteId":1}`,
	"list":                  `[]`,
	"null":                  `null`,
	"no data":               `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":0,"totalElements":0}}`,
	"data null":             `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":0,"totalElements":0},"data":null}`,
	"data object":           `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":1},"data":{"siteId":1}}`,
	"recordData instead":    `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":1},"recordData":[{"siteId":1}]}`,
	"no pagination":         `{"metadata":{},"data":[{"siteId":1}]}`,
	"empty but total":       `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":3},"data":[]}`,
	"more than total":       `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":0,"totalElements":0},"data":[{"siteId":1}]}`,
	"fewer than total":      `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":2},"data":[{"siteId":1}]}`,
	"other page":            `{"metadata":{},"pagination":{"currentPage":1,"size":500,"totalPages":1,"totalElements":1},"data":[{"siteId":1}]}`,
	"wrong pages":           `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":7,"totalElements":1},"data":[{"siteId":1}]}`,
	"size 0":                `{"metadata":{},"pagination":{"currentPage":0,"size":0,"totalPages":1,"totalElements":1},"data":[{"siteId":1}]}`,
	"negative total":        `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":0,"totalElements":-1},"data":[]}`,
	"ids repeat":            `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":2},"data":[{"siteId":1},{"siteId":1}]}`,
	"ids fall":              `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":2},"data":[{"siteId":2},{"siteId":1}]}`,
	"row without id":        `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":1},"data":[{"siteName":"SECRET"}]}`,
	"row with a text as id": `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":1},"data":[{"siteId":"SECRET"}]}`,
	"an error":              `{"metadata":{"status":"UNAUTHORIZED","error":{"code":"9001","description":"SECRET"}},"pagination":{"currentPage":0,"size":500,"totalPages":0,"totalElements":0},"data":[]}`,
	"an error with rows":    `{"metadata":{"status":"OK","error":{"code":9000}},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":1},"data":[{"siteId":1}]}`,
	"row no object":         `{"metadata":{},"pagination":{"currentPage":0,"size":500,"totalPages":1,"totalElements":1},"data":["SECRET"]}`,
}

func TestUntrustedRepliesAreReadAgainAndThenAnError(t *testing.T) {
	for name, body := range untrusted {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: []http.HandlerFunc{text(body)}}
			n, err := listSites(start(t, s))
			require.ErrorIs(t, err, imednet.ErrProtocol)
			var failure *imednet.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, "rest: list sites: S", failure.Package+": "+failure.Op+": "+failure.StudyKey)
			require.NotContains(t, err.Error(), "SECRET")
			require.Zero(t, n)
			require.Equal(t, 3, s.count())
			require.False(t, imednet.Retryable(err))

			s = &script{steps: []http.HandlerFunc{text(body), threeSites}}
			n, err = listSites(start(t, s))
			require.NoError(t, err)
			require.Equal(t, 3, n)
		})
	}
}

func TestServerThatIgnoresTheConditionOnTheIDIsNoticed(t *testing.T) {
	tab := newTable(dense(1, 120)...)
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		q.Del("filter")
		fmt.Fprint(w, tab.answer(q))
	}), rest.WithPageSize(50))
	got, err := recordIDs(c.Records(t.Context(), "S", imednet.ListOptions{}))
	require.ErrorIs(t, err, imednet.ErrProtocol)
	require.Equal(t, dense(1, 50), got)
}

func TestTolerableEnvelopes(t *testing.T) {
	for name, body := range map[string]string{
		"numbers as text":   `{"metadata":{"timestamp":"x"},"pagination":{"currentPage":"0","size":"500","totalPages":"1","totalElements":"1"},"data":[{"siteId":"1"}]}`,
		"only the total":    `{"pagination":{"totalElements":1},"data":[{"siteId":1.0}]}`,
		"null echo":         `{"metadata":{"timestamp":null},"pagination":{"currentPage":null,"size":null,"totalPages":null,"totalElements":1},"data":[{"siteId":1}]}`,
		"unknown members":   `{"x":1,"metadata":{"y":[1]},"pagination":{"totalElements":1,"z":{}},"data":[{"siteId":1,"more":true}]}`,
		"no error":          `{"metadata":{"error":{}},"pagination":{"totalElements":1},"data":[{"siteId":1}]}`,
		"null as error":     `{"metadata":{"error":null},"pagination":{"totalElements":1},"data":[{"siteId":1}]}`,
		"error of blanks":   `{"metadata":{"error":{"code":"","description":null}},"pagination":{"totalElements":1},"data":[{"siteId":1}]}`,
		"one page of none?": `{"pagination":{"currentPage":0,"size":25,"totalPages":1,"totalElements":1},"data":[{"siteId":1}]}`,
	} {
		s := &script{steps: []http.HandlerFunc{text(body)}}
		n, err := listSites(start(t, s))
		require.NoError(t, err, name)
		require.Equal(t, 1, n, name)
		require.Equal(t, 1, s.count())
	}
}

func TestServerTime(t *testing.T) {
	body := `{"pagination":{"totalElements":0},"data":[]}`
	c := start(t, &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Mon, 02 Mar 2026 14:05:31 GMT")
		fmt.Fprint(w, body)
	}}})
	p, err := c.ProbeRecords(t.Context(), "S", imednet.Filter{})
	require.NoError(t, err)
	require.Equal(t, "2026-03-02 14:05:31", imednet.NewTime(p.ServerTime).String())

	c = start(t, &script{steps: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Date"] = nil
		fmt.Fprint(w, body)
	}}})
	_, err = c.ProbeRecords(t.Context(), "S", imednet.Filter{})
	require.ErrorIs(t, err, imednet.ErrProtocol)
}
