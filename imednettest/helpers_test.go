package imednettest_test

import (
	"strconv"
	"testing"

	"github.com/imednetgo/imednet"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func zeroTime() imednet.Time { return imednet.Time{} }

// countRows counts the records that pass a test, by reading every page over HTTP.
func countRows(t *testing.T, base string, holds func(map[string]any) bool) int {
	t.Helper()
	n := 0
	for page := 0; ; page++ {
		_, e := get(t, base+"/DEMO/records?size=500&sort=recordId,ASC&page="+strconv.Itoa(page))
		for _, row := range e.Data {
			if holds(row) {
				n++
			}
		}
		if page+1 >= e.Pagination.TotalPages {
			return n
		}
	}
}
