package imednettest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/imednetgo/imednet"
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
	return errors.Join(append(problems, f.Stale.check())...)
}

// checkPath refuses an end of a path that no path of the API has, which would make the fault hit
// nothing.
func (f *Fault) checkPath() error {
	segments := strings.Split(f.Path, "/")
	last := segments[len(segments)-1]
	if len(segments) > 1 && segments[len(segments)-2] == string(imednet.Jobs) || last == "results" || strings.Trim(last, "0123456789abcdef-") == "" {
		return nil // of a job
	}
	for _, resource := range append(resources(), imednet.Jobs) {
		if strings.HasSuffix(string(resource), last) {
			return nil
		}
	}
	return fmt.Errorf("path %q ends no path of the API; the paths end in %s, or jobs/ and a batch id", f.Path, resourceNames())
}

func resourceNames() string {
	var names []string
	for _, resource := range resources() {
		names = append(names, string(resource))
	}
	return strings.Join(names, ", ")
}
