package extraction

import (
	"errors"

	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/expression"
)

// apply evaluates one rule: source, fallback, lookup, expression, state, baseline.
func (s *subjectRun) apply(r *rule, scope *scope, into *candidate) {
	count := &s.counts[r.index]
	count.Evaluated++
	read, err := s.readSource(r, scope)
	t := scope.newTrace(r, read)
	if err != nil {
		s.fail(r, scope, into, RowFinding{Type: RejectedSource, Field: r.target, Rule: r.index, Message: err.Error()}, t)
		return
	}
	value := read.raw
	if value.Missing() && r.mapping.FallbackValue != nil {
		value, t.fallback = TextValue(*r.mapping.FallbackValue), true
		count.Fallback++
	}
	value = s.lookUp(r, value, scope, t)
	answer := value
	if r.logic != nil {
		scope.value = value
		result, finding := s.compute(r, scope, value, t)
		if finding != nil {
			s.fail(r, scope, into, *finding, t)
			return
		}
		value = result
	}
	if r.unfounded(value, t) {
		s.leaveUnknown(r, scope, answer, t, into)
		return
	}
	if value.Missing() {
		count.Missing++
	}
	if r.inPayload || r.inState || r.mapping.IsBaseline {
		s.remember(r, scope, cell{field: r.spec.name, value: value, trace: t})
	}
	s.assign(r, value, t, into)
}

// readSource reads a rule's source.
func (s *subjectRun) readSource(r *rule, scope *scope) (*reading, error) {
	view := scope.view
	scope.answer = nil
	if r.place >= 0 {
		a := view.answerAt(r.place)
		s.notice(view, a)
		scope.answer = a
		return s.reading(view, a), a.err
	}
	read, err := &reading{origin: view.origin, variable: s.variableOf(r, view)}, error(nil)
	if r.source.coding != nil {
		read.raw, read.coding, err = s.readCoding(r, view)
		return read, err
	}
	read.raw, err = r.source.read(view, func(in *answers.Index, found answers.Found, path []string) { s.checkRepeated(view, in, found, path...) })
	if err == nil {
		read.held = r.held(view, read.raw)
	}
	return read, err
}

// held is what the record holds where the rule reads a translation of it.
func (r *rule) held(view *recordView, read CanonicalValue) CanonicalValue {
	return view.heldBehind(read, func(own *recordView) (CanonicalValue, error) {
		return r.source.read(own, func(*answers.Index, answers.Found, []string) {})
	})
}

// remember leaves a value for later rules: in payload, state and, where it is the first answer of a
// rule with isBaseline, baseline. An unanswered result is no baseline.
func (s *subjectRun) remember(r *rule, scope *scope, c cell) {
	if r.inPayload {
		scope.leave(r.target, &stateEntry{cell: c, domain: r.code})
	}
	switch {
	case !r.inState:
	case r.domain == ADSL:
		s.keepState(r, c, scope.view.origin)
	default:
		s.state[r.stateKey] = &stateEntry{cell: c, domain: r.code}
	}
	if !r.mapping.IsBaseline || c.value.Missing() {
		return
	}
	if _, set := s.baseline[r.stateKey]; !set {
		s.baseline[r.stateKey] = &stateEntry{cell: c, domain: r.code}
	}
}

func (s *subjectRun) fail(r *rule, scope *scope, into *candidate, v RowFinding, t *trace) {
	s.counts[r.index].Failed++
	entry := &stateEntry{failedOn: scope.view.record.RecordID}
	scope.leave(r.target, entry)
	s.state[r.stateKey] = entry
	into.findings = append(into.findings, v)
	into.set(r, CanonicalValue{}, t)
}

// lookUp applies the terminology of the target to text, and to numbers, booleans and lists as their text: a
// JSON 3 means what "3" means.
func (s *subjectRun) lookUp(r *rule, value CanonicalValue, scope *scope, t *trace) CanonicalValue {
	if r.lookup == nil || value.Missing() || value.kind == KindDate {
		return value
	}
	canonical, known := r.lookup.find(value)
	if !known {
		s.counts[r.index].Unmapped++
		s.find(Finding{Code: FindingUnmappedTerm, Domain: r.domain, Field: r.target, Message: "the text is not in the terminology and stays as it is", Values: s.shown(r, value)}, scope.view.origin)
		return value
	}
	if canonical != value.text {
		s.counts[r.index].Looked++
		t.lookup = true
	}
	return TextValue(canonical)
}

// shown are the values of a finding, masked where they identify a person.
func (s *subjectRun) shown(r *rule, values ...CanonicalValue) []CanonicalValue {
	if r != nil && r.phi {
		return []CanonicalValue{TextValue(masked)}
	}
	return values
}

