package dictionary

import (
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/argument"
)

// Checker evaluates the edit checks of a dictionary on records. It is safe for concurrent use.
type Checker struct {
	dictionary *Dictionary
	clock      imednet.Clock
	rules      map[string][]*Rule     // active Form rules with logic, by form, each once
	states     map[string][]stateRule // by form and folded question
	odd        map[*Rule]string       // why logic is not of the grammar that is known
	unread     map[string]bool        // forms with rules that may do anything, such as those whose logic cannot be read
	names      map[*Form]answers.Declared
	around     *Surroundings      // nil: not known
	role       string             // of the user; "": not known
	unused     map[*Question]bool // those that the study to which records are sent does not ask for
	patterns   *patterns
	earlier    answerFinder // finds answers of an earlier state of the record; nil: not known
}

// stateRule hides or disables a question when its condition holds.
type stateRule struct {
	state    string // hidden or disabled
	question string // as the rule spells it
	rule     *Rule
	maybe    bool // it is not known whether it does
}

// CheckerOption configures [NewChecker].
type CheckerOption func(*Checker) error

// WithClock sets the clock that gives rules the current date, in UTC; the default is
// [imednet.SystemClock].
func WithClock(clock imednet.Clock) CheckerOption {
	return func(c *Checker) error {
		c.clock = clock
		return argument.Required("dictionary.WithClock", "clock", clock)
	}
}

// NewChecker returns a checker of the dictionary's active rules. A rule that occurs more than once
// in the export is checked once, one without logic is not checked, and one whose logic cannot be read,
// or was left out of the document that the dictionary comes from, is undecided for every record. So is one
// that names its form in another case, for the records of each form that may be meant.
func NewChecker(d *Dictionary, opts ...CheckerOption) (*Checker, error) {
	if err := argument.Required("dictionary.NewChecker", "d", d); err != nil {
		return nil, err
	}
	c := &Checker{dictionary: d, clock: imednet.SystemClock(), rules: map[string][]*Rule{}, states: map[string][]stateRule{}, odd: map[*Rule]string{}, unread: map[string]bool{}, names: d.questionNames(), patterns: &patterns{}}
	if err := argument.Options("dictionary.NewChecker", c, opts); err != nil {
		return nil, err
	}
	for _, r := range d.Rules {
		c.enter(r)
	}
	return c, nil
}

func (c *Checker) enter(r *Rule) {
	if !r.Active() || !r.checks() {
		return
	}
	for _, form := range c.dictionary.formsMeant(r.Form) {
		if slices.ContainsFunc(c.rules[form], func(o *Rule) bool { return o.ID == r.ID && sameRule(o, r) }) {
			return
		}
		c.rules[form] = append(c.rules[form], r)
		c.unread[form] = c.unread[form] || r.Logic == nil || form != r.Form || r.Logic.oddFrame() != ""
	}
	if r.Logic == nil {
		return
	}
	c.odd[r] = r.Logic.oddity()
	for _, action := range r.actions() {
		if action.mayDoAnything() {
			c.enterAnyState(r)
			continue
		}
		state := ""
		switch action.Name {
		case "hide_field", "hide_and_clear_field":
			state = "hidden"
		case "disable_field", "disable_and_clear_field":
			state = "disabled"
		default:
			continue
		}
		for _, question := range action.questions() {
			key := stateKey(r.Form, question)
			c.states[key] = append(c.states[key], stateRule{state, question, r, false})
		}
	}
}

// enterAnyState enters a rule that may hide or disable any question of its form.
func (c *Checker) enterAnyState(r *Rule) {
	form, known := c.dictionary.Form(r.Form)
	if !known {
		return // its form is unread
	}
	for _, q := range form.Questions {
		key := stateKey(r.Form, q.Name)
		c.states[key] = append(c.states[key], stateRule{"hidden", q.Name, r, true}, stateRule{"disabled", q.Name, r, true})
	}
}

