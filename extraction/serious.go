package extraction

import (
	"slices"
	"strings"
	"unicode"

	"github.com/imednetgo/imednet"
)

// seriousFields are the flags of seriousness.
var seriousFields = map[Domain]string{AE: "aeSerious", DD: "ddSerious", ADAE: "AESER"}

// isSerious reports whether a rule gives a flag of seriousness.
func (r *rule) isSerious() bool { return seriousFields[r.domain] == r.spec.name }

// checkSerious reports an event of which nobody said whether it is serious, or said so in words that
// are no yes and no no. The row stays, its flag unknown.
func (s *subjectRun) checkSerious(row CanonicalRow) {
	field, ok := seriousFields[row.Domain]
	if !ok || !s.plan.hasField(row.Domain, field) || row.Flag(field) != imednet.Unknown {
		return
	}
	f := Finding{Code: FindingSeriousUnknown, Domain: row.Domain, Field: field, Message: "it is not known whether the event is serious"}
	if c := row.cell(field); c != nil && c.trace.unfounded {
		f.Message = "the rule makes No of an answer that does not say so: the flag is empty; terminologyLookups can say which words mean No"
		f.Values = s.shown(c.trace.rule, c.trace.raw)
	}
	s.find(f, row.Origin)
}

// unfounded reports whether a rule makes "not serious" of an answer that does not say so: by a fallback,
// or by an expression such as "Y" if value == "Yes" else "N", where the answer is "2 - Yes", "Unknown" or
// missing. An expression that reads more than a missing answer may know better; so may one about codes,
// which are numbers other than 1.
func (r *rule) unfounded(answer, result CanonicalValue, t trace) bool {
	flag, _ := result.Flag()
	if !r.isSerious() || flag != imednet.No || !t.fallback && !t.logic {
		return false
	}
	if t.fallback || answer.Missing() {
		return !imednet.IsMissing(r.mapping.SourceVariableName) && len(t.inputs) == 0
	}
	return !saysNo(answer)
}

// saysNo reports whether an answer can be read as no: as a flag, as a code, or in words such as "1 - No"
// and "not serious".
func saysNo(answer CanonicalValue) bool {
	if flag, _ := answer.Flag(); flag != imednet.Unknown {
		return flag == imednet.No
	}
	if n, ok := answer.Number(); ok {
		return !n.Equal(imednet.NewNumber(1))
	}
	words := strings.FieldsFunc(strings.ToLower(answer.String()), func(r rune) bool { return !unicode.IsLetter(r) })
	text := strings.Join(words, " ")
	negative := slices.Contains(words, "no") || slices.Contains(words, "false") || slices.Contains(words, "nonserious") ||
		strings.Contains(text, "not serious") || strings.Contains(text, "non serious")
	return negative && !slices.Contains(words, "yes") && !slices.Contains(words, "true")
}

// leaveUnknown empties a flag of seriousness that a rule set to No without ground, and keeps the answer
// beside it.
func (s *subjectRun) leaveUnknown(r *rule, scope *scope, answer CanonicalValue, t trace, into *candidate) {
	t.unfounded = true
	if t.fallback || answer.Missing() {
		answer = CanonicalValue{}
	}
	s.counts[r.index].Cleared++
	s.remember(r, scope, cell{field: r.spec.name, trace: t})
	into.row.setText(r.spec.name, answer.text, t)
}
