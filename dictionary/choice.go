package dictionary

import (
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// Match is the way in which an answer matches a list of choices.
type Match string

// The matches, in the order in which they are tried. An answer that is the text of one choice and
// the code of another matches by text, because real data contain texts.
const (
	ByText   Match = "text"
	ByCode   Match = "code"
	Unlisted Match = "unlisted"
	NoList   Match = "no list" // the choices of the question are unknown or filled in at run time
	NoAnswer Match = "no answer"
)

// Choice finds the choice that an answer denotes: by text, then by code, in each case exactly, then
// ignoring surrounding white space, then ignoring case. ambiguous reports that another choice
// matches in a different way, or that several match in the same way.
func (q *Question) Choice(answer imednet.Value) (choice *Choice, match Match, ambiguous bool) {
	switch {
	case answer.Missing():
		return nil, NoAnswer, false
	case q.Kind() == imednet.FlagVariable:
		return q.checked(answer)
	case len(q.Choices) == 0:
		return nil, NoList, false
	}
	text := answer.Text()
	byText, severalTexts := q.find(text, func(c *Choice) string { return c.Text })
	byCode, severalCodes := q.find(text, func(c *Choice) string { return c.Code })
	switch {
	case byText != nil:
		return byText, ByText, severalTexts || byCode != nil && (severalCodes || byCode != byText)
	case byCode != nil:
		return byCode, ByCode, severalCodes
	}
	return nil, Unlisted, false
}

// denoted finds the choice of an answer that is to be compared by its text. several reports that it could
// be another choice as well; a text that is also another's code is the text.
func (q *Question) denoted(text string) (choice *Choice, several bool) {
	if choice, several = q.find(text, func(c *Choice) string { return c.Text }); choice != nil {
		return choice, several
	}
	return q.find(text, func(c *Choice) string { return c.Code })
}

// checked matches the answer of a checkbox: a flag, or the one choice of its list.
func (q *Question) checked(answer imednet.Value) (*Choice, Match, bool) {
	if saysChecked(answer.Text()) {
		return nil, ByText, false
	}
	if _, understood := answer.YesNo(); understood {
		return nil, ByCode, false
	}
	if c, several := q.find(answer.Text(), func(c *Choice) string { return c.Text }); c != nil {
		return c, ByText, several
	}
	return nil, Unlisted, false
}

// find compares exactly, then without white space around, then in any case.
func (q *Question) find(text string, of func(*Choice) string) (found *Choice, several bool) {
	for _, same := range []func(a, b string) bool{
		func(a, b string) bool { return a == b },
		func(a, b string) bool { return answers.TrimSpace(a) == answers.TrimSpace(b) },
		func(a, b string) bool {
			return answers.Fold(answers.TrimSpace(a)) == answers.Fold(answers.TrimSpace(b))
		},
	} {
		for _, c := range q.Choices {
			if of(c) == "" || !same(text, of(c)) {
				continue
			}
			if found != nil {
				return found, true
			}
			found = c
		}
		if found != nil {
			return found, false
		}
	}
	return nil, false
}

// Texts returns the texts of the choices by position.
func (q *Question) Texts() []string {
	ordered := q.Ordered()
	texts := make([]string, len(ordered))
	for i, c := range ordered {
		texts[i] = c.Text
	}
	return texts
}

// PlainLabel returns the label as displayed: without tags, with entities resolved and white space
// collapsed.
func (q *Question) PlainLabel() string { return plain(q.Label) }

// CodesAmbiguous reports whether the text of a choice is the code of another.
func (q *Question) CodesAmbiguous() bool {
	return slices.ContainsFunc(q.Choices, func(c *Choice) bool {
		return slices.ContainsFunc(q.Choices, func(o *Choice) bool { return o != c && o.Code != "" && o.Code == c.Text })
	})
}
