package dictionary

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// foreignForms are the elements inside which another form is named, and a question belongs to it.
var foreignForms = map[string]bool{"external": true, "populate_embedded_log": true}

// formNames are the elements whose child "form" is a Form Name.
var formNames = map[string]bool{
	"external": true, "number_of_child_log_records": true, "number_of_sibling_records": true, "populate_embedded_log": true, "trigger_record_form": true,
}

func (v *validator) checkRules() {
	byID := map[string]*Rule{}
	for _, r := range v.d.Rules {
		at := Finding{File: RulesFile, Row: r.Row, Form: r.Form, Rule: r.ID}
		if first := byID[r.ID]; first != nil && r.ID != "" {
			if sameRule(first, r) {
				v.add(at.with(RuleTwice, Note, fmt.Sprintf("the rule repeats row %d", first.Row)))
			} else {
				v.add(at.with(RuleIDShared, Warning, fmt.Sprintf("another rule has the same id, in row %d", first.Row)))
			}
		} else {
			byID[r.ID] = r
		}
		v.checkRule(r, at)
	}
}

func sameRule(a, b *Rule) bool {
	return a.Type == b.Type && a.Name == b.Name && a.Status == b.Status && a.Form == b.Form && a.Sequence == b.Sequence && a.XML == b.XML && slices.Equal(a.Options, b.Options) &&
		bytes.Equal(a.Logic.AppendCanonical(nil), b.Logic.AppendCanonical(nil))
}

func (v *validator) checkRule(r *Rule, at Finding) {
	if r.Type != "" && !ruleTypes[foldHeader(r.Type)] {
		v.add(at.with(WordUnknown, Note, "a rule type that has not been seen before"))
	}
	if r.Status != "" && !ruleStatuses[foldHeader(r.Status)] {
		v.add(at.with(WordUnknown, Note, "a rule status that has not been seen before"))
	}
	if foldHeader(r.Status) == "inerror" {
		v.add(at.with(RuleInError, Note, "the server holds the rule to be in error; it does not run"))
	}
	form, formKnown := v.lookup.form(r.Form)
	if r.Form != "" && !formKnown {
		v.add(at.with(FormUnknown, Warning, "the rule is of a form that the export does not have"))
	}
	if !r.hasLogic() {
		if r.Active() && foldHeader(r.Type) != "required" {
			v.add(at.with(RuleWithoutLogic, Note, "the rule is active and has no logic"))
		}
		return
	}
	if r.checks() && r.Logic != nil {
		if odd := r.Logic.oddity(); odd != "" {
			v.add(at.with(LogicUnknown, Warning, "the rule is undecided for every record: "+odd))
		}
	}
	v.checkNames(r, form, at)
	v.checkGenerated(r, form, at)
}

// maxOfARule is how many findings of one kind are listed for a rule. The logic of a real one names fewer things.
const maxOfARule = 100

// some lists the first findings of one kind for a rule, whose logic may name more things than anybody reads.
type some struct {
	v    *validator
	last Finding
	n    int
}

func (v *validator) some(at Finding) *some { return &some{v: v, last: at} }

func (s *some) add(code Code, severity Severity, message func() string) {
	s.n++
	if s.n <= maxOfARule {
		s.last = s.last.with(code, severity, message())
		s.v.add(s.last)
	}
}

// sayMore reports how many were not listed.
func (s *some) sayMore(format string) {
	if more := s.n - maxOfARule; more > 0 {
		s.v.add(s.last.with(s.last.Code, s.last.Severity, fmt.Sprintf(format, more)))
	}
}

// checkNames looks up the forms and questions that a rule's logic names.
func (v *validator) checkNames(r *Rule, form *Form, at Finding) {
	missing := map[string]bool{}
	some := v.some(at)
	v.eachName(r.Logic, form, func(kind, name string, found bool) {
		if text := kind + " " + name; !found && !missing[text] {
			missing[text] = true
			some.add(LogicNamesNothing, Warning, func() string {
				return fmt.Sprintf("the logic names the %s, which the export does not have", text)
			})
		}
	})
	some.sayMore("the logic has %d more names that the export does not have")
	v.checkValues(r.Logic, form, at)
}

// eachName walks the names in an element, each with whether it leads to something.
func (v *validator) eachName(e *Element, form *Form, report func(kind, name string, found bool)) {
	if e == nil {
		return
	}
	if foreignForms[e.Name] {
		form = nil
		if named := v.byName[e.Child("form").name()]; len(named) > 0 {
			form = named[len(named)-1]
		}
	}
	for _, c := range e.Children {
		switch {
		case c.Name == "form" && formNames[e.Name]:
			report("form", c.Trimmed(), len(v.byName[c.Trimmed()]) > 0)
		case c.Name == "question" && len(c.Children) == 0 && form != nil:
			_, found := v.lookup.question(form, c.Trimmed())
			report("question", form.Key+"."+c.Trimmed(), found)
		default:
			v.eachName(c, form, report)
		}
	}
}

// name is the trimmed text of an element that may not be there.
func (e *Element) name() string {
	if e == nil {
		return ""
	}
	return e.Trimmed()
}

// checkValues compares the values that answers of a list are tested against with the list. Rules test
// the choice's text, never its code.
func (v *validator) checkValues(logic *Element, form *Form, at Finding) {
	if form == nil {
		return
	}
	some := v.some(at)
	defer some.sayMore("the logic has %d more comparisons with a text that is none of the choices")
	logic.All(func(e, _ *Element) {
		if e.Name != "equals" || len(e.Children) != 2 {
			return
		}
		question, value := e.Child("question"), e.Child("value")
		if question == nil || value == nil {
			return
		}
		q, ok := v.lookup.question(form, question.Trimmed())
		if !ok || q.Kind() != imednet.ChoiceVariable || len(q.Choices) == 0 || value.Trimmed() == "" {
			return
		}
		if !v.lookup.isText(q, value.Trimmed()) {
			some.add(LogicValueNoChoice, Note, func() string {
				return fmt.Sprintf("the logic compares %s with a text that is none of its choices", q.Name)
			})
		}
	})
}

// checkGenerated compares a rule that the form designer made with the columns that it restates.
func (v *validator) checkGenerated(r *Rule, form *Form, at Finding) {
	name, generated := r.Generated()
	if !generated || form == nil || r.Logic == nil {
		return
	}
	q, ok := v.lookup.question(form, name)
	if !ok {
		return
	}
	hard := r.Logic.has("hard_edit")
	if !strings.Contains(r.Name, "req on field") {
		if allowed := foldHeader(option(q.Options, "Allow Future Dates")); !hard || allowed == "yes" {
			at.Question = q.Name
			v.add(at.with(GeneratedRuleMismatch, Warning, "the generated rule does not do what Allow Future Dates says"))
		}
		return
	}
	queries := r.Logic.has("open_query")
	want := q.Required.fold()
	if hard != (want == "hard") || queries != (want == "autoquery") {
		at.Question = q.Name
		v.add(at.with(GeneratedRuleMismatch, Warning, "the generated rule does not do what Required Field says"))
	}
}

func (e *Element) has(name string) bool {
	found := false
	e.All(func(e, _ *Element) { found = found || e.Name == name })
	return found
}
