package extraction

import (
	"fmt"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/expression"
)

// scope is what an expression sees of one record.
type scope struct {
	run     *subjectRun
	view    *recordView
	value   CanonicalValue
	answer  *recordAnswer               // that the rule reads; nil for other sources
	payload map[string]*stateEntry      // nil until something is left there
	noted   []input                     // what the expressions asked for, one after the other
	from    int                         // where the running one's begin
	missed  bool                        // it also asked for what is not there
	asks    []int                       // places of the answers that the running one asks for by a constant key
	made    map[string]expression.Value // record, its answers, payload, state, baseline and context, once asked for
	traces  []trace                     // of the rules so far
}

// newScope has room for what the rules of a domain note, so that a record takes few allocations. The objects of
// expressions are those of the records before: they look at the record at hand.
func (s *subjectRun) newScope(view *recordView, d *domainPlan) *scope {
	s.scope = scope{run: s, view: view, traces: s.traces.take(len(d.rules)), noted: s.inputs.take(d.computed), asks: d.asks, made: s.scope.made}
	return &s.scope
}

// newTrace is the trace of a rule's value.
func (s *scope) newTrace(r *rule, of *reading) *trace {
	s.traces = append(s.traces, trace{reading: of, rule: r})
	return &s.traces[len(s.traces)-1]
}

// leave puts a value into payload.
func (s *scope) leave(target string, entry *stateEntry) {
	if s.payload == nil {
		s.payload = map[string]*stateEntry{}
	}
	s.payload[target] = entry
}

// forget begins another expression, with the places of the answers that it asks for.
func (s *scope) forget(asks []int) { s.from, s.missed, s.asks = len(s.noted), false, asks }

// reads are what the expression asked for.
func (s *scope) reads() []input { return s.noted[s.from:len(s.noted):len(s.noted)] }

// Name gives the value of a name that an expression uses.
func (s *scope) Name(name string) (expression.Value, error) {
	switch name {
	case "value":
		if s.answer != nil && s.answer.value == s.value {
			return s.answer.expression()
		}
		return toExpression(s.value)
	case "subject_key":
		return s.read(name, optText(s.view.record.SubjectKey))
	}
	return s.object(name), nil
}

// object makes a name's object at most once for a record and domain.
func (s *scope) object(name string) expression.Value {
	if v, ok := s.made[name]; ok {
		return v
	}
	var v expression.Value
	switch name {
	case "record":
		v = expression.Object(name, s.recordAttribute)
	case "record_data":
		v = s.answers()
	case "payload":
		v = s.entries(name, func() map[string]*stateEntry { return s.payload })
	case "state":
		v = s.entries(name, func() map[string]*stateEntry { return s.run.state })
	case "baseline":
		v = s.entries(name, func() map[string]*stateEntry { return s.run.baseline })
	default:
		v = expression.Object(name, s.Name)
	}
	if s.made == nil {
		s.made = map[string]expression.Value{}
	}
	s.made[name] = v
	return v
}

func (s *scope) recordAttribute(name string) (expression.Value, error) {
	if name == "record_data" {
		return s.object(name), nil
	}
	field := wireName(name)
	v, err := s.read(field, recordFields[field](s.view.record))
	if at, ok := s.moment(field); ok {
		v = expression.Day(at)
	}
	return v, err
}

// moment is a time of the record as the Python package shows it: 2024-03-02 10:00:00.
func (s *scope) moment(field string) (exprDate, bool) {
	at := s.view.record.DateCreated
	switch field {
	case "dateModified":
		at = s.view.record.DateModified
	case "dateCreated":
	default:
		return exprDate{}, false
	}
	t, ok := at.Get()
	d, err := imednet.PartialDateOfTime(t)
	return exprDate{date: d, text: t.String()}, ok && err == nil
}

// read hands a member of the record to the expression, and notes that it was asked for.
func (s *scope) read(name string, v CanonicalValue) (expression.Value, error) {
	s.note(input{cell: s.cellOf(&reading{origin: s.view.origin, raw: v, variable: name})})
	return toExpression(v)
}

// readAnswer hands an answer to the expression, and notes that it was asked for.
func (s *scope) readAnswer(a *recordAnswer) (expression.Value, error) {
	if a.cell == nil {
		a.cell = s.cellOf(s.run.reading(s.view, a))
	}
	s.note(input{cell: a.cell})
	return a.expression()
}

// cellOf is a member or an answer of the record as an input of expressions.
func (s *scope) cellOf(of *reading) *cell {
	secret := s.run.plan != nil && s.run.plan.secret.Has(s.view.form, of.variable)
	made := &struct {
		cell  cell
		trace trace
	}{trace: trace{reading: of, phi: secret}}
	made.cell = cell{field: of.variable, value: of.raw, trace: &made.trace}
	return &made.cell
}

// note remembers an input once.
func (s *scope) note(in input) {
	for i := s.from; i < len(s.noted); i++ {
		known := &s.noted[i]
		if known.domain == in.domain && known.cell.field == in.cell.field && known.cell.trace.origin == in.cell.trace.origin && known.cell.trace.rule == in.cell.trace.rule {
			known.running = known.running || in.running
			return
		}
	}
	s.noted = append(s.noted, in)
}

// noteUnset notes a target of ADSL that no record has given yet.
func (s *scope) noteUnset(key string) {
	if s.run.plan == nil {
		return
	}
	for _, r := range s.run.plan.rules {
		if r.domain == ADSL && (r.stateKey == key || r.stateKey == wireName(key)) {
			unset := newTrace("nothing, because no record before it gave a value", nil)
			unset.phi = r.phi
			s.note(input{domain: codeADSL, cell: &cell{field: r.spec.name, trace: unset}, running: true})
		}
	}
}

// answers is record.record_data.
func (s *scope) answers() expression.Value {
	get := func(key string) (expression.Value, bool, error) { return s.give(s.view.answer(key)) }
	return expression.Map("record_data", get, func() []string { return s.view.answers.Names() })
}

// Answer gives the answer to one of the running expression's constant keys.
func (s *scope) Answer(i int) (v expression.Value, found bool, err error) {
	return s.give(s.view.answerAt(s.asks[i]))
}

// give hands an answer to the expression, where the record has one.
func (s *scope) give(a *recordAnswer) (v expression.Value, found bool, err error) {
	if !a.counts {
		s.missed = true
		return expression.Value{}, false, a.err
	}
	s.run.notice(s.view, a)
	v, err = s.readAnswer(a)
	return v, true, err
}

// entries is payload, state or baseline, as they are when they are asked.
func (s *scope) entries(name string, of func() map[string]*stateEntry) expression.Value {
	get := func(key string) (expression.Value, bool, error) {
		m := of()
		entry, found := m[key]
		if !found {
			entry, found = m[wireName(key)]
		}
		if !found {
			s.missed = true
			if name == "state" {
				s.noteUnset(key)
			}
			return expression.Value{}, false, nil
		}
		if entry.failedOn != 0 {
			return expression.Value{}, false, fmt.Errorf("a value of %s could not be derived on record %d", name, entry.failedOn)
		}
		if entry.unsettled {
			return expression.Value{}, false, fmt.Errorf("the records of the subject give different values for %s: %w", key, expression.ErrUnknowable)
		}
		if entry.cell.field != "" {
			s.note(input{domain: entry.domain, cell: &entry.cell, running: name == "state"})
		}
		v, err := toExpression(entry.cell.value)
		return v, true, err
	}
	return expression.Map(name, get, func() []string { return slices.Sorted(maps.Keys(of())) })
}
