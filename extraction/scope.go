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
}

// lookup gives the value of a name that an expression uses.
func (s *scope) lookup(name string) (starlark.Value, error) {
	switch name {
	case "value":
		return toStarlark(s.value)
	case "record":
		return object{name: "record", attr: s.recordAttribute}, nil
	case "payload":
		return s.entries("payload", s.payload), nil
	case "state":
		return s.entries("state", s.run.state), nil
	case "baseline":
		return s.entries("baseline", s.run.baseline), nil
	case "context":
		return object{name: "context", attr: s.lookup}, nil
	}
	return toStarlark(optText(s.view.record.SubjectKey))
}

func (s *scope) recordAttribute(name string) (starlark.Value, error) {
	if name == "record_data" {
		return s.answers(), nil
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
