package dictionary

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Acceptance is what came of holding the rules of a study as built against those specified.
type Acceptance struct {
	Cases       []CaseResult     `json:"cases"`
	Differences []RuleDifference `json:"differences"` // in the order of the rules, those of one side last
	Rules       []RuleStatus     `json:"rules"`       // how far the records test each specified rule
	Uncovered   []Uncovered      `json:"uncovered"`   // specified rules that no record tests; they are compared as they are written
	Untold      []Untold         `json:"untold"`      // other builds that the records do not show; as built, they would be compared as they are written
	Failed      int              `json:"failed"`      // cases that are not passed
}

// Tested reports whether the records test every specified rule, and show every other build of it that was thought of.
func (a *Acceptance) Tested() bool { return len(a.Uncovered) == 0 && len(a.Untold) == 0 }

// CaseResult is a synthetic record, and what the two builds of a rule do with it.
type CaseResult struct {
	RuleID          string             `json:"ruleId"`
	Form            string             `json:"form"`
	Data            imednet.RecordData `json:"data"`     // synthetic
	Expected        imednet.YesNo      `json:"expected"` // whether the rule acts as specified
	Answered        imednet.YesNo      `json:"answered"` // whether it acts as built
	ExpectedEffects []string           `json:"expectedEffects"`
	AnsweredEffects []string           `json:"answeredEffects"`
	Passed          bool               `json:"passed"` // whether both are the same
}

// DifferenceKind says in what a rule differs.
type DifferenceKind string

// The kinds of differences.
const (
	MissingRule    DifferenceKind = "missing"    // specified, and not built or not active
	AdditionalRule DifferenceKind = "additional" // built, and not specified
	OtherCondition DifferenceKind = "condition"  // acts on other records, or cannot be shown to act on the same
	OtherEffect    DifferenceKind = "effect"     // does something else when it acts
	OtherOrder     DifferenceKind = "order"      // does the same in another order, which matters
	OtherNumber    DifferenceKind = "number"     // stands in the export more or less often
)

// RuleDifference is one thing that a rule does as specified and not as built, or the other way round.
type RuleDifference struct {
	RuleID string         `json:"ruleId"`
	Rule   string         `json:"rule"`
	Form   string         `json:"form"`
	Kind   DifferenceKind `json:"kind"`
	// Specified and Built are what is done on either side, such as
	// "open_query(query_field(question AETERM), query_text "Please check.")"; "" for nothing.
	Specified string `json:"specified"`
	Built     string `json:"built"`
	// Data is a synthetic record that shows the difference; empty if none does, because the rule depends on
	// more than a record or no record that was tried tells the two builds apart.
	Data imednet.RecordData `json:"data,omitzero"`
}

// Against holds the rules of another build of the study against those of the checker's dictionary, which
// specifies them: on the records of [Checker.Cases] whether each acts and what it then does, every action with all
// that it holds, and in their order where that matters. A rule that depends on more than a record, or that is
// no edit check of a form, is compared as it is written. So are conditions that are written otherwise although no
// record tells them apart: that they mean the same is not guessed, but for the spelling of numbers, the
// order of what and, or and equals join, and an and or or of one condition. Rules that are not active count as
// not there. Rules are paired within their form by id and name, then by id, by name, and by what they do. Rules
// and questions that were not read are [ErrNotRead], and so are choices that only one side has.
func (c *Checker) Against(built *Checker) (*Acceptance, error) {
	if err := argument.Required("dictionary.Checker.Against", "built", built); err != nil {
		return nil, err
	}
	if err := errors.Join(c.dictionary.knows(QuestionsFile, RulesFile), built.dictionary.knows(QuestionsFile, RulesFile), bothKnow(c.dictionary, built.dictionary)); err != nil {
		return nil, failed("compare the rules", "", err)
	}
	now := c.clock.Now()
	x := &acceptance{meant: c.at(now), built: built.at(now), meantIDs: c.dictionary.rulesByID(), builtIDs: built.dictionary.rulesByID(), result: &Acceptance{Cases: []CaseResult{}, Differences: []RuleDifference{}, Rules: []RuleStatus{}, Uncovered: []Uncovered{}, Untold: []Untold{}}}
	for _, key := range slices.Sorted(maps.Keys(x.forms())) {
		x.form(key)
	}
	x.others()
	return x.result, nil
}

// acceptance is one comparison.
type acceptance struct {
	meant, built       *Checker
	meantIDs, builtIDs map[string][]*Rule
	result             *Acceptance
}

func (x *acceptance) forms() map[string]bool {
	all := map[string]bool{}
	for key := range x.meant.rules {
		all[key] = true
	}
	for key := range x.built.rules {
		all[key] = true
	}
	return all
}

