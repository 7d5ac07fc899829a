package expression

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// callMethod runs x.name(args) with Python's meaning.
func callMethod(thread *starlark.Thread, x starlark.Value, name string, args starlark.Tuple) (starlark.Value, error) {
	switch x := x.(type) {
	case starlark.String:
		return textMethod(thread, x, name, args)
	case keyed:
		return keyedMethod(x, name, args)
	case *dict:
		return dictMethod(x, name, args)
	case date:
		if name == "isoformat" && len(args) == 0 {
			return starlark.String(strings.Replace(x.String(), " ", "T", 1)), nil
		}
	case *starlark.List, starlark.Tuple:
		if name == "count" || name == "index" {
			return listMethod(x.(starlark.Indexable), name, args)
		}
	case starlark.NoneType:
		return nil, fmt.Errorf("a missing value (None) has no method %s: test for None first", name)
	}
	return nil, fmt.Errorf("%s has no method %s", typeOf(x), name)
}

func listMethod(list starlark.Indexable, name string, args starlark.Tuple) (starlark.Value, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("%s takes one argument", name)
	}
	count := 0
	for i := range list.Len() {
		same, err := equal(list.Index(i), args[0], 0)
		if err != nil {
			return nil, err
		}
		if same && name == "index" {
			return starlark.MakeInt(i), nil
		}
		if same {
			count++
		}
	}
	if name == "index" {
		return nil, errors.New("the element is not in the list")
	}
	return starlark.MakeInt(count), nil
}

func nativeMethod(thread *starlark.Thread, x starlark.HasAttrs, name string, args starlark.Tuple) (starlark.Value, error) {
	method, err := x.Attr(name)
	if err != nil || method == nil {
		return nil, fmt.Errorf("%s has no method %s", typeOf(x), name)
	}
	return starlark.Call(thread, method, args, nil)
}

func textMethod(thread *starlark.Thread, s starlark.String, name string, args starlark.Tuple) (starlark.Value, error) {
	switch name {
	case "find", "rfind", "index", "rindex":
		return findText(string(s), name, args)
	case "get", "keys", "values", "items", "isoformat":
		return nil, fmt.Errorf("text has no method %s", name)
	case "upper", "lower", "casefold":
		return changeCase(thread, string(s), name)
	case "zfill":
		return zeroFill(thread, string(s), args)
	case "replace":
		if err := growByReplace(thread, string(s), args); err != nil {
			return nil, err
		}
	case "join":
		if err := growByJoin(thread, string(s), args); err != nil {
			return nil, err
		}
	case "startswith", "endswith", "count":
		if len(args) != 1 {
			return nil, fmt.Errorf("%s takes one argument here: cut the text with [from:to] first", name)
		}
	case "split", "rsplit", "splitlines", "partition", "rpartition":
		parts := 3
		if strings.HasSuffix(name, "split") || name == "splitlines" {
			parts = len(s) + 1
		}
		if err := grow(thread, len(s)+parts*elementBytes); err != nil {
			return nil, err
		}
	default:
		if err := grow(thread, len(s)); err != nil {
			return nil, err
		}
	}
	return nativeMethod(thread, s, name, args)
}

// changeCase follows Unicode's full case mapping, as Python does: "ß" becomes "SS".
func changeCase(thread *starlark.Thread, s, name string) (starlark.Value, error) {
	if err := grow(thread, 3*len(s)); err != nil {
		return nil, err
	}
	switch {
	case isASCII(s) && name == "upper":
		return starlark.String(strings.ToUpper(s)), nil
	case isASCII(s):
		return starlark.String(strings.ToLower(s)), nil
	case name == "upper":
		return starlark.String(cases.Upper(language.Und).String(s)), nil
	case name == "lower":
		return starlark.String(cases.Lower(language.Und).String(s)), nil
	}
	return starlark.String(cases.Fold().String(s)), nil
}

// findText counts positions in characters.
func findText(s, name string, args starlark.Tuple) (starlark.Value, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("%s takes one argument here: cut the text with [from:to] first", name)
	}
	part, ok := args[0].(starlark.String)
	if !ok {
		return nil, fmt.Errorf("%s looks for text, not for %s", name, typeOf(args[0]))
	}
	find := strings.Index
	if strings.HasPrefix(name, "r") {
		find = strings.LastIndex
	}
	at := find(s, string(part))
	if at < 0 && strings.HasSuffix(name, "index") {
		return nil, errors.New("the text is not in the other")
	}
	if at < 0 {
		return starlark.MakeInt(-1), nil
	}
	return starlark.MakeInt(characters(s[:at])), nil
}

func zeroFill(thread *starlark.Thread, s string, args starlark.Tuple) (starlark.Value, error) {
	if len(args) != 1 {
		return nil, errors.New("zfill takes a width")
	}
	width, err := starlark.AsInt32(number(args[0]))
	if err != nil {
		return nil, errors.New("zfill takes a width")
	}
	if err := grow(thread, width); err != nil && width > 0 {
		return nil, err
	}
	missing := max(0, width-characters(s))
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	return starlark.String(sign + strings.Repeat("0", missing) + s), nil
}

func growByReplace(thread *starlark.Thread, s string, args starlark.Tuple) error {
	if len(args) < 2 {
		return errors.New("replace takes the old and the new text")
	}
	from, okFrom := args[0].(starlark.String)
	to, okTo := args[1].(starlark.String)
	if !okFrom || !okTo {
		return errors.New("replace takes the old and the new text")
	}
	return grow(thread, len(s)+strings.Count(s, string(from))*len(to))
}

func growByJoin(thread *starlark.Thread, separator string, args starlark.Tuple) error {
	if len(args) != 1 {
		return errors.New("join takes one list of texts")
	}
	list, ok := args[0].(starlark.Indexable)
	if !ok {
		return errors.New("join takes one list of texts")
	}
	return grow(thread, sizeOf(args[0])+list.Len()*len(separator))
}
