package extraction

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.starlark.net/starlark"

	"github.com/imednetgo/imednet"
)

// opaque is what the objects of an expression have in common: no attributes but through helpers,
// no hash, nothing to freeze.
type opaque struct{}

func (opaque) Freeze()               {}
func (opaque) Truth() starlark.Bool  { return true }
func (opaque) Hash() (uint32, error) { return 0, errors.New("this cannot be a key") }

// date is a full or partial date in an expression.
type date struct{ PartialDate }

func (d date) String() string        { return d.text }
func (date) Type() string            { return "date" }
func (date) Freeze()                 {}
func (date) Truth() starlark.Bool    { return true }
func (d date) Hash() (uint32, error) { return starlark.String(d.text).Hash() }

// dateAttributes are what a date can be asked for. days is for (a - b).days, as Python has it.
var dateAttributes = []string{"year", "month", "day", "precision", "complete", "days"}

func dateAttribute(d date, name string) (starlark.Value, error) {
	first := d.first()
	known := map[string]Precision{"year": YearOnly, "month": YearMonth, "day": FullDate}[name]
	switch {
	case known > d.precision:
		return starlark.None, nil
	case name == "year":
		return starlark.MakeInt(first.Year), nil
	case name == "month":
		return starlark.MakeInt(int(first.Month)), nil
	case name == "day":
		return starlark.MakeInt(first.Day), nil
	case name == "precision":
		return starlark.String(d.precision.String()), nil
	case name == "complete":
		return starlark.Bool(d.Complete()), nil
	}
	return nil, fmt.Errorf("a date has no %s", name)
}

// keyed is a read-only map of an expression: the record's answers, payload, state, baseline.
type keyed struct {
	opaque
	name string
	get  func(key string) (v starlark.Value, found bool, err error)
	keys func() []string
}

func (k keyed) String() string       { return k.name }
func (k keyed) Type() string         { return k.name }
func (k keyed) Truth() starlark.Bool { return len(k.keys()) > 0 }
func (k keyed) size() int            { return len(k.keys()) }

// Get makes x[key] and key in x work.
func (k keyed) Get(key starlark.Value) (starlark.Value, bool, error) {
	s, ok := key.(starlark.String)
	if !ok {
		return nil, false, nil
	}
	return k.get(string(s))
}

func keyedMethod(k keyed, name string, args starlark.Tuple) (starlark.Value, error) {
	if name == "get" {
		if len(args) != 1 && len(args) != 2 {
			return nil, errors.New("get takes a key and what to return when it is missing")
		}
		v, found, err := k.Get(args[0])
		switch {
		case err != nil || found:
			return v, err
		case len(args) == 2:
			return args[1], nil
		}
		return starlark.None, nil
	}
	if len(args) != 0 || name != "keys" && name != "values" && name != "items" {
		return nil, fmt.Errorf("%s has no method %s", k.name, name)
	}
	var list []starlark.Value
	for _, key := range k.keys() {
		v, _, err := k.get(key)
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
	attr func(name string) (starlark.Value, error)
}

func (o object) String() string { return o.name }
func (o object) Type() string   { return o.name }

// attribute is x.name.
func attribute(x starlark.Value, name string) (starlark.Value, error) {
	switch x := x.(type) {
	case object:
		return x.attr(name)
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

// toStarlark hands a value to an expression.
func toStarlark(v Value) (starlark.Value, error) {
	switch v.kind {
	case KindText:
		return starlark.String(v.text), nil
	case KindBool:
		return starlark.Bool(v.text == "true"), nil
	case KindDate:
		d, err := ParsePartialDate(v.text)
		return date{d}, err
	case KindNumber:
		return numberToStarlark(v.text)
	case KindJSON:
		return jsonToStarlark(jsontext.Value(v.text))
	}
	return starlark.None, nil
}

func numberToStarlark(text string) (starlark.Value, error) {
	if strings.Trim(text, "-0123456789") == "" {
		if i, ok := new(big.Int).SetString(text, 10); ok && len(text) <= maxDigits {
			return starlark.MakeBigInt(i), nil
		}
	}
	n, ok := ParseNumber(text)
	f := n.Float64()
	if !ok || math.IsInf(f, 0) {
		return nil, errors.New("the number is out of range")
	}
	return starlark.Float(f), nil
}

// jsonToStarlark turns an array or object into lists and dicts, as Python's json does.
func jsonToStarlark(raw jsontext.Value) (starlark.Value, error) {
	switch raw.Kind() {
	case '[':
		var items []jsontext.Value
		if err := json.Unmarshal(raw, &items, lenientJSON); err != nil {
			return nil, errUnreadable
		}
		list := make([]starlark.Value, len(items))
		for i, item := range items {
			v, err := jsonToStarlark(item)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return starlark.NewList(list), nil
	case '{':
		data, err := imednet.NewRecordData(raw)
		if err != nil {
			return nil, errUnreadable
		}
		dict := starlark.NewDict(0)
		for name, item := range data.All() {
			v, err := jsonToStarlark(item.Raw())
			if err != nil {
				return nil, err
			}
			if err := dict.SetKey(starlark.String(name), v); err != nil {
				return nil, err
			}
		}
		return dict, nil
	}
	return toStarlark(valueOf(imednet.NewValue(raw)))
}

var (
	lenientJSON   = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	errUnreadable = errors.New("the JSON of the answer cannot be read")
)

// fromStarlark takes over what an expression returned. A number that is still the one that went
// in keeps its own digits.
func fromStarlark(x starlark.Value, before Value) (Value, error) {
	switch x := x.(type) {
	case starlark.NoneType:
		return Value{}, nil
	case starlark.String:
		return TextValue(string(x)), nil
	case starlark.Bool:
		return FlagValue(TriOf(bool(x))), nil
	case date:
		return DateValue(x.PartialDate), nil
	case starlark.Int, starlark.Float:
		if f, ok := x.(starlark.Float); ok && (math.IsNaN(float64(f)) || math.IsInf(float64(f), 0)) {
			return Value{}, errors.New("the result is no finite number")
		}
		if same, err := toStarlark(before); before.kind == KindNumber && err == nil && same == x {
			return before, nil
		}
		text, err := pythonText(x)
		return Value{KindNumber, text}, err
	}
	return Value{}, fmt.Errorf("the result is %s: a rule gives text, a number, a boolean, a date or None", typeOf(x))
}
