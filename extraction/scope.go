package extraction

import (
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"
)

// scope is what an expression sees of one record.
type scope struct {
	run     *subjectRun
	view    *recordView
	value   Value
	payload map[string]stateEntry
	made    map[string]starlark.Value // record, its answers, payload, state, baseline and context, once asked for
}

// lookup gives the value of a name that an expression uses.
func (s *scope) lookup(name string) (starlark.Value, error) {
	switch name {
	case "value":
		return toStarlark(s.value)
	case "subject_key":
		return toStarlark(optText(s.view.record.SubjectKey))
	}
	return s.object(name), nil
}

// object makes a name's object at most once for a record and domain.
func (s *scope) object(name string) starlark.Value {
	if v, ok := s.made[name]; ok {
		return v
	}
	var v starlark.Value
	switch name {
	case "record":
		v = object{name: name, attr: s.recordAttribute}
	case "record_data":
		v = s.answers()
	case "payload":
		v = s.entries(name, s.payload)
	case "state":
		v = s.entries(name, s.run.state)
	case "baseline":
		v = s.entries(name, s.run.baseline)
	default:
		v = object{name: name, attr: s.lookup}
	}
	if s.made == nil {
		s.made = map[string]starlark.Value{}
	}
	s.made[name] = v
	return v
}

func (s *scope) recordAttribute(name string) (starlark.Value, error) {
	if name == "record_data" {
		return s.object(name), nil
	}
	return toStarlark(recordFields[wireName(name)](s.view.record))
}

// answers is record.record_data.
func (s *scope) answers() keyed {
	a := s.view.answers
	get := func(key string) (starlark.Value, bool, error) {
		v, found, err := a.get(key)
		if err != nil || !found {
			return nil, false, err
		}
		answer, err := toStarlark(valueOf(v))
		return answer, true, err
	}
	return keyed{name: "record_data", get: get, keys: func() []string { return a.order }}
}

// entries is payload, state or baseline.
func (s *scope) entries(name string, m map[string]stateEntry) keyed {
	get := func(key string) (starlark.Value, bool, error) {
		entry, found := m[key]
		if !found {
			entry, found = m[wireName(key)]
		}
		if !found {
			return nil, false, nil
		}
		if entry.failedOn != 0 {
			return nil, false, fmt.Errorf("a value of %s could not be derived on record %d", name, entry.failedOn)
		}
		v, err := toStarlark(entry.value)
		return v, true, err
	}
	return keyed{name: name, get: get, keys: func() []string { return slices.Sorted(maps.Keys(m)) }}
}
