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
		value := f.Query[name]
		switch {
		case !slices.Contains(known, name):
			return fmt.Errorf("query names the parameter %q; the parameters are %s", name, strings.Join(known, ", "))
		case (name == "page" || name == "size") && value != "" && value != "*" && strings.Trim(value, "0123456789") != "":
			return fmt.Errorf("query has the %s %q, which is no number", name, value)
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
	bytes := set("malformed", f.Malformed, "truncate", f.Truncate, "trickle", f.Trickle != 0)
	header := set("header", f.Header != nil, "retryAfter", f.RetryAfter != "", "retryAfterDate", f.RetryAfterDate != 0)
	post := set("method POST", f.Method == http.MethodPost)
	job := set("the path of a job", f.ofJob())
	effects := slices.Concat(listing, answer, silence, bytes, header, set("delay", f.Delay != 0, "jump", f.Jump != 0))
	return errors.Join(f.checkEffect(len(effects) > 0),
		oneOf(silence, slices.Concat(bytes, header)), oneOf(set("hang", f.Hang), set("delay", f.Delay != 0)),
		oneOf(job, slices.Concat(set("overRows", f.OverRows != 0), listing)),
		oneOf(set("redirect", f.Redirect != ""), set(fmt.Sprintf("status %d", f.Status), f.Status != 0 && f.Status/100 != 3)),
		oneOf(set(fmt.Sprintf("status %d", f.Status), bodiless(f.Status)), slices.Concat(set("body", f.Body != nil && *f.Body != ""), bytes)),
		oneOf(rows, rows), oneOf(totals, totals), oneOf(silence, silence), oneOf(answer, listing), oneOf(silence, slices.Concat(answer, listing)),
		oneOf(post, slices.Concat(set("overRows", f.OverRows != 0), listing)),
		oneOf(set("retryAfter", f.RetryAfter != ""), set("retryAfterDate", f.RetryAfterDate != 0)))
}

// checkEffect refuses conditions for something that does not happen. A fault without any of them lets
// requests through, past the faults that follow it.
func (f *Fault) checkEffect(any bool) error {
	if any {
		return nil
	}
	for _, condition := range []struct {
		name string
		set  bool
	}{{"overRows", f.OverRows != 0}, {"overBytes", f.OverBytes != 0}, {"perSecond", f.PerSecond != 0}, {"concurrent", f.Concurrent != 0}, {"afterApply", f.AfterApply}} {
		if condition.set {
			return fmt.Errorf("%s says when something happens, and no member says what, such as status", condition.name)
		}
	}
	return nil
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
