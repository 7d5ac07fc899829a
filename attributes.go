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
func memberFields(model reflect.Type) map[string]int {
	fields := map[string]int{}
	for i := range model.NumField() {
		if name, _, _ := strings.Cut(model.Field(i).Tag.Get("json"), ","); name != "" {
			fields[name] = i
		}
	}
	return fields
}

// modelFields are the members of every model.
var modelFields = func() map[reflect.Type]map[string]int {
	all := map[reflect.Type]map[string]int{}
	for _, model := range []any{Study{}, Site{}, Form{}, Interval{}, Variable{}, Subject{}, Visit{},
		Record{}, RecordRevision{}, Query{}, Coding{}, User{}, Job{}} {
		all[reflect.TypeOf(model)] = memberFields(reflect.TypeOf(model))
	}
	return all
}()