// form compares the edit checks of a form.
func (x *acceptance) form(key string) {
	pairs := pairRules(x.meant.rules[key], x.built.rules[key])
	for _, p := range pairs {
		if p.meant != nil {
			x.specified(key, p)
		} else {
			x.differ(p, AdditionalRule, "", said(p.built.actions()), x.built.recordFor(key, p.built))
		}
	}
	x.order(key, pairs)
}

// specified compares one specified rule with what was built of it.
func (x *acceptance) specified(key string, p rulePair) {
	cases := x.tried(key, p)
	if p.built == nil {
		x.differ(p, MissingRule, said(p.meant.actions()), "", shownBy(cases, func(c CaseResult) bool { return c.Expected == imednet.Yes }))
		return
	}
	differs := func(c CaseResult) bool { return c.Expected != c.Answered }
	if i := slices.IndexFunc(cases, differs); i >= 0 {
		x.differ(p, OtherCondition, cases[i].expected(), cases[i].answered(), cases[i].Data)
	} else if !x.sameConditions(key, p) {
		x.otherwise(key, p)
	}
	for _, d := range p.actionDifferences() {
		x.differ(p, d.kind, d.meant, d.built, shownBy(cases, func(c CaseResult) bool { return c.Expected == imednet.Yes && c.Answered == imednet.Yes }))
	}
	if a, b := p.meant.scope(), p.built.scope(); a != b {
		x.differ(p, OtherCondition, a, b, noData)
	}
	x.number(p)
}

// tried tries a specified rule and what was built of it on the records that test it.
func (x *acceptance) tried(key string, p rulePair) []CaseResult {
	form, ok := x.meant.dictionary.Form(key)
	found := ruleCases{why: "its form is not in the export"}
	if ok {
		found = x.meant.casesOf(form, p.meant, nil, maxCases/2, asItIs)
	}
	if found.why != "" {
		x.result.Uncovered = append(x.result.Uncovered, Uncovered{p.meant.ID, p.meant.Name, found.why})
	}
	x.result.Rules = append(x.result.Rules, found.status(p.meant))
	if untold, some := found.said(p.meant); some {
		x.result.Untold = append(x.result.Untold, untold)
	}
	first := len(x.result.Cases)
	same := p.built != nil && len(p.actionDifferences()) == 0
	for _, r := range found.all() {
		x.try(key, p, r.entered, r.acts, same)
	}
	return x.result.Cases[first:]
}

// try tries both builds of a rule on one record. same says whether they do the same when they act.
func (x *acceptance) try(key string, p rulePair, data imednet.RecordData, expected imednet.YesNo, same bool) CaseResult {
	one := CaseResult{RuleID: p.meant.ID, Form: key, Data: data, Expected: expected, Answered: x.answer(key, p.built, data), ExpectedEffects: []string{}, AnsweredEffects: []string{}}
	if one.Expected == imednet.Yes {
		one.ExpectedEffects = saidEach(p.meant.actions())
	}
	if one.Answered == imednet.Yes {
		one.AnsweredEffects = saidEach(p.built.actions())
	}
	one.Passed = one.Expected == one.Answered && (one.Expected != imednet.Yes || same)
	if !one.Passed {
		x.result.Failed++
	}
	x.result.Cases = append(x.result.Cases, one)
	return one
}

// answer is whether a rule as built acts on a record. One that was not built does not.
func (x *acceptance) answer(key string, r *Rule, data imednet.RecordData) imednet.YesNo {
	if r == nil {
		return imednet.No
	}
	form, ok := x.built.dictionary.Form(key)
	if !ok {
		return imednet.Unknown
	}
	return x.built.outcomeOf(form, r, data).Acts
}

// noData is no record.
var noData imednet.RecordData

// shownBy is the first record that shows something.
func shownBy(cases []CaseResult, shows func(CaseResult) bool) imednet.RecordData {
	if i := slices.IndexFunc(cases, shows); i >= 0 {
		return cases[i].Data
	}
	return noData
}

func (c CaseResult) expected() string { return verdictOf(c.Expected, c.ExpectedEffects) }
func (c CaseResult) answered() string { return verdictOf(c.Answered, c.AnsweredEffects) }

// verdictOf says what a rule does with a record.
func verdictOf(acts imednet.YesNo, effects []string) string {
	switch acts {
	case imednet.Yes:
		return "acts: " + strings.Join(effects, "; ")
	case imednet.No:
		return "is quiet"
	}
	return "is undecided"
}

func (x *acceptance) differ(p rulePair, kind DifferenceKind, specified, built string, data imednet.RecordData) {
	r := cmp.Or(p.meant, p.built)
	x.result.Differences = append(x.result.Differences, RuleDifference{r.ID, r.Name, r.Form, kind, specified, built, data})
}
