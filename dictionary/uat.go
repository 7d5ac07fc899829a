package dictionary

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
)

// maxCases bounds the records that are made for one rule, and maxTried those that are tried for them.
const (
	maxCases = 60
	maxTried = 20_000
)

// Case is a record that is made to try a rule, and what the rule should say of it.
type Case struct {
	RuleID    string
	Form      string
	Generated string             // the question, of a rule that the form designer made
	Data      imednet.RecordData // invented; no patient's
	Acts      imednet.YesNo      // Yes or No, never Unknown
}

// Uncovered is a rule for which no record could be made that it acts for, or none that it does not.
type Uncovered struct {
	RuleID string `json:"ruleId"`
	Rule   string `json:"rule"`
	Why    string `json:"why"`
}

// Cases makes records that try each active rule of the dictionary: values on, below and above the
// numbers and dates that the rule compares with, each choice, blanks, and answers of another kind. For
// every rule that is covered there is at least one record that it acts for and one that it does not, so
// that a rule which was built otherwise gives another answer for some of them. Rules that cannot be
// covered are listed with the reason.
func (c *Checker) Cases() (cases []Case, uncovered []Uncovered) {
	for _, key := range slices.Sorted(maps.Keys(c.rules)) {
		form, ok := c.dictionary.Form(key)
		if !ok {
			continue
		}
		for _, r := range c.rules[key] {
			found, why := c.casesOf(form, r)
			if why != "" {
				uncovered = append(uncovered, Uncovered{r.ID, r.Name, why})
				continue
			}
			cases = append(cases, found...)
		}
	}
	return cases, uncovered
}

// casesOf tries combinations of values until enough records tell the rule's two answers apart.
func (c *Checker) casesOf(form *Form, r *Rule) ([]Case, string) {
	questions := c.readBy(form, r)
	values := make([][]string, len(questions))
	constants := constantsOf(r.Logic)
	combinations := 1
	for i, q := range questions {
		values[i] = c.candidates(q, constants)
		combinations = min(combinations*len(values[i]), maxTried)
	}
	var acting, quiet []Case
	reason := ""
	for n := range combinations {
		answers, err := combination(questions, values, n)
		if err != nil {
			return nil, "its questions have names that no record can hold"
		}
		o := c.outcomeOf(form, r, answers)
		switch {
		case o.Acts == imednet.Yes && len(acting) < maxCases/2:
			acting = append(acting, Case{r.ID, form.Key, o.Generated, answers, imednet.Yes})
		case o.Acts == imednet.No && len(quiet) < maxCases/2:
			quiet = append(quiet, Case{r.ID, form.Key, o.Generated, answers, imednet.No})
		case o.Acts == imednet.Unknown && reason == "":
			reason = o.Why
		}
		if len(acting)+len(quiet) == maxCases {
			break
		}
	}
	switch {
	case len(acting) > 0 && len(quiet) > 0:
		return append(acting, quiet...), ""
	case reason != "":
		return nil, reason
	case len(acting) > 0:
		return nil, "the rule acts for every record"
	}
	return nil, "the rule acts for no record that was tried"
}

func (c *Checker) outcomeOf(form *Form, r *Rule, data imednet.RecordData) Outcome {
	for _, o := range c.CheckData(form, data) {
		if o.RuleID == r.ID && o.Rule == r.Name {
			return o
		}
	}
	return Outcome{}
}

// readBy lists the questions of the form that a rule reads, and those that the rules read which hide or
// disable them.
func (c *Checker) readBy(form *Form, r *Rule) []*Question {
	seen := map[string]bool{}
	var all []*Question
	var add func(e *Element)
	add = func(e *Element) {
		e.All(func(x, parent *Element) {
			name := x.Trimmed()
			q, ok := form.Question(name)
			if x.Name != "question" || !ok || seen[name] || parent != nil && foreignForms[parent.Name] {
				return
			}
			seen[name] = true
			all = append(all, q)
			for _, s := range c.states[form.Key+"\x00"+name] {
				add(s.rule.conditions())
			}
		})
	}
	add(r.conditions())
	return all
}

// constantsOf are the values that a rule compares with.
func constantsOf(logic *Element) []string {
	var all []string
	logic.All(func(x, _ *Element) {
		if text := x.Trimmed(); x.Name == "value" && text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	})
	return all
}

// candidates are JSON values for a question: what its type and the rule's constants suggest, blank last.
func (c *Checker) candidates(q *Question, constants []string) []string {
	switch q.Class() {
	case CheckboxClass:
		return []string{"true", "false", "null"}
	case ChoiceClass:
		var all []string
		for _, choice := range q.Ordered() {
			all = appendText(all, choice.Text)
		}
		return append(all, "null")
	case NumberClass:
		return append(numbersAround(constants), "null")
	case DateClass:
		return append(c.datesAround(constants), "null")
	}
	var all []string
	for _, text := range constants {
		all = appendText(appendText(all, text), text+"x")
	}
	return append(appendText(all, "text"), "null")
}

func appendText(all []string, text string) []string {
	raw, err := json.Marshal(text)
	if err != nil || slices.Contains(all, string(raw)) {
		return all
	}
	return append(all, string(raw))
}

// numbersAround are the constants that are numbers, and a little less and more than each.
func numbersAround(constants []string) []string {
	all := []string{}
	for _, text := range constants {
		n, ok := imednet.ParseNumber(text)
		if !ok {
			continue
		}
		for _, step := range []string{"0", "1", "-1"} {
			by, _ := imednet.ParseNumber(step)
			if moved, ok := n.Minus(by); ok {
				if text := moved.Canonical(); !slices.Contains(all, text) {
					all = append(all, text)
				}
			}
		}
	}
	return append(all, "0", "7")
}

// datesAround are the constants that are dates, today, and the days beside each.
func (c *Checker) datesAround(constants []string) []string {
	var all []string
	today, _ := imednet.ParsePartialDate(c.clock.Now().UTC().Format(time.DateOnly))
	for _, text := range append([]string{today.String()}, constants...) {
		d, err := imednet.ParsePartialDate(text)
		if _, number := imednet.ParseNumber(text); err != nil || number {
			continue
		}
		for _, days := range []int{0, 1, -1} {
			if moved, ok := d.AddDays(days); ok {
				all = appendText(all, moved.String())
			}
		}
	}
	return all
}

// combination returns the n-th combination of values.
func combination(questions []*Question, values [][]string, n int) (imednet.RecordData, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, q := range questions {
		name, err := json.Marshal(q.Name)
		if err != nil {
			return imednet.RecordData{}, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(name)
		b.WriteString(":" + values[i][n%len(values[i])])
		n /= len(values[i])
	}
	b.WriteByte('}')
	return imednet.NewRecordData([]byte(b.String()))
}

// Answer is what the checker's own rule of the case's id says of the case; Unknown when it has no such
// rule, or when the rule takes more than the record.
func (c *Checker) Answer(of Case) imednet.YesNo {
	form, ok := c.dictionary.Form(of.Form)
	if !ok {
		return imednet.Unknown
	}
	for _, o := range c.CheckData(form, of.Data) {
		if o.RuleID == of.RuleID {
			return o.Acts
		}
	}
	return imednet.Unknown
}
