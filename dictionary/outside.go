package dictionary

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// RuleOutside is an active edit check of a form that the study lacks or has disabled, or about questions that it lacks: those
// without a variable in use.
type RuleOutside struct {
	RuleID    string   `json:"ruleId"`
	Rule      string   `json:"rule"`
	Form      string   `json:"form"`
	Questions []string `json:"questions"` // that the study lacks; none if it lacks the form or has disabled it
}

// String is one line, such as "rule 7 is about AE.AESEV".
func (r RuleOutside) String() string {
	if len(r.Questions) == 0 {
		return fmt.Sprintf("rule %s is of the form %s", r.RuleID, r.Form)
	}
	return fmt.Sprintf("rule %s is about %s.%s", r.RuleID, r.Form, strings.Join(r.Questions, ", "+r.Form+"."))
}

// rulesOutside lists the edit checks of the checker that are of forms or about questions which the study lacks, by forms. The
// questions of other forms that a rule reads are not among them.
func (j *Joined) rulesOutside(checker *Checker) []RuleOutside {
	var all []RuleOutside
	for _, key := range slices.Sorted(maps.Keys(checker.rules)) {
		f, _ := j.Dictionary.Form(key)
		asked := j.inUse(f)
		for _, r := range checker.rules[key] {
			outside := RuleOutside{r.ID, r.Name, key, []string{}}
			if asked {
				outside.Questions = j.lacking(f, r)
			}
			if !asked || len(outside.Questions) > 0 {
				all = append(all, outside)
			}
		}
	}
	return all
}

// lacking are the questions of a rule's own form that the study lacks, each once.
func (j *Joined) lacking(f *Form, r *Rule) []string {
	names := []string{}
	r.Logic.ownQuestions(func(name string) {
		if !slices.Contains(names, name) && !j.has(f, name) {
			names = append(names, name)
		}
	})
	return names
}

// has reports whether the study has a variable in use for what a rule of a form calls a question.
func (j *Joined) has(f *Form, name string) bool {
	if q, known := f.Question(name); known {
		return j.asked[q]
	}
	_, n := j.byForm[f].Variable(name)
	return n > 0
}

// ownQuestions hands over the names of the questions of the rule's own form.
func (e *Element) ownQuestions(take func(name string)) {
	if e == nil || foreignForms[e.Name] {
		return
	}
	if len(e.Children) == 0 && (e.Name == "question" || e.Name == "error_field") && e.Trimmed() != "" {
		take(e.Trimmed())
	}
	for _, c := range e.Children {
		c.ownQuestions(take)
	}
}
