package dictionary

import (
	"regexp"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// solvable are the places of numbers, dates and times that both builds only compare, calculate with, or ask whether they are blank.
func (p *proof) solvable() map[int]bool {
	all := map[int]bool{}
	for place, q := range p.all.questions {
		kind := q.Kind()
		ordered := kind.IsNumber() || kind == imednet.DateVariable || kind == imednet.TimeVariable
		all[place] = ordered && !p.checker.unused[q]
	}
	for _, conditions := range []*Element{p.own, p.built} {
		conditions.All(func(x, parent *Element) {
			switch {
			case x.Name == "hidden" || x.Name == "disabled":
				for _, place := range p.decidedBy(x) {
					all[place] = false
				}
			case x.Name == "question" && parent != nil && !weighs(parent) && parent.Name != "blank" && !selectsQuestion(parent):
				for place, q := range p.all.questions {
					all[place] = all[place] && q.Name != x.Trimmed()
				}
			}
		})
	}
	return all
}

// weighs reports whether an element compares its parts, or calculates with them.
func weighs(e *Element) bool {
	return comparisons[e.Name] || calculations[e.Name] || e.Name == "trunc_date" || e.Name == "then"
}

// selectsQuestion reports whether an element asks whether a question is hidden or disabled, or is about another record.
func selectsQuestion(e *Element) bool {
	return e.Name == "hidden" || e.Name == "disabled" || foreignForms[e.Name]
}

// scope are the conditions that ask for answers: of both builds, and of the rules that hide and disable what they ask about.
func (p *proof) scope() []*Element {
	_, _, own := p.checker.readBy(p.form, p.rule)
	_, _, built := p.checker.readBy(p.form, p.r.Rule)
	all := own
	for _, c := range built {
		if !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return slices.DeleteFunc(all, func(c *Element) bool { return c == nil })
}

// asking are the elements of some that ask for the answer to a question.
func asking(q *Question, scope []*Element) (all []*Element) {
	for _, c := range scope {
		c.All(func(x, parent *Element) {
			if x.Name == "question" && x.Trimmed() == q.Name && parent != nil && !selectsQuestion(parent) {
				all = append(all, parent)
			}
		})
	}
	return all
}

// class are the answers to a question of which each that matters has one like it.
func (p *proof) class(place int) classesOf {
	c, known := p.classes[place]
	if !known {
		c = p.classAnew(place)
		p.classes[place] = c
	}
	return c
}

func (p *proof) classAnew(place int) classesOf {
	q := p.all.questions[place]
	scope := p.scope()
	values, whole := p.checker.candidates(q, p.texts.suggestionsOf(scope)), true
	switch kind := q.Kind(); {
	case p.checker.unused[q], kind == imednet.FlagVariable:
	case kind == imednet.ChoiceVariable:
		whole = len(q.Choices) > 0 && !p.checker.dictionary.Lacks(ChoicesFile)
	case kind == imednet.TextVariable:
		texts, all := p.textsOf(q, scope)
		for _, text := range texts {
			values = appendText(values, text)
		}
		whole = all
	case kind.IsNumber(), kind == imednet.DateVariable, kind == imednet.TimeVariable:
		whole = !slices.ContainsFunc(asking(q, scope), func(e *Element) bool { return !plainlyAsked(e) })
	default:
		whole = false
	}
	var places []int
	for _, value := range values {
		places = append(places, p.all.value(place, value))
	}
	return classesOf{p.unlike(place, places, asking(q, scope)), whole}
}

// plainlyAsked reports whether a condition asks for one answer alone: whether it is blank, or how it compares with what is fixed.
func plainlyAsked(e *Element) bool {
	fixed := func(c *Element) bool {
		return c.Name == "value" || c.Name == "question" || dates[c.Name] && len(c.Children) == 0
	}
	questions := e.number("question")
	return (e.Name == "blank" || comparisons[e.Name]) && questions == 1 && !slices.ContainsFunc(e.Children, func(c *Element) bool { return !fixed(c) })
}

// unlike leaves one of all answers that are the same to each condition that asks for them, if these ask for nothing else.
func (p *proof) unlike(place int, values []int, conditions []*Element) (left []int) {
	seen := map[string]bool{}
	for _, c := range conditions {
		if !decided[c.Name] || !slices.Equal(p.decidedBy(c), []int{place}) {
			return values
		}
	}
	at := slices.Repeat(pick{-1}, len(p.all.questions))
	for _, value := range values {
		at[place] = value
		e := p.checker.evaluate(p.form, p.checker.finder(p.all, at))
		var sign strings.Builder
		for _, c := range conditions {
			sign.WriteByte('0' + byte(outcomeOf(e.condition(c))))
		}
		if !seen[sign.String()] {
			seen[sign.String()] = true
			left = append(left, value)
		}
	}
	return left
}

// textsOf are texts for a question: one for each combination of the patterns that match it and do not, and of the texts with which it
// is compared; of a question that is compared with others several. all is whether there are no more that matter.
func (p *proof) textsOf(q *Question, scope []*Element) (texts []string, all bool) {
	all = true
	family := []*Question{q}
	for n := 0; n < len(family); n++ {
		for _, e := range asking(family[n], scope) {
			switch {
			case e.Name == "blank" || (e.Name == "like" || e.Name == "equals") && e.Children[1].Name == "value":
			case e.Name == "equals" && len(e.Children) == 2 && p.bothTexts(e):
				for _, c := range e.Children {
					if other, _ := p.form.Question(c.Trimmed()); !slices.Contains(family, other) {
						family = append(family, other)
					}
				}
			default:
				all = false
			}
		}
	}
	var patterns []string
	for _, member := range family {
		for _, pattern := range patternsFor(member, scope...) {
			patterns = appendNew(patterns, pattern)
		}
	}
	if len(patterns) == 0 {
		patterns = []string{"^"}
	}
	if len(patterns) > maxSpellers {
		return nil, false
	}
	texts, every := spelled(q, patterns, false, maxClasses)
	all = all && every
	for _, text := range slices.Clone(texts) {
		others := othersLike(q, text, patterns, len(family)-1)
		all = all && (len(others) == len(family)-1 || slices.Contains(patterns, "^"+regexp.QuoteMeta(text)+"$"))
		texts = append(texts, others...)
	}
	return texts, all
}

const maxClasses = 60 // combinations of patterns for which a text is looked for in a proof

// bothTexts reports whether a comparison is of two questions about texts.
func (p *proof) bothTexts(e *Element) bool {
	return !slices.ContainsFunc(e.Children, func(c *Element) bool {
		q, ok := p.form.Question(c.Trimmed())
		return c.Name != "question" || !ok || q.Kind() != imednet.TextVariable
	})
}

// othersLike are other texts that the same patterns match.
func othersLike(q *Question, text string, patterns []string, most int) (all []string) {
	var compiled []*regexp.Regexp
	for _, pattern := range patterns {
		if r, err := regexp.Compile(pattern); err == nil {
			compiled = append(compiled, r)
		}
	}
	alike := func(other string) bool {
		return !slices.ContainsFunc(compiled, func(r *regexp.Regexp) bool { return r.MatchString(other) != r.MatchString(text) })
	}
	letters := []rune(text)
	for _, letter := range "abxzAZ0129-_.é" {
		for i := 0; i <= len(letters); i++ {
			changed := []string{string(letters[:i]) + string(letter) + string(letters[i:])}
			if i < len(letters) {
				changed = append(changed, string(letters[:i])+string(letter)+string(letters[i+1:]))
			}
			for _, other := range changed {
				if len(all) < most && other != text && q.hasRoomFor(other) && alike(other) && !slices.Contains(all, other) {
					all = append(all, other)
				}
			}
		}
	}
	return all
}
