package imednettest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
)

// check refuses what cannot be played. It names the member and the values that it may have.
func (f *Fault) check() error {
	var problems []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	refuse(f.Method != "" && f.Method != http.MethodGet && f.Method != http.MethodPost, "method %q is neither GET nor POST", f.Method)
	refuse(f.Status != 0 && !playable(f.Status), "status %d is not between 200 and 599", f.Status)
	refuse(!(f.Probability >= 0 && f.Probability <= 1), "probability %g is not between 0 and 1", f.Probability)
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"overRows", int64(f.OverRows)}, {"overBytes", int64(f.OverBytes)}, {"perSecond", int64(f.PerSecond)}, {"concurrent", int64(f.Concurrent)},
		{"skip", int64(f.Skip)}, {"cutRows", int64(f.CutRows)}, {"delay", int64(f.Delay)}, {"trickle", int64(f.Trickle)},
	} {
		refuse(n.value < 0, "%s is negative", n.name)
	}
	return errors.Join(append(problems, f.Stale.check(), f.checkHeaders())...)
}

// checkHeaders refuses headers that net/http would leave out, rewrite or contradict.
func (f *Fault) checkHeaders() error {
	headers := f.headers(time.Time{})
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		value := headers[name]
		switch {
		case !isToken(name):
			return fmt.Errorf("header %q is not a name", name)
		case strings.ContainsFunc(value, unicode.IsControl):
			return fmt.Errorf("the value of header %q has a line break or another control character", name)
		case strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "Transfer-Encoding"):
			return fmt.Errorf("header %q is not for faults to set: see truncate", name)
		}
	}
	return nil
}

// isToken reports whether a text can be the name of a header (RFC 9110, section 5.6.2).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// checkPath refuses an end of a path that no path of the API has, which would make the fault hit
// nothing.
func (f *Fault) checkPath() error {
	segments := strings.Split(f.Path, "/")
	last := segments[len(segments)-1]
	if f.ofJob() {
		return nil
	}
	for _, resource := range resources() {
		if last != "" && strings.HasSuffix(string(resource), last) || f.Path == "" {
			return nil
		}
	}
	return fmt.Errorf("path %q ends no path of the API; the paths end in %s, or jobs for every poll", f.Path, resourceNames())
}

// isEndOfBatchID recognizes the end of a batch id, which is a digit.
func isEndOfBatchID(text string) bool {
	return strings.Trim(text, "0123456789abcdef-") == "" && strings.Trim(text, "abcdef-") != ""
}

func resourceNames() string {
	var names []string
	for _, resource := range resources() {
		names = append(names, string(resource))
	}
	return strings.Join(names, ", ")
}
