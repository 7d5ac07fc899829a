package extraction

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// RuleState is the state of a conformance rule after a run.
type RuleState string

// The states of a rule.
const (
	RulePass     RuleState = "pass"
	RuleFindings RuleState = "issues"
	RuleSkipped  RuleState = "skipped" // nothing could be checked; see Reason
	RuleError    RuleState = "error"   // the rule itself failed; see Reason
)

// ConformanceRule checks the rows of one subject at a time.
type ConformanceRule struct {
	ID          string
	Description string
	Domain      Domain
	Severity    Severity
	// Fields must be present on at least one row; otherwise the rule is skipped. DOMAIN.field is a
	// field of another domain.
	Fields []string
	// ReadsVisits is true if the rule needs visits; it is skipped if the subjects come without them.
	ReadsVisits bool
	// Skip, if not empty, is the reason why the rule cannot be checked; Check may then be nil.
	Skip string
	// Check returns the findings on the rows of one subject. It reads the rule's domain, and other
	// domains if necessary. Its error and the messages of its findings must contain no values.
	Check func(s RuleScope) ([]RuleFinding, error)

	// checked, if set, reports whether a row has what the rule compares; unchecked is the reason why the
	// rule is skipped where no row has.
	checked   func(row CanonicalRow) bool
	unchecked string
}

// RuleScope gives a rule access to the rows of one subject.
type RuleScope struct {
	SubjectKey string
	rows       map[Domain][]CanonicalRow
	visits     []imednet.Visit
}

// Rows returns the subject's rows of a domain in order.
func (s RuleScope) Rows(domain Domain) []CanonicalRow { return s.rows[domain] }

// Visits returns the subject's visits without soft-deleted ones (see Options.Visits).
func (s RuleScope) Visits() []imednet.Visit { return s.visits }

// RuleFinding is one finding of a conformance rule.
type RuleFinding struct {
	Rule       string           `json:"rule"`
	Severity   Severity         `json:"severity"`
	Domain     Domain           `json:"domain"`
	RecordID   int64            `json:"recordId,omitzero"`
	SubjectKey string           `json:"subjectKey"`
	Fields     []string         `json:"variables"`
	Values     []CanonicalValue `json:"values"`
	Message    string           `json:"message"`
}

// finding builds a finding of a row; its values are those of the fields.
func finding(row CanonicalRow, message string, fields ...string) RuleFinding {
	f := RuleFinding{Domain: row.Domain, RecordID: row.RecordID(), SubjectKey: row.SubjectKey, Fields: append([]string{}, fields...), Values: []CanonicalValue{}, Message: message}
	for _, field := range fields {
		f.Values = append(f.Values, row.shown(field))
	}
	return f
}

// RuleResult is the outcome of one conformance rule.
type RuleResult struct {
	ID          string        `json:"id"`
	Description string        `json:"description"`
	Domain      Domain        `json:"domain"`
	Severity    Severity      `json:"severity"`
	State       RuleState     `json:"state"`
	Reason      string        `json:"reason,omitzero"`    // for skipped and error
	Count       int64         `json:"count"`              // findings
	Unchecked   int64         `json:"unchecked,omitzero"` // rows that lack what the rule compares
	Findings    []RuleFinding `json:"-"`                  // the first findings, up to the limit
}

// Conformance runs rules over rows, one subject at a time, in the order in which the rules are
// given.
type Conformance struct {
	rules   []*ruleRun
	limit   int
	clock   imednet.Clock
	records map[Domain]int64
	visits  bool // some subject came with its visits
}

type ruleRun struct {
	rule   ConformanceRule
	result RuleResult
	seen   map[string]bool
	held   bool // some row has what the rule compares
	failed string
}

// NewConformance returns a run of rules. The error is an *[imednet.ValidationError]: a rule without
// an id or a check, an id given twice, or an option out of range.
func NewConformance(rules []ConformanceRule, opts ...ConformanceOption) (*Conformance, error) {
	c := &Conformance{limit: DefaultFindingLimit, clock: imednet.SystemClock(), records: map[Domain]int64{}}
	if err := argument.Options("extraction.NewConformance", c, opts); err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, r := range rules {
		if r.ID == "" || r.Check == nil && r.Skip == "" || ids[r.ID] {
			return nil, argument.Invalid("extraction.NewConformance", "rules", fmt.Sprintf("rule %q has no id, no check, or an id given twice", r.ID))
		}
		ids[r.ID] = true
		result := RuleResult{ID: r.ID, Description: r.Description, Domain: r.Domain, Severity: r.Severity}
		c.rules = append(c.rules, &ruleRun{rule: r, result: result, seen: map[string]bool{}})
	}
	return c, nil
}

