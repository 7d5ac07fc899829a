package expression

import (
	"errors"
	"strings"

	"go.starlark.net/starlark"
)

// splitText is x.splitlines(), x.split() and x.rsplit(). With a separator Starlark means what Python
// means.
func splitText(thread *starlark.Thread, s starlark.String, name string, args starlark.Tuple) (starlark.Value, error) {
	if err := grow(thread, len(s)+(len(s)+1)*elementBytes); err != nil {
		return nil, err
	}
	switch {
	case name == "splitlines":
		return splitLines(string(s), args)
	case len(args) == 0 || len(args) <= 2 && args[0] == starlark.None:
		return splitAtSpace(string(s), name, args)
	}
	return nativeMethod(thread, s, name, args)
}

func splitAtSpace(s, name string, args starlark.Tuple) (starlark.Value, error) {
	most := -1
	if len(args) == 2 {
		n, err := starlark.AsInt32(number(args[1]))
		if err != nil {
			return nil, errors.New("the number of cuts is a whole number")
		}
		most = n
	}
	return splitSpace(s, most, name == "rsplit"), nil
}

// splitLines is x.splitlines(): every line end of Python's, with them where keep is given and true.
func splitLines(s string, args starlark.Tuple) (starlark.Value, error) {
	if len(args) > 1 {
		return nil, errors.New("splitlines takes whether to keep the line ends, or nothing")
	}
	keep := len(args) == 1 && bool(args[0].Truth())
	var lines []starlark.Value
	for s != "" {
		at := strings.IndexAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		if at < 0 {
			return starlark.NewList(append(lines, starlark.String(s))), nil
		}
		next := at + lineEnd(s[at:])
		line := s[:at]
		if keep {
			line = s[:next]
		}
		lines, s = append(lines, starlark.String(line)), s[next:]
	}
	return starlark.NewList(lines), nil
}

// lineEnd is how long the line end at the beginning of a text is.
func lineEnd(s string) int {
	if strings.HasPrefix(s, "\r\n") {
		return 2
	}
	for _, r := range s {
		return len(string(r))
	}
	return 0
}

// splitSpace is x.split(None, most) and, from the right, x.rsplit(None, most). most below 0 is no limit.
func splitSpace(s string, most int, right bool) starlark.Value {
	fields := strings.FieldsFunc(s, isSpace)
	if most < 0 || len(fields) <= most {
		return texts(fields)
	}
	if right {
		rest := strings.TrimRightFunc(s, isSpace)
		for i := len(fields) - 1; i >= len(fields)-most; i-- {
			rest = strings.TrimRightFunc(strings.TrimSuffix(rest, fields[i]), isSpace)
		}
		return texts(append([]string{rest}, fields[len(fields)-most:]...))
	}
	rest := strings.TrimLeftFunc(s, isSpace)
	for _, field := range fields[:most] {
		rest = strings.TrimLeftFunc(strings.TrimPrefix(rest, field), isSpace)
	}
	return texts(append(fields[:most:most], rest))
}

func texts(list []string) starlark.Value {
	values := make([]starlark.Value, len(list))
	for i, s := range list {
		values[i] = starlark.String(s)
	}
	return starlark.NewList(values)
}