// compute runs a rule's expression. What dates leave open is null with a finding: it neither keeps
// the value before it nor rejects the row.
func (s *subjectRun) compute(r *rule, scope *scope, before CanonicalValue, t *trace) (CanonicalValue, *RowFinding) {
	count := &s.counts[r.index]
	scope.forget(r.asks)
	result, err := s.eval.Run(r.logic, scope)
	t.inputs, t.missed = scope.reads(), scope.missed
	if errors.Is(err, expression.ErrUnknowable) {
		s.notDerived(r, scope, expressionFinding(err, r.target, r.index).Message)
		t.logic = true
		count.Logic++
		return CanonicalValue{}, nil
	}
	if err != nil {
		return CanonicalValue{}, expressionFinding(err, r.target, r.index)
	}
	value, err := fromExpression(result, before)
	if err != nil {
		return CanonicalValue{}, expressionFinding(err, r.target, r.index)
	}
	if value.IsNull() {
		return s.nullResult(r, scope, before, t), nil
	}
	t.logic = true
	count.Logic++
	return value, nil
}

// nullResult is what an expression's None leaves: nothing, unless the configuration says that the
// value before it is kept and that value is one of the field's.
func (s *subjectRun) nullResult(r *rule, scope *scope, before CanonicalValue, t *trace) CanonicalValue {
	count := &s.counts[r.index]
	if s.eval.LeftOpen() {
		s.notDerived(r, scope, "the dates are missing or too partial for an answer")
	}
	if s.plan.settings.NullResult == KeepOnNull && s.keepable(r, before, t) {
		t.kept = !before.IsNull()
		if t.kept {
			count.Kept++
		}
		return before
	}
	if !before.Missing() {
		count.Cleared++
	}
	t.logic = true
	count.Logic++
	return CanonicalValue{}
}

// keepable reports whether a value is one of the field's own kind and terminology.
func (s *subjectRun) keepable(r *rule, v CanonicalValue, t *trace) bool {
	if _, problem := r.coerce(v, t, s.plan.dates); problem != "" || s.eval.LeftOpen() {
		return false
	}
	if r.lookup == nil || v.Missing() {
		return true
	}
	_, known := r.lookup.find(v)
	return known
}

func (s *subjectRun) notDerived(r *rule, scope *scope, why string) {
	s.find(Finding{Code: FindingNotDerived, Domain: r.domain, Field: r.target, Message: why}, scope.view.origin)
}

// coerce is a value as the rule's field holds it; problem says why the field cannot.
func (r *rule) coerce(value CanonicalValue, t *trace, dates dateReader) (typed CanonicalValue, problem string) {
	if r.isGuarded() && r.spec.kind == flagKind && !t.fallback && isLetterOfTruth(value) {
		return CanonicalValue{}, "is a letter that may be a code of something else; terminologyLookups can say that it means Yes or No"
	}
	return r.spec.coerce(value, dates)
}

// assign types a value for its field. What the field's kind cannot hold stays beside it as text, with
// a finding; only a required field rejects the row.
func (s *subjectRun) assign(r *rule, value CanonicalValue, t *trace, into *candidate) {
	typed, problem := r.coerce(value, t, s.plan.dates)
	if problem == "" {
		s.setTyped(r, typed, t, into)
		return
	}
	s.counts[r.index].Untyped++
	if r.spec.required {
		into.findings = append(into.findings, RowFinding{Type: RejectedType, Field: r.target, Rule: r.index, Message: problem})
		into.set(r, value, t)
		return
	}
	f := Finding{Code: FindingNotTyped, Domain: r.domain, Field: r.target, Message: problem + "; the field is empty and its text is kept beside it", Values: s.shown(r, TextValue(value.text))}
	if r.domain == ADLB && r.spec.name == "AVAL" {
		f.Code, f.Message = FindingNotNumeric, "the result "+problem+"; AVAL is empty and its text is kept beside it"
		if v, _ := into.row.Get("AVALC"); v.Missing() {
			into.row.set("AVALC", TextValue(value.text), t)
		}
	}
	s.find(f, t.origin)
	into.row.setText(r.spec.name, value.text, t)
}

func (s *subjectRun) setTyped(r *rule, typed CanonicalValue, t *trace, into *candidate) {
	if r.domain == ADLB && r.spec.name == "AVALC" && typed.IsNull() {
		if _, ok := into.row.Get("AVALC"); ok {
			return // AVAL's own text stands there already
		}
	}
	into.set(r, typed, t)
}
