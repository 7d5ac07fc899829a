package extraction

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// functionNames are the functions that an expression may call.
var functionNames = []string{"float", "int", "str", "bool", "len", "abs", "min", "max", "round", "date", "study_day", "treatment_emergent"}

const availableFunctions = "float int str bool len abs min max round date study_day treatment_emergent"

// helper is a function of Go that a tree can call. min and max bound its arguments; max < 0 is
// no bound.
type helper struct {
	min, max int
	run      func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error)
}

// helpers builds everything that a tree may name besides its parameters.
func helpers() starlark.StringDict {
	all := map[string]helper{}
	addOperators(all)
	addFunctions(all)
	dict := make(starlark.StringDict, len(all))
	for name, h := range all {
		dict[name] = starlark.NewBuiltin(name, h.call)
	}
	return dict
}

func (h helper) call(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if len(args) < h.min || h.max >= 0 && len(args) > h.max || len(kwargs) > 0 {
		return nil, fmt.Errorf("%s takes %s", strings.TrimPrefix(b.Name(), "%"), h.arity())
	}
	return h.run(thread, args)
}

func (h helper) arity() string {
	switch {
	case h.max < 0:
		return fmt.Sprintf("%d or more arguments", h.min)
	case h.min == h.max:
		return fmt.Sprintf("%d arguments", h.min)
	}
	return fmt.Sprintf("%d to %d arguments", h.min, h.max)
}

func addOperators(all map[string]helper) {
	for op, token := range map[string]syntax.Token{"+": syntax.PLUS, "-": syntax.MINUS, "*": syntax.STAR, "/": syntax.SLASH, "//": syntax.SLASHSLASH, "%": syntax.PERCENT} {
		all["%"+op] = helper{2, 2, func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
			return arithmetic(thread, token, args[0], args[1])
		}}
	}
	for _, op := range []string{"==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"} {
		all["%"+op] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
			holds, err := relation(op, args[0], args[1])
			return starlark.Bool(holds), err
		}}
	}
	for op, token := range map[string]syntax.Token{"-": syntax.MINUS, "+": syntax.PLUS} {
		all["%unary"+op] = helper{1, 1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
			return unary(token, args[0])
		}}
	}
	all["%**"] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return power(args[0], args[1]) }}
	all["%chain"] = helper{3, -1, chain}
	all["%index"] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return index(args[0], args[1]) }}
	all["%slice"] = helper{4, 4, func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return slice(thread, args[0], args[1:])
	}}
	all["%attr"] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return attribute(args[0], string(args[1].(starlark.String)))
	}}
	all["%method"] = helper{2, -1, func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return callMethod(thread, args[0], string(args[1].(starlark.String)), args[2:])
	}}
	all["%dict"] = helper{0, -1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return newDict(args) }}
}

// relation decides one comparison.
func relation(op string, x, y starlark.Value) (bool, error) {
	switch op {
	case "==":
		return equal(x, y, 0)
	case "!=":
		same, err := equal(x, y, 0)
		return !same, err
	case "in":
		return contains(x, y)
	case "not in":
		found, err := contains(x, y)
		return !found, err
	case "is":
		return x == y, nil // None, True and False are one value each; lists are never on the right
	case "is not":
		return x != y, nil
	}
	tokens := map[string]syntax.Token{"<": syntax.LT, "<=": syntax.LE, ">": syntax.GT, ">=": syntax.GE}
	return compare(tokens[op], x, y)
}

// chain is a < b < c: args are a, "<", b, "<", and c as a function that runs only when needed.
func chain(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
	left, right := args[0], args[2]
	for i := 1; ; i += 2 {
		holds, err := relation(string(args[i].(starlark.String)), left, right)
		if err != nil || !holds || i+2 >= len(args) {
			return starlark.Bool(holds), err
		}
		left = right
		if right, err = starlark.Call(thread, args[i+3], nil, nil); err != nil {
			return nil, err
		}
	}
}

// newDict builds a dict; of a repeated key the last one counts, as in Python.
func newDict(pairs starlark.Tuple) (starlark.Value, error) {
	dict := starlark.NewDict(len(pairs) / 2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := dict.SetKey(number(pairs[i]), pairs[i+1]); err != nil {
			return nil, fmt.Errorf("%s cannot be a key", typeOf(pairs[i]))
		}
	}
	return dict, nil
}

