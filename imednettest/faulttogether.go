package imednettest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// checkQuery refuses parameters that the API does not have.
func (f *Fault) checkQuery() error {
	known := []string{"page", "size", "sort", "filter", "recordDataFilter", "includeInactive"}
	for _, name := range slices.Sorted(maps.Keys(f.Query)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("query names the parameter %q; the parameters are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// checkTogether refuses members of which one would silently win, or never be played.
func (f *Fault) checkTogether() error {
	set := func(pairs ...any) (names []string) {
		for n := 0; n < len(pairs); n += 2 {
			if pairs[n+1].(bool) {
				names = append(names, pairs[n].(string))
			}
		}
		return names
	}
	rows := set("empty", f.Empty, "emptyPage", f.EmptyPage, "repeatRow", f.RepeatRow, "skipRow", f.SkipRow, "swapRows", f.SwapRows, "cutRows", f.CutRows != 0)
	totals := set("total", f.Total != nil, "addTotal", f.AddTotal != 0)
	listing := slices.Concat(rows, totals, set("omitData", f.OmitData, "echoSize", f.EchoSize != 0, "echoPage", f.EchoPage != nil,
		"shiftRows", f.ShiftRows != 0, "refillRow", f.RefillRow, "stale", f.Stale != "", "ignoreFilter", f.IgnoreFilter, "ignoreSort", f.IgnoreSort))
	answer := set("status", f.Status != 0, "redirect", f.Redirect != "", "body", f.Body != nil)
	silence := set("hang", f.Hang, "reset", f.Reset)
	post := set("method POST", f.Method == http.MethodPost)
	return errors.Join(
		oneOf(rows, rows), oneOf(totals, totals), oneOf(silence, silence), oneOf(answer, listing), oneOf(silence, slices.Concat(answer, listing)),
		oneOf(post, slices.Concat(set("overRows", f.OverRows != 0), listing)),
		oneOf(set("retryAfter", f.RetryAfter != ""), set("retryAfterDate", f.RetryAfterDate != 0)))
}

// oneOf refuses a member of one group beside another member of the other group.
func oneOf(group, others []string) error {
	for _, name := range group {
		for _, other := range others {
			if name != other {
				return fmt.Errorf("%s and %s exclude each other", name, other)
			}
		}
	}
	return nil
}
