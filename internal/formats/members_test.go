package formats

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/extraction"
)

// checkObjects holds one section "Object NAME" for each type against the members that its struct
// tags give it.
func checkObjects(d *document, page string, types ...reflect.Type) {
	for _, t := range types {
		d.compare(d.find(page, "Object "+t.Name()), members(t))
	}
}

// members lists the JSON members of a struct in order, those of embedded structs in their place.
// Members that hold what the type does not know are in no list.
func members(t reflect.Type) []fact {
	var facts []fact
	for i := range t.NumField() {
		field := t.Field(i)
		tag := field.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case !field.IsExported(), tag == "-", strings.Contains(options, "embed"):
			continue
		case field.Anonymous && tag == "":
			facts = append(facts, members(field.Type)...)
			continue
		case name == "":
			name = field.Name
		}
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		facts = append(facts, fact{name, memberType(field.Type, optional)})
	}
	return facts
}

func memberType(t reflect.Type, optional bool) string {
	if t.Kind() != reflect.Pointer {
		if optional {
			return wireType(t) + ", optional"
		}
		return wireType(t)
	}
	if optional {
		return wireType(t.Elem()) + ", optional"
	}
	return wireType(t.Elem()) + " or null"
}

// written are types that write themselves.
var written = map[reflect.Type]string{
	reflect.TypeFor[time.Time]():                 "time",
	reflect.TypeFor[[]byte]():                    "string",
	reflect.TypeFor[jsontext.Value]():            "any",
	reflect.TypeFor[json.RawMessage]():           "any",
	reflect.TypeFor[extraction.CanonicalValue](): "value",
	reflect.TypeFor[extraction.CanonicalRow]():   "Row",

	reflect.TypeFor[extraction.AdverseEvent]():         "Row",
	reflect.TypeFor[extraction.ProtocolDeviation]():    "Row",
	reflect.TypeFor[extraction.DeviceDeficiency]():     "Row",
	reflect.TypeFor[extraction.SubjectLevelAnalysis](): "Row",
	reflect.TypeFor[extraction.AnalysisAdverseEvent](): "Row",
	reflect.TypeFor[extraction.AnalysisLabResult]():    "Row",
}

// wireType words a type as the pages do.
func wireType(t reflect.Type) string {
	if word, ok := written[t]; ok {
		return word
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.Interface:
		return "any"
	case reflect.Pointer:
		return wireType(t.Elem())
	case reflect.Slice:
		return "array of " + wireType(t.Elem())
	case reflect.Map:
		return "object of " + wireType(t.Elem())
	}
	return t.Name()
}