// checks reports whether a rule is an edit check of a form.
func (r *Rule) checks() bool { return foldHeader(r.Type) == "form" && r.hasLogic() }

func stateKey(form, question string) string { return form + "\x00" + answers.Fold(question) }

// actions are what a rule does when its condition holds.
func (r *Rule) actions() (all []*Element) {
	if r.Logic == nil {
		return nil
	}
	for _, c := range r.Logic.Children {
		if c.Name == "Actions" {
			all = append(all, c.Children...)
		}
	}
	return all
}

// formsMeant are the keys of the forms that a rule's form key may mean: the same key, unless it is no form's
// and there are forms with it in another case.
func (d *Dictionary) formsMeant(key string) (keys []string) {
	if _, found := d.Form(key); found {
		return []string{key}
	}
	for _, f := range d.Forms {
		if answers.Fold(f.Key) == answers.Fold(key) && !slices.Contains(keys, f.Key) {
			keys = append(keys, f.Key)
		}
	}
	if len(keys) == 0 {
		return []string{key}
	}
	return keys
}

// questions are those on which an action works.
func (e *Element) questions() []string {
	var names []string
	for _, c := range e.Children {
		if c.Name == "question" {
			names = append(names, c.Trimmed())
		}
	}
	return names
}

// Outcome is the result of one rule on one record. It holds no answers.
type Outcome struct {
	RuleID string `json:"ruleId"`
	Rule   string `json:"rule"`
	Form   string `json:"form"`
	// Acts is Yes if the rule's condition holds, so that it shows its message, opens its query or
	// rejects the record; No if it does not hold; and Unknown if that depends on more than the
	// record.
	Acts      imednet.YesNo `json:"acts"`
	Why       string        `json:"why,omitempty"`       // reason why Acts is Unknown
	Refuses   bool          `json:"refuses"`             // whether the rule has a hard edit
	Queries   []string      `json:"queries"`             // questions on which the rule opens a query
	Reports   []string      `json:"reports"`             // questions that the rule's messages concern
	Keywords  []string      `json:"keywords"`            // keywords that the rule sets on the record
	Clears    []string      `json:"clears"`              // questions whose answers the rule clears
	Generated string        `json:"generated,omitempty"` // question for which the form designer generated the rule
}

// Check evaluates the rules of a record's form, in the order of the export. A form that is not in
// the dictionary has none, and neither has nil. Of questions that differ only in case each has its own
// answer, as [imednet.IndexedForm.Answer] finds it.
func (c *Checker) Check(form *Form, r *imednet.Record) []Outcome {
	if r == nil {
		return nil
	}
	return c.check(form, r, c.answersOf(form, r.RecordData))
}

// CheckData evaluates the rules on the answers of a new record, which is not yet stored.
func (c *Checker) CheckData(form *Form, data imednet.RecordData) []Outcome {
	return c.check(form, nil, c.answersOf(form, data))
}

func (c *Checker) answersOf(form *Form, data imednet.RecordData) answerFinder {
	names, known := c.names[form]
	if !known && form != nil {
		names = form.questionNames()
	}
	return func(question string) (imednet.Value, int) {
		if q, _ := form.Question(question); c.unused[q] {
			return imednet.Value{}, notAsked
		}
		return answerIn(names, data, question)
	}
}

func (c *Checker) check(form *Form, r *imednet.Record, answers answerFinder) []Outcome {
	if form == nil {
		return nil
	}
	rules := c.rules[form.Key]
	all := make([]Outcome, 0, len(rules))
	for _, rule := range rules {
		all = append(all, c.outcome(form, rule, r, answers))
	}
	return all
}

