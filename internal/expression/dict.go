package expression

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"
)

// dict is a dict with Python's keys (see hashKey), in the order in which they were first given. It
// does not change once it is made.
type dict struct {
	opaque
	keys   []starlark.Value
	values []starlark.Value
	at     map[string]int
}

func newDict(n int) *dict { return &dict{at: make(map[string]int, n)} }

// set adds a pair; of a repeated key the last value counts, with the first spelling of the key.
func (d *dict) set(key, value starlark.Value) error {
	text, same, err := hashKey(key)
	if err != nil {
		return err
	}
	if i, again := d.at[text]; again && same {
		d.values[i] = value
		return nil
	}
	if same {
		d.at[text] = len(d.keys)
	}
	d.keys, d.values = append(d.keys, key), append(d.values, value)
	return nil
}

func (d *dict) String() string       { return "dict" }
func (d *dict) Type() string         { return "dict" }
func (d *dict) Truth() starlark.Bool { return len(d.keys) > 0 }

// Get makes d[key] and key in d work.
func (d *dict) Get(key starlark.Value) (starlark.Value, bool, error) {
	text, same, err := hashKey(key)
	if err != nil {
		return nil, false, err
	}
	i, found := d.at[text]
	if !found || !same {
		return nil, false, nil
	}
	return d.values[i], true, nil
}

// dictOf is {key: value, …}, given as one tuple of both in turn.
func dictOf(pairs starlark.Tuple) (starlark.Value, error) {
	d := newDict(len(pairs) / 2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := d.set(pairs[i], pairs[i+1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// getMethod is the method get of whatever has keys.
func getMethod(m starlark.Mapping, args starlark.Tuple) (starlark.Value, error) {
	if len(args) != 1 && len(args) != 2 {
		return nil, errors.New("get takes a key and what to return when it is missing")
	}
	v, found, err := m.Get(args[0])
	switch {
	case err != nil || found:
		return v, err
	case len(args) == 2:
		return args[1], nil
	}
	return starlark.None, nil
}

func dictMethod(d *dict, name string, args starlark.Tuple) (starlark.Value, error) {
	if name == "get" {
		return getMethod(d, args)
	}
	if len(args) != 0 || name != "keys" && name != "values" && name != "items" {
		return nil, fmt.Errorf("a dict has no method %s", name)
	}
	list := make([]starlark.Value, len(d.keys))
	for i, key := range d.keys {
		switch name {
		case "keys":
			list[i] = key
		case "values":
			list[i] = d.values[i]
		default:
			list[i] = starlark.Tuple{key, d.values[i]}
		}
	}
	return starlark.NewList(list), nil
}

// equalDicts is Python's == of dicts: the same keys with equal values, in any order.
func equalDicts(x, y *dict, depth int) (bool, error) {
	if len(x.keys) != len(y.keys) {
		return false, nil
	}
	for i, key := range x.keys {
		other, found, err := y.Get(key)
		if err != nil || !found {
			return false, err
		}
		if same, err := equal(x.values[i], other, depth+1); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// set is {a, b}, which may stand after in only. Its elements are keys.
type set struct {
	opaque
	at map[string]bool
}

func (set) String() string { return "set" }
func (set) Type() string   { return "set" }

func setOf(items starlark.Tuple) (starlark.Value, error) {
	s := set{at: make(map[string]bool, len(items))}
	for _, item := range items {
		key, same, err := hashKey(item)
		if err != nil {
			return nil, err
		}
		if same {
			s.at[key] = true
		}
	}
	return s, nil
}

func (s set) has(v starlark.Value) (bool, error) {
	key, same, err := hashKey(v)
	return same && s.at[key], err
}
