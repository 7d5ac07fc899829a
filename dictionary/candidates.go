package dictionary

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
)

// suggestions are what a rule, and those that hide and disable its questions, suggest as answers.
type suggestions struct {
	constants []string // with which they compare
	matching  []string // texts that just match their patterns, and that just do not
}

func suggestionsOf(conditions []*Element) suggestions {
	return patternTexts{}.suggestionsOf(conditions)
}

// patternTexts are the texts for the patterns that were met: other builds of a rule have most of them in common.
type patternTexts map[string][]string

func (p patternTexts) suggestionsOf(conditions []*Element) suggestions {
	var all suggestions
	for _, c := range conditions {
		c.All(func(x, parent *Element) {
			text := x.Trimmed()
			switch {
			case x.Name != "value" || text == "":
			case parent != nil && parent.Name == "like":
				all.matching = append(all.matching, p.of(text)...)
			default:
				all.constants = appendNew(all.constants, text)
			}
		})
	}
	return all
}

func (p patternTexts) of(pattern string) []string {
	texts, met := p[pattern]
	if !met {
		texts = textsFor(pattern)
		p[pattern] = texts
	}
	return texts
}

func (s suggestions) with(more suggestions) suggestions {
	return suggestions{slices.Concat(s.constants, more.constants), slices.Concat(s.matching, more.matching)}
}

// candidates are JSON values for a question: what its type and the rules suggest, blank last.
func (c *Checker) candidates(q *Question, from suggestions) []string {
	if c.unused[q] {
		return []string{"null"}
	}
	switch q.Kind() {
	case imednet.FlagVariable:
		return []string{"true", "false", "null"}
	case imednet.ChoiceVariable:
		var all []string
		for _, choice := range q.Ordered() {
			all = appendText(all, choice.Text)
		}
		return append(all, "null")
	case imednet.NumberVariable, imednet.WholeVariable:
		return append(q.numbersAround(from), "null")
	case imednet.DateVariable:
		return append(c.datesAround(q, from), "null")
	case imednet.TimeVariable:
		return append(timesAround(from.constants), "null")
	}
	return append(q.textsAround(from), "null")
}

func appendText(all []string, text string) []string {
	raw, err := json.Marshal(text)
	if err != nil || slices.Contains(all, string(raw)) {
		return all
	}
	return append(all, string(raw))
}

// textsAround are the texts that rules suggest and others, as far as the question has room for them.
func (q *Question) textsAround(from suggestions) []string {
	texts := slices.Clone(from.matching)
	for _, text := range from.constants {
		texts = append(append(texts, text, text+"x", otherCase(text)), typos(text)...)
	}
	var all []string
	for _, text := range append(texts, "text", "t") {
		if q.hasRoomFor(text) && !strings.ContainsFunc(text, unicode.IsControl) {
			all = appendText(all, text)
		}
	}
	return all
}

// hasRoomFor reports whether an answer is not longer than the question's length, if that is limited.
func (q *Question) hasRoomFor(text string) bool {
	most, limited := q.length()
	return !limited || len([]rune(text)) <= most
}

// otherCase is a text in small letters, or in capitals if it has no others.
func otherCase(text string) string {
	if small := strings.ToLower(text); small != text {
		return small
	}
	return strings.ToUpper(text)
}
