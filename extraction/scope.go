package extraction

import (
	"fmt"
	"maps"
	"slices"

	"github.com/imednetgo/imednet/internal/expression"
)

// scope is what an expression sees of one record.
type scope struct {
	run     *subjectRun
	view    *recordView
	value   CanonicalValue
	payload map[string]stateEntry
	made    map[string]expression.Value // record, its answers, payload, state, baseline and context, once asked for
}

// lookup gives the value of a name that an expression uses.
func (s *scope) lookup(name string) (expression.Value, error) {
	switch name {
	case "value":
		return toExpression(s.value)
	case "subject_key":
		return toExpression(optText(s.view.record.SubjectKey))
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
	return toExpression(recordFields[wireName(name)](s.view.record))
}

// answers is record.record_data.
func (s *scope) answers() expression.Value {
	a := s.view.answers
	get := func(key string) (expression.Value, bool, error) {
		v, found, err := a.get(key)
		if err != nil || !found {
			return expression.Value{}, false, err
		}
		answer, err := toExpression(valueOf(v))
		return answer, true, err
	}
	return expression.Map("record_data", get, func() []string { return a.order })
}

// entries is payload, state or baseline.
func (s *scope) entries(name string, m map[string]stateEntry) expression.Value {
	get := func(key string) (expression.Value, bool, error) {
		entry, found := m[key]
		if !found {
			entry, found = m[wireName(key)]
		}
		if !found {
			return expression.Value{}, false, nil
		}
		if entry.failedOn != 0 {
			return expression.Value{}, false, fmt.Errorf("a value of %s could not be derived on record %d", name, entry.failedOn)
		}
		v, err := toExpression(entry.value)
		return v, true, err
	}
	return expression.Map(name, get, func() []string { return slices.Sorted(maps.Keys(m)) })
}
