package extraction

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// problemsOf compares JSON with the type that it is read into, and names every member that the type does not
// have or that is of another kind. A null is left out.
func problemsOf(at jsontext.Pointer, value jsontext.Value, t reflect.Type) []imednet.Problem {
	if value.Kind() == 'n' {
		return nil
	}
	if t.Kind() == reflect.Pointer {
		return problemsOf(at, value, t.Elem())
	}
	var ps []imednet.Problem
	each := func(token string, inner jsontext.Value, t reflect.Type) {
		ps = append(ps, problemsOf(at.AppendToken(token), inner, t)...)
	}
	var err error
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		var members map[string]jsontext.Value
		err = json.Unmarshal(value, &members)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			member, known := memberType(t, name)
			if !known {
				ps = append(ps, imednet.Problem{Path: string(at.AppendToken(name)), Message: "is unknown: the members are " + strings.Join(memberNames(t), ", ")})
				continue
			}
			each(name, members[name], member)
		}
	case reflect.Slice:
		var elements []jsontext.Value
		err = json.Unmarshal(value, &elements)
		for i, inner := range elements {
			each(strconv.Itoa(i), inner, t.Elem())
		}
	default:
		err = json.Unmarshal(value, reflect.New(t).Interface())
	}
	if err != nil {
		return []imednet.Problem{{Path: string(at), Message: "must be " + shapeNames[t.Kind()]}}
	}
	return ps
}

var shapeNames = map[reflect.Kind]string{
	reflect.Struct: "an object", reflect.Map: "an object", reflect.Slice: "a list",
	reflect.String: "text", reflect.Bool: "true or false", reflect.Int: "a whole number",
}

// memberType is the type of a member of an object.
func memberType(t reflect.Type, name string) (member reflect.Type, known bool) {
	if t.Kind() == reflect.Map {
		return t.Elem(), true
	}
	for i, known := range memberNames(t) {
		if known == name {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

// memberNames are the names of a type's members, in the order of its fields.
func memberNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}
