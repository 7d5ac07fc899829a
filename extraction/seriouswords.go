package extraction

import (
	"slices"
	"strings"
	"unicode"

	"github.com/imednetgo/imednet"
)

// wordsOfNo are the words that an answer may have beside its negation. Any other, as in "no information"
// or "no, but in hospital", leaves open what it says.
var wordsOfNo = append(strings.Fields("n serious sae ae adverse event a an the is it was this"), negations...)

var negations = strings.Fields("no not non false nonserious")

// saysNo reports whether an answer can be read as no: as a flag, or in words such as "1 - No" and "not
// serious". Number codes other than 0 say nothing by themselves: 2 is No in one study and Yes in another. Nor does
// a number after words, as in "SAE no. 2", a list, a no in doubt ("No?"), an empty box ("[ ] No"), or a sign that may take it back ("☐ No", "≠ No", "No*").
func saysNo(answer CanonicalValue) bool {
	if flag, _ := answer.Flag(); flag != imednet.Unknown {
		return flag == imednet.No
	}
	text := strings.ToLower(answer.String())
	if answer.kind == KindJSON || strings.ContainsFunc(text[max(0, strings.IndexFunc(text, unicode.IsLetter)):], unicode.IsNumber) {
		return false
	}
	if strings.ContainsFunc(text, isSign) || hasEmptyBox(text) || inDoubt(text) {
		return false
	}
	said := false
	for clause := range strings.FieldsFuncSeq(strings.ReplaceAll(text, " -", ";"), endsClause) {
		no, understood := clauseOfNo(clause, said)
		if !understood {
			return false
		}
		said = said || no
	}
	return said
}

// isSign reports whether a character is a picture, such as an empty box, a sign of negation, or the mark of a note.
func isSign(r rune) bool {
	return unicode.Is(unicode.So, r) || strings.ContainsRune("≠¬~*†‡", r)
}

var emptyBoxes = strings.Fields("[] () {} <> _")

// hasEmptyBox reports whether an answer has a box, or a line, in which nothing was put.
func hasEmptyBox(text string) bool {
	text = strings.Join(strings.Fields(text), "")
	return slices.ContainsFunc(emptyBoxes, func(box string) bool { return strings.Contains(text, box) })
}

const questionMarks = "?？؟⁇⁈⁉"

// inDoubt reports whether the no of an answer stands before a question mark.
func inDoubt(text string) bool {
	at := strings.LastIndexAny(text, questionMarks)
	return at >= 0 && slices.ContainsFunc(wordsOf(text[:at]), func(word string) bool { return slices.Contains(negations, word) })
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}

// wordsOfYes are words of an answer that says yes, unless it says no besides.
var wordsOfYes = strings.Fields("yes y true serious sae")

// saysYes reports whether an answer can be read as yes: as a flag, or in words such as "2 - Yes".
func saysYes(answer CanonicalValue) bool {
	if flag, _ := answer.Flag(); flag != imednet.Unknown {
		return flag == imednet.Yes
	}
	isYes := func(word string) bool { return slices.Contains(wordsOfYes, word) }
	return !saysNo(answer) && slices.ContainsFunc(wordsOf(strings.ToLower(answer.String())), isYes)
}

func endsClause(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsSpace(r) && r != '-'
}

// clauseOfNo reports whether a clause says no, and whether it is understood: not with two negations, with one that
// negates nothing, or with what may take back a no said before.
func clauseOfNo(clause string, said bool) (no, understood bool) {
	words := wordsOf(clause)
	if slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(wordsOfNo, word) }) {
		return false, false
	}
	negated := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !slices.Contains(negations, word) })
	serious := slices.Contains(words, "serious") || slices.Contains(words, "sae")
	switch {
	case len(negated) == 0:
		return false, !said || !serious
	case len(negated) > 1 || (negated[0] == "not" || negated[0] == "non") && !serious:
		return false, false
	}
	return true, true
}