// Subject checks all rows of one subject. All rows of a subject must be passed in one call.
func (c *Conformance) Subject(s SubjectRows) { c.scope(s.SubjectKey, s.Rows, s.Visits) }

// All checks rows that are already in memory, grouped by subject key.
func (c *Conformance) All(rows iter.Seq[CanonicalRow]) {
	var order []string
	bySubject := map[string][]CanonicalRow{}
	for row := range rows {
		if bySubject[row.SubjectKey] == nil {
			order = append(order, row.SubjectKey)
		}
		bySubject[row.SubjectKey] = append(bySubject[row.SubjectKey], row)
	}
	for _, key := range order {
		c.scope(key, bySubject[key], nil)
	}
}

func (c *Conformance) scope(subject string, rows []CanonicalRow, visits []imednet.Visit) {
	s := RuleScope{SubjectKey: subject, rows: map[Domain][]CanonicalRow{}, visits: visits}
	c.visits = c.visits || visits != nil
	for _, row := range rows {
		s.rows[row.Domain] = append(s.rows[row.Domain], row)
		c.records[row.Domain]++
	}
	for _, r := range c.rules {
		r.note(s)
		if len(s.rows[r.rule.Domain]) > 0 && r.failed == "" && r.rule.Skip == "" {
			r.check(s, c.limit)
			r.countUnchecked(s)
		}
	}
}

// note remembers which of the rule's fields some row has.
func (r *ruleRun) note(s RuleScope) {
	for _, name := range r.rule.Fields {
		domain, field := r.rule.Domain, name
		if other, rest, ok := strings.Cut(name, "."); ok {
			domain, field = Domain(other), rest
		}
		for _, row := range s.rows[domain] {
			if _, ok := row.Get(field); ok {
				r.seen[name] = true
				break
			}
		}
	}
}

// check runs the rule on one subject. A rule that panics ends as an error of that rule alone.
func (r *ruleRun) check(s RuleScope, limit int) {
	defer func() {
		if recover() != nil {
			r.failed = "the rule panicked"
		}
	}()
	findings, err := r.rule.Check(s)
	if err != nil {
		r.failed = err.Error()
		return
	}
	r.result.Count += int64(len(findings))
	for _, f := range findings[:max(0, min(len(findings), limit-len(r.result.Findings)))] {
		f.Rule, f.Severity = r.rule.ID, r.rule.Severity
		r.result.Findings = append(r.result.Findings, f)
	}
}

func (r *ruleRun) countUnchecked(s RuleScope) {
	for _, row := range s.rows[r.rule.Domain] {
		if r.rule.checked == nil || r.rule.checked(row) {
			r.held = true
		} else {
			r.result.Unchecked++
		}
	}
}

// Results returns the outcome of every rule, in the order in which the rules were given.
func (c *Conformance) Results() []RuleResult {
	list := make([]RuleResult, 0, len(c.rules))
	for _, r := range c.rules {
		result := r.result
		if result.State, result.Reason = r.state(c.records, c.visits); result.State == RuleSkipped {
			result.Count, result.Findings = 0, nil
		}
		list = append(list, result)
	}
	return list
}

func (r *ruleRun) state(records map[Domain]int64, visits bool) (RuleState, string) {
	missing := slices.IndexFunc(r.rule.Fields, func(field string) bool { return !r.seen[field] })
	switch {
	case r.failed != "":
		return RuleError, r.failed
	case r.rule.Skip != "":
		return RuleSkipped, r.rule.Skip
	case r.rule.ReadsVisits && !visits:
		return RuleSkipped, "no visits were read"
	case records[r.rule.Domain] == 0:
		return RuleSkipped, fmt.Sprintf("there are no rows of %s", r.rule.Domain)
	case missing >= 0:
		name := r.rule.Fields[missing]
		if domain, field, ok := strings.Cut(name, "."); ok {
			return RuleSkipped, fmt.Sprintf("no row of %s has %s", domain, field)
		}
		return RuleSkipped, fmt.Sprintf("no row of %s has %s", r.rule.Domain, name)
	case !r.held:
		return RuleSkipped, r.rule.unchecked
	case r.result.Count > 0:
		return RuleFindings, ""
	}
	return RulePass, ""
}
