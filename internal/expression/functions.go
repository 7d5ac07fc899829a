package expression

import (
	"errors"
	"fmt"
	"math"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// functionNames are the functions that an expression may call.
var functionNames = []string{"float", "int", "str", "bool", "len", "abs", "min", "max", "round", "date", "study_day", "treatment_emergent"}

const availableFunctions = "float int str bool len abs min max round date study_day treatment_emergent"

func addFunctions(all map[string]helper, host Host) {
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
	one("date", host.toDate)
	all["round"] = helper{1, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return roundTo(args) }}
	all["min"] = helper{1, -1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return extreme(syntax.LT, args) }}
	all["max"] = helper{1, -1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return extreme(syntax.GT, args) }}
	all["study_day"] = helper{2, 2, func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return host.studyDayOf(thread, args)
	}}
	all["treatment_emergent"] = helper{2, 4, func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return host.emergentOf(thread, args)
	}}
}

func absolute(v starlark.Value) (starlark.Value, error) {
	negative, err := compare(syntax.LT, v, starlark.MakeInt(0))
	if err != nil {
		return nil, fmt.Errorf("abs works for numbers, not for %s: write float(…) around text", typeOf(v))
	}
	if f, ok := v.(starlark.Float); ok {
		return starlark.Float(math.Abs(float64(f))), nil
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
