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
	payload map[string]*stateEntry
	reads   []input                     // what the expression asked for
	missed  bool                        // it also asked for what is not there
	made    map[string]expression.Value // record, its answers, payload, state, baseline and context, once asked for
}

// lookup gives the value of a name that an expression uses.
func (s *scope) lookup(name string) (expression.Value, error) {
	switch name {
	case "value":
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

// read hands a member or an answer of the record to the expression, and notes that it was asked for.
func (s *scope) read(name string, v CanonicalValue) (expression.Value, error) {
	return s.noteRead(name, v, CanonicalValue{})
}

func (s *scope) readAnswer(key string, v CanonicalValue) (expression.Value, error) {
	held := s.view.heldBehind(v, func(own *recordView) (CanonicalValue, error) {
		answer, _, err := findAnswer(own.answers, key)
		return valueOf(answer), err
	})
	return s.noteRead(s.run.spelling(s.view, key), v, held)
}

func (s *scope) noteRead(name string, v, held CanonicalValue) (expression.Value, error) {
	secret := s.run.plan != nil && s.run.plan.secret.Has(s.view.form, name)
	s.note(input{cell: cell{field: name, value: v, trace: trace{variable: name, origin: s.view.origin, raw: v, held: held, phi: secret}}})
	return toExpression(v)
}

// note remembers an input once.
func (s *scope) note(in input) {
	for i := range s.reads {
		known := &s.reads[i]
		if known.domain == in.domain && known.cell.field == in.cell.field && known.cell.trace.origin == in.cell.trace.origin && known.cell.trace.rule == in.cell.trace.rule {
			known.running = known.running || in.running
			return
		}
	}
	s.reads = append(s.reads, in)
}

// noteUnset notes a target of ADSL that no record has given yet.
func (s *scope) noteUnset(key string) {
	if s.run.plan == nil {
		return
	}
	for _, r := range s.run.plan.rules {
		if r.domain == ADSL && (r.stateKey == key || r.stateKey == wireName(key)) {
			unset := trace{derived: "nothing, because no record before it gave a value", phi: r.phi}
			s.note(input{domain: ADSL, cell: cell{field: r.spec.name, trace: unset}, running: true})
		}
	}
}

// answers is record.record_data.
func (s *scope) answers() expression.Value {
	index := s.view.answers
	get := func(key string) (expression.Value, bool, error) {
		v, found, err := findAnswer(index, key)
		if err != nil || !found {
			s.missed = true
			return expression.Value{}, false, err
		}
		s.run.checkRepeated(s.view, index, key)
		answer, err := s.readAnswer(key, valueOf(v))
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
			s.note(input{domain: entry.domain, cell: entry.cell, running: name == "state"})
		}
		v, err := toExpression(entry.value)
		return v, true, err
	}
	return expression.Map(name, get, func() []string { return slices.Sorted(maps.Keys(m)) })
}
