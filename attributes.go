package imednet

import (
	"maps"
	"reflect"
	"strings"
	"sync"

	"github.com/imednetgo/imednet/internal/jsonscan"
)

// attributes lists the scalar members of each resource's rows: "the attributes must match the
// response attributes" (API contract, section 7.1).
var attributes = func() map[Resource]map[string]int {
	all := map[Resource]map[string]int{}
	for resource, model := range rowModels {
		all[resource] = scalarFields(model)
	}
	return all
}()

// rowModels are the types of each resource's rows.
var rowModels = map[Resource]reflect.Type{
	Studies:         reflect.TypeFor[Study](),
	Sites:           reflect.TypeFor[Site](),
	Forms:           reflect.TypeFor[Form](),
	Intervals:       reflect.TypeFor[Interval](),
	Variables:       reflect.TypeFor[Variable](),
	Subjects:        reflect.TypeFor[Subject](),
	Visits:          reflect.TypeFor[Visit](),
	Records:         reflect.TypeFor[Record](),
	RecordRevisions: reflect.TypeFor[RecordRevision](),
	Queries:         reflect.TypeFor[Query](),
	Codings:         reflect.TypeFor[Coding](),
	Users:           reflect.TypeFor[User](),
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

// firstField is the place of a model's first member, behind its Row.
const firstField = 1

// modelShape is what is known of the fields of a struct.
type modelShape struct {
	names  []string       // wire names by field; "" for a field that is no member
	quoted []string       // the same as they begin a member of compact JSON: with quotes and colon
	index  map[string]int // fields by wire name
	spaces sync.Pool      // workspaces for rows of the model
}

func shapeOf(of reflect.Type) *modelShape {
	s := &modelShape{names: make([]string, of.NumField()), quoted: make([]string, of.NumField()), index: map[string]int{}}
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if s.names[i] = name; name != "" {
			s.quoted[i], s.index[name] = `"`+name+`":`, i
		}
	}
	s.spaces.New = func() any { return newWorkspace(reflect.New(of).Interface().(model), s) }
	return s
}

// present is a field that knows how its member appeared.
type present interface{ Presence() Presence }

// isNext moves to the next member if it is that of field next: members mostly come in the documented order.
func (s *modelShape) isNext(members *jsonscan.Object, next int) bool {
	return next < len(s.quoted) && members.NextIs(s.quoted[next])
}

// field finds the field of a member by its name as it stands in the JSON.
func (s *modelShape) field(quoted []byte) (i int, known bool) {
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

// IsTextAttribute reports whether an attribute of rows is text by the API's documentation (contract, section 5), so that
// a filter on it compares texts: subjectKey "007" is not the number 7. It is false of unknown names and of a name that is
// a number, time or boolean in the rows of some resource.
func IsTextAttribute(name string) bool {
	found := false
	for resource, fields := range attributes {
		i, known := fields[name]
		if !known {
			continue
		}
		if !isText(rowModels[resource].Field(i).Type) {
			return false
		}
		found = true
	}
	return found
}

func isText(t reflect.Type) bool {
	return t.Kind() == reflect.String || t == reflect.TypeFor[Opt[string]]()
}
