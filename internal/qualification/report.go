package qualification

import (
	"fmt"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/requirement"
)

// Report is what a bundle says.
type Report struct {
	Format       string           `json:"format"`
	Outcome      Status           `json:"outcome"` // failed if anything failed
	Executor     imednet.Identity `json:"executor"`
	StartedAt    time.Time        `json:"startedAt"` // by the clock of the machine, UTC
	EndedAt      time.Time        `json:"endedAt"`
	Program      Program          `json:"program"`
	Machine      Machine          `json:"machine"`
	Installation []Result         `json:"installation"`
	Operation    []Result         `json:"operation"`
	Requirements []Trace          `json:"requirements"`
	Clauses      []ClauseTrace    `json:"clauses"`
	Deviations   []Deviation      `json:"deviations"`
}

// Trace says what became of a requirement.
type Trace struct {
	ID     string   `json:"id"`
	Text   string   `json:"text"`
	Risk   string   `json:"risk"`
	Source []string `json:"source"`
	Tests  []string `json:"tests"`           // that run before a version of the program is published
	Shown  []string `json:"shown,omitempty"` // ids of the results that concern it here
	Status Status   `json:"status"`          // Noted: not tried here
}

// ClauseTrace is a clause of a regulation with the requirements that concern it.
type ClauseTrace struct {
	Clause       string   `json:"clause"`
	Asks         string   `json:"asks"`
	Gives        string   `json:"gives"`
	Requirements []string `json:"requirements,omitempty"`
	Yours        string   `json:"yours"`
}

// Deviation is what did not go as expected.
type Deviation struct {
	Number   int    `json:"number"`
	Result   string `json:"result"` // its id
	What     string `json:"what"`
	Expected string `json:"expected,omitempty"`
	Seen     string `json:"seen"`
}

// results are those of the installation and of the operation.
func (r *Report) results() []Result { return slices.Concat(r.Installation, r.Operation) }

// promises are what a report traces its results to.
type promises struct {
	requirements []requirement.Requirement
	clauses      []requirement.Clause
}

// ofThisProgram are the promises that this program makes.
func ofThisProgram() (p promises, err error) {
	if p.requirements, err = requirement.All(); err != nil {
		return p, err
	}
	p.clauses, err = requirement.Clauses()
	return p, err
}

// promises are those that the report tells.
func (r *Report) promises() (p promises) {
	for _, t := range r.Requirements {
		p.requirements = append(p.requirements, requirement.Requirement{ID: t.ID, Text: t.Text, Risk: t.Risk, Source: t.Source, Tests: t.Tests})
	}
	for _, c := range r.Clauses {
		p.clauses = append(p.clauses, requirement.Clause{Clause: c.Clause, Asks: c.Asks, Gives: c.Gives, Yours: c.Yours})
	}
	return p
}

// conclude derives everything that follows from the results.
func (r *Report) conclude(p promises) {
	for i := range r.Installation {
		r.Installation[i].Status = r.Installation[i].settle()
	}
	for i := range r.Operation {
		r.Operation[i].Status = r.Operation[i].settle()
	}
	r.Outcome, r.Deviations = Passed, deviations(r.results())
	if len(r.Deviations) > 0 || len(r.Operation) == 0 {
		r.Outcome = Failed
	}
	r.Requirements, r.Clauses = r.traces(p.requirements), p.clauseTraces()
}

// deviations lists every failed step, and every problem.
func deviations(results []Result) []Deviation {
	all := []Deviation{}
	add := func(d Deviation) {
		d.Number = len(all) + 1
		all = append(all, d)
	}
	for _, r := range results {
		for _, s := range r.Steps {
			if s.Status == Failed {
				add(Deviation{Result: r.ID, What: s.What, Expected: s.Expected, Seen: s.Seen})
			}
		}
		if r.Problem != "" {
			add(Deviation{Result: r.ID, What: "ended before its last step", Seen: r.Problem})
		} else if r.Status == Failed && !slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Status == Failed }) {
			add(Deviation{Result: r.ID, What: "compared nothing"})
		}
	}
	return all
}

func (r *Report) traces(all []requirement.Requirement) []Trace {
	traces := make([]Trace, len(all))
	for i, q := range all {
		t := Trace{ID: q.ID, Text: requirement.Plain(q.Text), Risk: q.Risk, Source: q.Source, Tests: q.Tests, Status: Noted}
		for _, result := range r.results() {
			if !slices.Contains(result.Requirements, q.ID) {
				continue
			}
			t.Shown = append(t.Shown, result.ID)
			if t.Status != Failed {
				t.Status = result.Status
			}
		}
		traces[i] = t
	}
	return traces
}

func (p promises) clauseTraces() []ClauseTrace {
	traces := make([]ClauseTrace, len(p.clauses))
	for i, c := range p.clauses {
		traces[i] = ClauseTrace{c.Clause, c.Asks, requirement.Plain(c.Gives), requirement.Of(p.requirements, c.Clause), requirement.Plain(c.Yours)}
	}
	return traces
}

// count counts the traces of a status.
func (r *Report) count(s Status) (n int) {
	for _, t := range r.Requirements {
		if t.Status == s {
			n++
		}
	}
	return n
}

// String is one line.
func (r *Report) String() string {
	return fmt.Sprintf("%d installation checks, %d scenarios, %d deviations; of %d requirements %d were shown here",
		len(r.Installation), len(r.Operation), len(r.Deviations), len(r.Requirements), r.count(Passed))
}
