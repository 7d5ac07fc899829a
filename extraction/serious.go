package extraction

import (
	"slices"

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
		f.Message = "the rule makes No of an answer that does not say so: the flag is empty; terminologyLookups can say which words and number codes mean No"
		f.Values = s.shown(c.trace.rule, c.trace.raw)
		if c.trace.raw.Missing() { // there are no words to look up
			f.Message, f.Values = "the rule makes No without an answer that says so, or beside one that says Yes: the flag is empty", nil
		}
	}
	s.find(f, row.Origin)
}

// unfounded reports whether a rule makes "not serious" of an answer that does not say so: by a fallback,
// or by an expression such as "Y" if value == "Yes" else "N", where the answer is "2 - Yes", "Unknown" or
// missing. Without an answer at its source, the rule must rest on a no among those that its expression read,
// and none of them may say yes: "1 - Yes" to the question of death is not to be lost among the noes to others.
func (r *rule) unfounded(answer, result CanonicalValue, t trace) bool {
	flag, _ := result.Flag()
	if !r.isSerious() || flag != imednet.No || !t.fallback && !t.logic {
		return false
	}
	if !t.fallback && !answer.Missing() {
		return !saysNo(answer)
	}
	read := statements(t.inputs)
	named := !imednet.IsMissing(r.mapping.SourceVariableName)
	if len(read) == 0 {
		return named || t.missed // without a source either, the configuration itself says No
	}
	if len(read) == 1 && !named { // what the expression reads alone is the answer, whose terms are those of the flag
		read[0] = r.lookup.meaning(read[0])
	}
	return !slices.ContainsFunc(read, saysNo) || slices.ContainsFunc(read, saysYes)
}

// answer is what the rule's source said, in the terms of the configuration.
func (t trace) answer() CanonicalValue {
	if t.rule == nil || !t.lookup {
		return t.raw
	}
	return t.rule.lookup.meaning(t.raw)
}

// statements are the answers about an event that an expression read, itself or by way of other rules,
// missing ones included. Members of the record say nothing about it. Values of the subject do not say
// that an event is not serious: they count as missing.
func statements(inputs []input) []CanonicalValue {
	var list []CanonicalValue
	for _, in := range inputs {
		t := in.cell.trace
		switch {
		case in.domain == ADSL:
			list = append(list, CanonicalValue{})
		case t.logic || t.fallback:
			list = append(append(list, t.answer()), statements(t.inputs)...)
		case in.domain != "" || recordFields[in.cell.field] == nil:
			list = append(list, in.cell.value)
		}
	}
	return list
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
