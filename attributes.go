package imednet

import (
	"maps"
	"reflect"
	"strings"
)

// attributes lists the scalar members of each resource's rows: "the attributes must match the
// response attributes" (API contract, section 7.1).
var attributes = map[Resource]map[string]int{
	Studies:         scalarFields(reflect.TypeFor[Study]()),
	Sites:           scalarFields(reflect.TypeFor[Site]()),
	Forms:           scalarFields(reflect.TypeFor[Form]()),
	Intervals:       scalarFields(reflect.TypeFor[Interval]()),
	Variables:       scalarFields(reflect.TypeFor[Variable]()),
	Subjects:        scalarFields(reflect.TypeFor[Subject]()),
	Visits:          scalarFields(reflect.TypeFor[Visit]()),
	Records:         scalarFields(reflect.TypeFor[Record]()),
	RecordRevisions: scalarFields(reflect.TypeFor[RecordRevision]()),
	Queries:         scalarFields(reflect.TypeFor[Query]()),
	Codings:         scalarFields(reflect.TypeFor[Coding]()),
	Users:           scalarFields(reflect.TypeFor[User]()),
}

// scalarFields returns the wire names of a model's own scalar fields and their indexes.
func scalarFields(model reflect.Type) map[string]int {
	fields := memberFields(model)
	maps.DeleteFunc(fields, func(_ string, i int) bool {
		t := model.Field(i).Type
		return t.Kind() == reflect.Slice || t == reflect.TypeFor[RecordData]()
	})
	return fields
}

// memberFields returns the wire names of a model's own fields and their indexes.
func memberFields(model reflect.Type) map[string]int { return shapeOf(model).index }

// modelShape is what is known of the fields of a struct.
type modelShape struct {
	names  []string       // wire names by field; "" for a field that is no member
	quoted []string       // the same as JSON texts
	index  map[string]int // fields by wire name
	states []int          // fields that have a presence
}

func shapeOf(model reflect.Type) *modelShape {
	s := &modelShape{names: make([]string, model.NumField()), quoted: make([]string, model.NumField()), index: map[string]int{}}
	for i := range model.NumField() {
		field := model.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if s.names[i] = name; name != "" {
			s.quoted[i], s.index[name] = `"`+name+`"`, i
		}
		if field.IsExported() && reflect.PointerTo(field.Type).Implements(reflect.TypeFor[present]()) {
			s.states = append(s.states, i)
		}
	}
	return s
}

// present is a field that knows how its member appeared.
type present interface{ Presence() Presence }

// field finds the field of a member by its name as it stands in the JSON. Members mostly come in the
// documented order, so the field behind the last one is tried first.
func (s *modelShape) field(quoted []byte, next int) (i int, known bool) {
	if next < len(s.quoted) && string(quoted) == s.quoted[next] {
		return next, true
	}
	i, known = s.index[string(unquoted(quoted))]
	return i, known
}

// modelShapes are the shapes of every model.
var modelShapes = func() map[reflect.Type]*modelShape {
	all := map[reflect.Type]*modelShape{}
	for _, model := range []any{Study{}, Site{}, Form{}, Interval{}, Variable{}, Subject{}, Visit{},
		Record{}, RecordRevision{}, Query{}, Coding{}, User{}, Job{}} {
		all[reflect.TypeOf(model)] = shapeOf(reflect.TypeOf(model))
	}
	return all
}()
