package qualification

import (
	"fmt"
	"slices"
)

// Status says how a step, a result or a run ended.
type Status string

// The states of a step and a result.
const (
	Passed Status = "passed" // what was seen is what was expected
	Failed Status = "failed"
	Noted  Status = "noted" // nothing was expected: recorded for whoever reviews
)

// Step is one comparison.
type Step struct {
	What     string `json:"what"`
	Expected string `json:"expected,omitempty"`
	Seen     string `json:"seen"`
	Status   Status `json:"status"`
}

// right reports whether the status is the one that follows from the other members.
func (s Step) right() bool {
	switch s.Status {
	case Passed:
		return s.Expected == s.Seen
	case Failed:
		return s.Expected != s.Seen
	}
	return s.Status == Noted && s.Expected == ""
}

// Result is what became of one part of the installation or of one scenario.
type Result struct {
	ID           string   `json:"id"`
	Title        string   `json:"title"`
	Requirements []string `json:"requirements,omitempty"` // that it shows
	Status       Status   `json:"status"`
	Steps        []Step   `json:"steps"`
	Evidence     []string `json:"evidence,omitempty"` // files of the bundle
	// Problem is why it ended before its last step. It holds no data of subjects.
	Problem string `json:"problem,omitempty"`
}

// settle derives the status: failed if a step failed, a problem ended it, or nothing was compared.
func (r *Result) settle() Status {
	compared := slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Status == Passed })
	failed := slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Status == Failed })
	switch {
	case failed, r.Problem != "":
		return Failed
	case compared:
		return Passed
	case len(r.Requirements) == 0:
		return Noted
	}
	return Failed
}

// Note records what nothing was expected of.
func (r *Result) Note(what string, seen any) {
	r.Steps = append(r.Steps, Step{What: what, Seen: fmt.Sprint(seen), Status: Noted})
}

// Equal compares what was seen with what was expected; both are kept as text.
func (r *Result) Equal(what string, expected, seen any) {
	s := Step{What: what, Expected: fmt.Sprint(expected), Seen: fmt.Sprint(seen), Status: Passed}
	if s.Expected != s.Seen {
		s.Status = Failed
	}
	r.Steps = append(r.Steps, s)
}

// Holds expects that something is so.
func (r *Result) Holds(what string, so bool) {
	seen := "no"
	if so {
		seen = "yes"
	}
	r.Equal(what, "yes", seen)
}
