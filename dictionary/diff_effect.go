package dictionary

import (
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// sameWord reports whether two words of the export are one but for their spelling.
func sameWord(a, b string) bool { return answers.SameLetters(a, b) }

// formTypeEffect: the API calls Subject what the export calls Patient.
func formTypeEffect(before, after string) Effect {
	subject := func(word string) bool { return sameWord(word, "patient") || sameWord(word, "subject") }
	if sameWord(before, after) || subject(before) && subject(after) {
		return Cosmetic
	}
	return Breaking
}

// typeEffect of a question's type. Types of one kind hold the same answers, but for line breaks, partial
// dates and fractions.
func typeEffect(before, after *Question) Effect {
	if sameWord(before.Type, after.Type) {
		return Cosmetic
	}
	old, now := before.Kind(), after.Kind()
	if !sameKind(old, now) || old == imednet.OtherVariable {
		return Breaking
	}
	return turned(narrow(before), narrow(after))
}

// narrow reports whether a type takes less than others of its kind.
func narrow(q *Question) bool {
	switch foldHeader(q.Type) {
	case "text", "string", "datetime":
		return true
	}
	return q.Kind() == imednet.WholeVariable
}

// turned is the effect of a limit that is set or taken away.
func turned(was, is bool) Effect {
	switch {
	case is && !was:
		return Tightening
	case was && !is:
		return Extending
	}
	return Cosmetic
}

var requiredRanks = map[string]int{"": 0, "optional": 0, "soft": 1, "confirm": 1, "autoquery": 2, "hard": 3}

func requiredEffect(before, after Required) Effect {
	if before.fold() == after.fold() {
		return Cosmetic
	}
	old, knewOld := requiredRanks[before.fold()]
	now, knewNow := requiredRanks[after.fold()]
	switch {
	case !knewOld || !knewNow, now > old:
		return Tightening
	case now < old:
		return Extending
	}
	return Cosmetic
}

// limits says for the options of a question that are numbers in which way they let more through, and for
// those that are ticked which word forbids something.
var (
	limits = map[string]int{"length": 1, "maximumvalue": 1, "maximumfiles": 1, "minimumvalue": -1}
	bars   = map[string]func(string) bool{
		"wholenumbersonly": saysYes, "specialhidden": saysYes,
		"allowfuturedates": saysNo, "allowpartialdd": saysNo, "allowpartialmmm": saysNo, "allowpartialyyyy": saysNo,
	}
)

func optionEffect(header, before, after string) Effect {
	folded := foldHeader(header)
	if folded == "length" {
		before, after = lengthLimit(before), lengthLimit(after)
	}
	if way, limit := limits[folded]; limit {
		return limitEffect(before, after, way)
	}
	if forbids := bars[folded]; forbids != nil {
		return turned(forbids(before), forbids(after))
	}
	return Cosmetic
}

// lengthLimit is a length, or blank for one of nothing or less, which limits nothing.
func lengthLimit(text string) string {
	if n, ok := imednet.ParseNumber(text); ok && n.Compare(imednet.NewNumber(0)) <= 0 {
		return ""
	}
	return text
}

// limitEffect of a limit that moved; a blank is none. What is no number may be any limit.
func limitEffect(before, after string, way int) Effect {
	before, after = strings.TrimSpace(before), strings.TrimSpace(after)
	if after == "" {
		return turned(before != "", false)
	}
	old, wasNumber := imednet.ParseNumber(before)
	now, isNumber := imednet.ParseNumber(after)
	if !wasNumber || !isNumber {
		return Tightening
	}
	switch now.Compare(old) {
	case 0:
		return Cosmetic
	case way:
		return Extending
	}
	return Tightening
}

// saysYes reads what the export writes for a choice of the form designer that is ticked.
func saysYes(option string) bool { return strings.EqualFold(strings.TrimSpace(option), "yes") }
func saysNo(option string) bool  { return strings.EqualFold(strings.TrimSpace(option), "no") }
