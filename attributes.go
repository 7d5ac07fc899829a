package imednet

import (
	"reflect"
	"strings"
)

// attributesOf lists the scalar members of a resource's rows: "the attributes must match the
// response attributes" (API contract, section 7.1). Users have no filter.
func attributesOf(resource Resource) map[string]bool {
	model, ok := map[Resource]any{
		Studies: Study{}, Sites: Site{}, Forms: Form{}, Intervals: Interval{}, Variables: Variable{},
		Subjects: Subject{}, Visits: Visit{}, Records: Record{}, RecordRevisions: RecordRevision{},
		Queries: Query{}, Codings: Coding{},
	}[resource]
	if !ok {
		return nil
	}
	names := map[string]bool{}
	t := reflect.TypeOf(model)
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || f.Type.Kind() == reflect.Slice || f.Type == reflect.TypeFor[RecordData]() {
			continue
		}
		names[name] = true
	}
	return names
}