func (c *Checker) outcome(form *Form, rule *Rule, r *imednet.Record, answers answerFinder) Outcome {
	o := rule.outcome()
	e := &evaluation{checker: c, form: form, record: r, answers: answers, now: c.clock.Now(), asked: map[string]bool{}}
	if rule.Form == form.Key {
		o.Acts = e.acts(rule)
	} else {
		o.Acts = e.undecided("its form is spelled in another way")
	}
	if o.Acts == imednet.Unknown {
		o.Why = e.reason
	}
	return o
}

// acts evaluates a rule's condition. One whose conditions are empty never acts.
func (e *evaluation) acts(r *Rule) imednet.YesNo {
	if r.Logic == nil {
		return e.undecided("its logic cannot be read")
	}
	odd, entered := e.checker.odd[r]
	if !entered {
		odd = r.Logic.oddity()
	}
	if odd != "" {
		return e.undecided("%s", odd)
	}
	return e.actsOn(r.Logic.Child("Conditions"))
}

// actsOn evaluates the conditions of a rule.
func (e *evaluation) actsOn(conditions *Element) imednet.YesNo {
	if conditions.empty() {
		return imednet.No
	}
	return e.conditions(conditions)
}

// conditions are when a rule acts; nil for a rule that has none.
func (r *Rule) conditions() *Element {
	conditions := r.Logic.Child("Conditions")
	if conditions == nil || len(conditions.Children) == 0 {
		return nil
	}
	return conditions
}

// number is how many children have a name.
func (e *Element) number(name string) int {
	n := 0
	for _, c := range e.Children {
		if c.Name == name {
			n++
		}
	}
	return n
}

// empty reports whether an element holds nothing at all.
func (e *Element) empty() bool {
	return len(e.Children) == 0 && len(e.attributes()) == 0 && e.bare()
}

func (r *Rule) outcome() Outcome {
	o := Outcome{RuleID: r.ID, Rule: r.Name, Form: r.Form, Queries: []string{}, Reports: []string{}, Keywords: []string{}, Clears: []string{}}
	o.Generated, _ = r.Generated()
	for _, action := range r.actions() {
		switch action.Name {
		case "message":
			o.Refuses = o.Refuses || action.Child("hard_edit") != nil
			if field := action.Child("error_field").name(); field != "" {
				o.Reports = append(o.Reports, field)
			}
		case "open_query":
			if field := action.Child("query_field").Child("question").name(); field != "" {
				o.Queries = append(o.Queries, field)
			}
		case "set_keyword":
			if keyword := action.Child("keyword").name(); keyword != "" && action.Child("target").Child("record") != nil {
				o.Keywords = append(o.Keywords, keyword)
			}
		case "clear_field", "disable_and_clear_field", "hide_and_clear_field":
			o.Clears = append(o.Clears, action.questions()...)
		}
	}
	return o
}

// state finds out whether rules hide or disable a question for the record of an evaluation.
func (c *Checker) state(e *evaluation, state, question string) imednet.YesNo {
	key := stateKey(e.form.Key, question)
	if e.asked[state+key] {
		return imednet.Unknown // the rules lead back to themselves
	}
	e.asked[state+key] = true
	defer delete(e.asked, state+key)
	result := imednet.No
	if c.unread[e.form.Key] || c.dictionary.Lacks(RulesFile) {
		result = imednet.Unknown // such rules may do anything
	}
	for _, s := range c.states[key] {
		if _, other := e.form.Question(s.question); s.state != state || s.question != question && other {
			continue
		}
		inner := *e
		inner.reason = ""
		acts := inner.acts(s.rule)
		e.steps = inner.steps
		switch {
		case acts == imednet.Yes && s.question == question && !s.maybe:
			return imednet.Yes
		case acts != imednet.No:
			result = imednet.Unknown
		}
	}
	if result == imednet.No && state == "hidden" && e.alwaysHidden(question) {
		return imednet.Yes
	}
	return result
}

func (e *evaluation) alwaysHidden(question string) bool {
	q, ok := e.form.Question(question)
	return ok && saysYes(q.Option("Special: Hidden"))
}
