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
	made    map[string]expression.Value // record, its answers, payload, state, baseline and context, once asked for
	traces  []trace                     // of the rules so far
}

// newScope has room for what the rules of a domain note, so that a record takes few allocations.
func newScope(s *subjectRun, view *recordView, d *domainPlan) *scope {
	return &scope{run: s, view: view, traces: make([]trace, 0, len(d.rules)), noted: make([]input, 0, d.computed)}
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

// forget begins another expression.
func (s *scope) forget() { s.from, s.missed = len(s.noted), false }

// reads are what the expression asked for.
func (s *scope) reads() []input { return s.noted[s.from:len(s.noted):len(s.noted)] }

// lookup gives the value of a name that an expression uses.
func (s *scope) lookup(name string) (expression.Value, error) {
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
		v = s.entries(name, s.payload)
	case "state":
		v = s.entries(name, s.run.state)
	case "baseline":
		v = s.entries(name, s.run.baseline)
	default:
		v = expression.Object(name, s.lookup)
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
func (s *scope) readAnswer(name string, a *recordAnswer) (expression.Value, error) {
	if a.cell == nil {
		a.cell = s.cellOf(s.run.reading(s.view, name, a))
	}
	s.note(input{cell: a.cell})
	return a.expression()
}

// cellOf is a member or an answer of the record as an input of expressions.
func (s *scope) cellOf(of *reading) *cell {
	secret := s.run.plan != nil && s.run.plan.secret.Has(s.view.form, of.variable)
	return &cell{field: of.variable, value: of.raw, trace: &trace{reading: of, phi: secret}}
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
			s.note(input{domain: ADSL, cell: &cell{field: r.spec.name, trace: unset}, running: true})
		}
	}
}

// answers is record.record_data.
func (s *scope) answers() expression.Value {
	index := s.view.answers
	get := func(key string) (expression.Value, bool, error) {
		a := s.view.answer(key)
		if !a.counts {
			s.missed = true
			return expression.Value{}, false, a.err
		}
		s.run.notice(s.view, key, a)
		answer, err := s.readAnswer(key, a)
		return answer, true, err
	}
	return expression.Map("record_data", get, index.Names)
}

// entries is payload, state or baseline.
func (s *scope) entries(name string, m map[string]*stateEntry) expression.Value {
	get := func(key string) (expression.Value, bool, error) {
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
	return expression.Map(name, get, func() []string { return slices.Sorted(maps.Keys(m)) })
}