func addFunctions(all map[string]helper) {
	one := func(name string, run func(starlark.Value) (starlark.Value, error)) {
		all[name] = helper{1, 1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return run(args[0]) }}
	}
	one("float", toFloat)
	one("int", toInt)
	one("str", func(v starlark.Value) (starlark.Value, error) {
		text, err := pythonText(v)
		return starlark.String(text), err
	})
	one("bool", func(v starlark.Value) (starlark.Value, error) { return v.Truth(), nil })
	one("len", func(v starlark.Value) (starlark.Value, error) {
		n := lengthOf(v)
		if n < 0 {
			return nil, fmt.Errorf("len works for text, lists and maps, not for %s", typeOf(v))
		}
		return starlark.MakeInt(n), nil
	})
	one("abs", absolute)
	one("date", toDate)
	all["round"] = helper{1, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return roundTo(args) }}
	all["min"] = helper{1, -1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return extreme(syntax.LT, args) }}
	all["max"] = helper{1, -1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return extreme(syntax.GT, args) }}
	all["study_day"] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return studyDayOf(args) }}
	all["treatment_emergent"] = helper{2, 4, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return emergentOf(args) }}
}

func absolute(v starlark.Value) (starlark.Value, error) {
	negative, err := compare(syntax.LT, v, starlark.MakeInt(0))
	if err != nil {
		return nil, fmt.Errorf("abs works for numbers, not for %s: write float(…) around text", typeOf(v))
	}
	if negative {
		return unary(syntax.MINUS, v)
	}
	return number(v), nil
}

func roundTo(args starlark.Tuple) (starlark.Value, error) {
	if len(args) == 1 {
		return round(args[0], -1)
	}
	places, err := starlark.AsInt32(number(args[1]))
	if err != nil || places < 0 || places > maxPlaces {
		return nil, fmt.Errorf("round takes 0 to %d decimals", maxPlaces)
	}
	return round(args[0], places)
}

func extreme(op syntax.Token, args starlark.Tuple) (starlark.Value, error) {
	if len(args) == 1 {
		list, ok := args[0].(starlark.Indexable)
		if !ok || isText(args[0]) {
			return nil, errors.New("min and max take several values or one list")
		}
		args = make(starlark.Tuple, list.Len())
		for i := range args {
			args[i] = list.Index(i)
		}
	}
	if len(args) == 0 {
		return nil, errors.New("min and max of nothing")
	}
	best := args[0]
	for _, v := range args[1:] {
		better, err := compare(op, v, best)
		if err != nil {
			return nil, err
		}
		if better {
			best = v
		}
	}
	return best, nil
}

// toDate reads a date; None and blank text are None.
func toDate(v starlark.Value) (starlark.Value, error) {
	switch v := v.(type) {
	case date:
		return v, nil
	case starlark.NoneType:
		return starlark.None, nil
	case starlark.String:
		d, err := ParsePartialDate(string(v))
		if err != nil || d.IsZero() {
			return starlark.None, err
		}
		return date{d}, nil
	}
	return nil, fmt.Errorf("date works for text, not for %s", typeOf(v))
}

// dates reads several dates; what is missing is the zero date.
func dates(args starlark.Tuple) ([]PartialDate, error) {
	var list []PartialDate
	for _, arg := range args {
		v, err := toDate(arg)
		if err != nil {
			return nil, err
		}
		d, _ := v.(date)
		list = append(list, d.PartialDate)
	}
	return list, nil
}

func studyDayOf(args starlark.Tuple) (starlark.Value, error) {
	d, err := dates(args)
	if err != nil {
		return nil, err
	}
	day, ok := StudyDay(d[0], d[1])
	if !ok {
		return starlark.None, nil
	}
	return starlark.MakeInt(day), nil
}

func emergentOf(args starlark.Tuple) (starlark.Value, error) {
	treatment := Treatment{}
	if len(args) == 4 {
		days, err := starlark.AsInt32(number(args[3]))
		if err != nil || days < 0 {
			return nil, errors.New("treatment_emergent takes a number of days after the end")
		}
		treatment.WithinDays = &days
		args = args[:3]
	}
	d, err := dates(args)
	if err != nil {
		return nil, err
	}
	treatment.Start = d[1]
	if len(d) == 3 {
		treatment.End = d[2]
	}
	emergent, answered := TreatmentEmergent(d[0], treatment).Bool()
	if !answered {
		return starlark.None, nil
	}
	return starlark.Bool(emergent), nil
}
