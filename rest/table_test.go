package rest_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// newClock never waits; it notes how long it was asked to.
func newClock() *imednettest.Clock {
	return imednettest.NewClock(time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC))
}

// table is a listing on a server: rows by id, one condition on the id, pages.
type table struct {
	mu       sync.Mutex
	ids      []int64
	requests []url.Values
	idName   string
	maxSize  int                                                      // clamps size when > 0
	row      func(id int64) string                                    // JSON of a row; nil has the id only
	before   func(n int, w http.ResponseWriter, r *http.Request) bool // true: has answered the n-th request (from 1)
	change   func(t *table, n int)                                    // is called after the n-th answer was computed
}

func newTable(ids ...int64) *table { return &table{ids: ids, idName: "recordId"} }

func dense(first, n int64) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = first + int64(i)
	}
	return ids
}

func (t *table) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.requests)
}

func (t *table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || strings.Contains(r.URL.RawQuery, "+") {
		panic("query " + r.URL.RawQuery)
	}
	t.requests = append(t.requests, q)
	n := len(t.requests)
	t.mu.Unlock()
	if t.before != nil && t.before(n, w, r) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	body := t.answer(q)
	if t.change != nil {
		t.change(t, n)
	}
	fmt.Fprint(w, body)
}

func (t *table) answer(q url.Values) string {
	page, _ := strconv.Atoi(q.Get("page"))
	size, _ := strconv.Atoi(q.Get("size"))
	if t.maxSize > 0 {
		size = min(size, t.maxSize)
	}
	var ids []int64
	holds := idFilter(q.Get("filter"), t.idName)
	for _, id := range t.ids {
		if holds(id) {
			ids = append(ids, id)
		}
	}
	total := len(ids)
	ids = ids[min(page*size, total):min((page+1)*size, total)]
	var rows []string
	for _, id := range ids {
		if t.row != nil {
			rows = append(rows, t.row(id))
		} else {
			rows = append(rows, fmt.Sprintf(`{"%s":%d}`, t.idName, id))
		}
	}
	return envelope(page, size, total, rows...)
}

func envelope(page, size, total int, rows ...string) string {
	return fmt.Sprintf(`{"metadata":{"status":"OK","timestamp":"2026-03-02 14:05:31","error":{}},
		"pagination":{"currentPage":%d,"size":%d,"totalPages":%d,"totalElements":%d},"data":[%s]}`,
		page, size, (total+size-1)/size, total, strings.Join(rows, ","))
}

// idFilter reads a filter into what it says of an id; other conditions hold for even ids.
func idFilter(filter, name string) func(id int64) bool {
	if filter == "" {
		return func(int64) bool { return true }
	}
	or := strings.Contains(filter, ",")
	var terms []func(id int64) bool
	for term := range strings.SplitSeq(strings.ReplaceAll(filter, ",", ";"), ";") {
		terms = append(terms, conditionOfID(term, name))
	}
	return func(id int64) bool {
		for _, holds := range terms {
			if holds(id) == or {
				return or
			}
		}
		return !or
	}
}

func conditionOfID(term, name string) func(id int64) bool {
	i := strings.IndexAny(term, "<>=!")
	op := strings.TrimRight(term[i:], "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	value, _ := strconv.ParseInt(term[i+len(op):], 10, 64)
	if term[:i] != name {
		return func(id int64) bool { return id%2 == 0 }
	}
	return func(id int64) bool {
		switch op {
		case "==":
			return id == value
		case "!=":
			return id != value
		case "<":
			return id < value
		case "<=":
			return id <= value
		case ">":
			return id > value
		}
		return op == ">=" && id >= value
	}
}

func start(t *testing.T, h http.Handler, opts ...rest.Option) *rest.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	opts = append([]rest.Option{rest.WithBaseURL(server.URL), rest.WithClock(newClock())}, opts...)
	c, err := rest.New("key-A", "key-B", opts...)
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func recordIDs(seq iter.Seq2[imednet.Record, error]) (ids []int64, err error) {
	for rec, e := range seq {
		if e != nil {
			return ids, e
		}
		ids = append(ids, rec.RecordID)
	}
	return ids, nil
}

func jsonError(status, code, attribute string) string {
	b, _ := json.Marshal(map[string]any{"metadata": map[string]any{"status": status, "error": map[string]any{
		"code": code, "description": "d", "field": map[string]any{"attribute": attribute, "value": "SECRET-VALUE"}}}})
	return string(b)
}
