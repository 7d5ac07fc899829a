package expression

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

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
	case "upper", "lower", "casefold", "title", "capitalize":
		if len(args) > 0 {
			return nil, fmt.Errorf("%s takes nothing", name)
		}
		return changeCase(thread, string(s), name)
	case "isspace", "isalpha", "isalnum", "isdigit", "islower", "isupper", "istitle":
		if len(args) > 0 {
			return nil, fmt.Errorf("%s takes nothing", name)
		}
		return starlark.Bool(textTests[name](string(s))), nil
	case "strip", "lstrip", "rstrip":
		return strip(string(s), name, args)
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
	case "split", "rsplit", "splitlines":
		return splitText(thread, s, name, args)
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
	case name == "title" || name == "capitalize":
		s = titled(s, name == "title")
	case isASCII(s) && name == "upper":
		s = strings.ToUpper(s)
	case isASCII(s):
		s = strings.ToLower(s)
	case name == "upper":
		s = cases.Upper(language.Und).String(s)
	case name == "lower":
		s = lowerCase(s)
	default:
		s = strings.Map(foldCherokee, cases.Fold().String(s))
	}
	return starlark.String(s), nil
}

// foldCherokee undoes for one script that package cases folds to lower case what Unicode folds to upper
// case.
func foldCherokee(r rune) rune {
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r)
	}
	return r
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
