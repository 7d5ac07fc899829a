package expression

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"
)

// opaque is what the objects of an expression have in common: no attributes but through helpers,
// no hash, nothing to freeze.
type opaque struct{}

func (opaque) Freeze()               {}
func (opaque) Truth() starlark.Bool  { return true }
func (opaque) Hash() (uint32, error) { return 0, errors.New("this cannot be a key") }

// keyed is a read-only map of an expression: the record's answers, payload, state, baseline.
type keyed struct {
	opaque
	name string
	get  func(key string) (v Value, found bool, err error)
	keys func() []string
}

// Map returns a read-only map with the methods of a dict. get finds a key's value, and keys lists them in
// order.
func Map(name string, get func(key string) (v Value, found bool, err error), keys func() []string) Value {
	return Value{keyed{name: name, get: get, keys: keys}}
}

func (k keyed) String() string       { return k.name }
func (k keyed) Type() string         { return k.name }
func (k keyed) Truth() starlark.Bool { return len(k.keys()) > 0 }
func (k keyed) size() int            { return len(k.keys()) }

// Get makes x[key] and key in x work.
func (k keyed) Get(key starlark.Value) (starlark.Value, bool, error) {
	s, ok := key.(starlark.String)
	if !ok {
		_, _, err := hashKey(key)
		return nil, false, err
	}
	v, found, err := k.get(string(s))
	return v.starlark(), found, err
}

// asDict is a map with all its keys; ok is false for what is no map.
func asDict(x starlark.Value) (d *dict, ok bool, err error) {
	k, isKeyed := x.(keyed)
	if !isKeyed {
		d, ok = x.(*dict)
		return d, ok, nil
	}
	names := k.keys()
	d = newDict(len(names))
	for _, name := range names {
		v, found, err := k.get(name)
		if err != nil {
			return nil, false, err
		}
		if !found {
			continue
		}
		if err := d.set(starlark.String(name), v.starlark()); err != nil {
			return nil, false, err
		}
	}
	return d, true, nil
}

func keyedMethod(k keyed, name string, args starlark.Tuple) (starlark.Value, error) {
	if name == "get" {
		return getMethod(k, args)
	}
	if len(args) != 0 || name != "keys" && name != "values" && name != "items" {
		return nil, fmt.Errorf("%s has no method %s", k.name, name)
	}
	var list []starlark.Value
	for _, key := range k.keys() {
		value, _, err := k.get(key)
		v := value.starlark()
		switch {
		case err != nil:
			return nil, err
		case name == "keys":
			v = starlark.String(key)
		case name == "items":
			v = starlark.Tuple{starlark.String(key), v}
		}
		list = append(list, v)
	}
	return starlark.NewList(list), nil
}

// object is something that has attributes: record and context.
type object struct {
	opaque
	name string
	attr func(name string) (Value, error)
}

// Object returns something that has attributes, which attr gives.
func Object(name string, attr func(name string) (Value, error)) Value {
	return Value{object{name: name, attr: attr}}
}

func (o object) String() string { return o.name }
func (o object) Type() string   { return o.name }

// attribute is x.name.
func attribute(x starlark.Value, name string) (starlark.Value, error) {
	switch x := x.(type) {
	case object:
		v, err := x.attr(name)
		return v.starlark(), err
	case date:
		return dateAttribute(x, name)
	case starlark.Int:
		if name == "days" {
			return x, nil // a difference of dates already is a number of days
		}
	case starlark.NoneType:
		return nil, fmt.Errorf("a missing value (None) has no %s: test for None first", name)
	}
	return nil, fmt.Errorf("%s has no %s", typeOf(x), name)
}
