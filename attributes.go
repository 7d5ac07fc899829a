package imednet

import (
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
	fields := map[string]int{}
	for i := range model.NumField() {
		f := model.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && f.Type.Kind() != reflect.Slice && f.Type != reflect.TypeFor[RecordData]() {
			fields[name] = i
		}
	}
	return fields
}
