package extraction

import (
	"slices"

	"github.com/imednetgo/imednet"
)

// isGuarded reports whether a No of the rule's flag must be what an answer says: a serious event or a death that is
// not seen does more harm than an empty flag.
func (r *rule) isGuarded() bool { return r.guarded }

// saysNo reports whether an answer denies what the rule's flag is about.
func (r *rule) saysNo(answer CanonicalValue) bool {
	return saysNo(answer) || r.isDeath() && saysNoDeath(answer.String())
}

// saysYes reports whether an answer affirms, or may affirm, what the rule's flag is about.
func (r *rule) saysYes(answer CanonicalValue) bool {
	return saysYes(answer) || r.isDeath() && mayMeanDeath(answer.String())
}

// unfounded reports whether a rule makes "not serious" or "no death" of answers that do not say so: by a fallback, or
// by an expression such as "Y" if value == "Yes" else "N", where the answer is "2 - Yes", "Unknown" or missing.
func (r *rule) unfounded(result CanonicalValue, t *trace) bool {
	if !r.isGuarded() || !t.fallback && !t.logic {
		return false
	}
	flag, _ := result.Flag()
	return (flag == imednet.No || r.saysNo(result)) && !r.denied(t)
}

// denied reports whether what a rule read says no. Without an answer at its source, that must be one of those that
// its expression read, and none of them may say yes: "1 - Yes" to the question of death is not to be lost among the
// noes to others.
func (r *rule) denied(t *trace) bool {
	if answer := t.answer(); !answer.Missing() {
		return r.saysNo(answer)
	}
	read := r.statements(t)
	named := !imednet.IsMissing(r.mapping.SourceVariableName)
	if len(read) == 0 { // only what a record is can say No without an answer, such as its form
		return !named && !t.missed && !t.fallback && len(t.inputs) > 0
	}
	if len(read) == 1 && !named { // what the expression reads alone is the answer, whose terms are those of the flag
		read[0] = r.lookup.meaning(read[0])
	}
	return slices.ContainsFunc(read, r.saysNo) && !slices.ContainsFunc(read, r.saysYes)
}

// whyRefused says of what a rule made a No that is unfounded.
func (r *rule) whyRefused(t *trace) string {
	read := r.statements(t)
	switch {
	case r.mayBeYes(t):
		return "beside an answer that says Yes, or may say so"
	case !t.answer().Missing():
		return "of an answer that does not say so"
	case slices.ContainsFunc(read, func(v CanonicalValue) bool { return !v.Missing() }):
		return "of answers that do not say so"
	case t.fallback:
		return "of its fallback, without an answer that says so"
	case slices.ContainsFunc(t.inputs, func(in input) bool { return r.isForeign(in, t) && !in.cell.value.Missing() }):
		return "of a value of the subject or of another record, which is no answer to this"
	}
	return "without an answer that says so"
}

// mayBeYes reports whether an answer that a rule read affirms, or may affirm, what its flag is about.
func (r *rule) mayBeYes(t *trace) bool {
	return slices.ContainsFunc(append(r.statements(t), t.answer()), r.saysYes)
}

// answer is what the rule's source said, in the terms of the configuration.
func (t *trace) answer() CanonicalValue {
	if t.rule == nil || !t.lookup {
		return t.raw
	}
	return t.rule.lookup.meaning(t.raw)
}

// statements are the answers about an event that an expression read, itself or by way of other rules,
// missing ones included. Members of the record say nothing about it. Values of the subject and of other
// records do not say that an event is not serious: they count as missing, but for a flag of the subject.
func (r *rule) statements(of *trace) []CanonicalValue {
	var list []CanonicalValue
	for _, in := range of.inputs {
		t := in.cell.trace
		switch {
		case r.isForeign(in, of):
			list = append(list, CanonicalValue{})
		case t.logic || t.fallback:
			list = append(append(list, t.answer()), r.statements(t)...)
		case in.domain != 0 || recordFields[in.cell.field] == nil:
			list = append(list, in.cell.value)
		}
	}
	return list
}

// isForeign reports whether what a rule of one record read is a value of the subject or of another record.
func (r *rule) isForeign(in input, of *trace) bool {
	return r.domain != ADSL && (in.domain == codeADSL || in.cell.trace.origin != of.origin)
}

// leaveUnknown empties a flag that a rule set to No without ground, and keeps an answer to seriousness beside it.
func (s *subjectRun) leaveUnknown(r *rule, scope *scope, answer CanonicalValue, t *trace, into *candidate) {
	t.unfounded = true
	if t.fallback || answer.Missing() {
		answer = CanonicalValue{}
	}
	s.counts[r.index].Cleared++
	s.remember(r, scope, cell{field: r.spec.name, trace: t})
	if r.isDeath() { // the finding has the answer: it is of another question, and the empty flag is right for the living
		answer = CanonicalValue{}
	}
	if r.isDeath() && r.domain != ADSL { // a flag of the subject is reported once it stands
		s.findDeathUnknown(r, t, "empty")
	}
	into.row.setText(r.spec.name, answer.text, t)
}

// withoutNo are the records that answered what a guarded flag is about, gave no flag, and do not say no: beside one
// of them the No of another does not stand.
func withoutNo(list []given) []given {
	return slices.DeleteFunc(slices.Clone(list), func(g given) bool {
		t := g.cell.trace
		return !g.cell.value.Missing() || g.cell.text == "" && (t.rule.unanswered(t) || t.rule.denied(t))
	})
}

// unanswered reports whether nothing that a rule read says anything.
func (r *rule) unanswered(t *trace) bool {
	return !slices.ContainsFunc(append(r.statements(t), t.raw), func(v CanonicalValue) bool { return !v.Missing() })
}
