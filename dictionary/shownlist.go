package dictionary

import (
	"strings"

	"github.com/imednetgo/imednet"
)

// shownList is a variable with a list, and how its choices are shown.
type shownList struct {
	variable *imednet.Variable
	name     string // of the variable
	question *Question
	shown    map[*Choice]string
	alike    map[*Choice]bool // those that would be shown as what denotes another, so that their answers stay as they are
	codes    string           // name of the variable that is added for the codes; "" for none
}

// list returns how the mode shows a variable's choices; nil for a variable without a list.
func (t *Translator) list(v *imednet.Variable) *shownList {
	q := t.joined.matches[v]
	if q == nil || q.Kind() != imednet.ChoiceVariable || len(q.Choices) == 0 {
		return nil
	}
	l := &shownList{variable: v, name: v.VariableName.Or(""), question: q, shown: map[*Choice]string{}, alike: map[*Choice]bool{}}
	for _, c := range q.Choices {
		first, second := t.sides(c)
		if found, several := q.denoted(first); found != c || several {
			l.alike[c], first = true, second
		}
		l.shown[c] = first
	}
	return l
}

// sides are the text and the code of a choice, that which the mode shows first. What is blank is the same as the
// other.
func (t *Translator) sides(c *Choice) (first, second string) {
	first, second = c.Text, c.Code
	if t.mode == ChoicesAsCode {
		first, second = second, first
	}
	if strings.TrimSpace(first) == "" {
		first = second
	}
	if strings.TrimSpace(second) == "" {
		second = first
	}
	return first, second
}

// fits reports whether the variable, by the type that the API gives it, can hold what is shown.
func (l *shownList) fits() bool {
	for _, text := range l.shown {
		if !canHold(l.variable.Kind(), text) {
			return false
		}
	}
	return true
}

// canHold reports whether a text is an answer to variables of a kind.
func canHold(kind imednet.VariableKind, text string) bool {
	switch {
	case kind.IsNumber():
		_, ok := imednet.ParseNumber(text)
		return ok
	case kind == imednet.DateVariable:
		_, err := imednet.ParsePartialDate(text)
		return err == nil
	case kind == imednet.FlagVariable:
		_, understood := imednet.ParseYesNo(text)
		return understood
	}
	return true
}

// coded reports whether a choice has a code.
func (q *Question) coded() bool {
	for _, c := range q.Choices {
		if strings.TrimSpace(c.Code) != "" {
			return true
		}
	}
	return false
}

// choices are the choices by position, as they are shown.
func (l *shownList) choices() []ShownChoice {
	var list []ShownChoice
	for _, c := range l.question.Ordered() {
		list = append(list, ShownChoice{l.shown[c], c.Text, c.Code})
	}
	return list
}

// codesOf are the choices that have codes, as the variable for codes has them.
func (l *shownList) codesOf() []ShownChoice {
	var list []ShownChoice
	for _, c := range l.question.Ordered() {
		if strings.TrimSpace(c.Code) != "" {
			list = append(list, ShownChoice{c.Code, c.Text, c.Code})
		}
	}
	return list
}

// codeOf is the code of a choice as JSON; null for none.
func codeOf(c *Choice) []byte {
	if c == nil || strings.TrimSpace(c.Code) == "" {
		return []byte("null")
	}
	return quoted(c.Code)
}
