package imednet

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Row is what every model keeps of the wire format besides its fields.
type Row struct {
	// Raw is the row's JSON object as it arrived, byte for byte; nil for a model built in code.
	Raw jsontext.Value `json:"-"`
	// Unknown holds the members that this library does not know, as one JSON object; nil if there
	// are none.
	Unknown jsontext.Value `json:"-"`
}

func (r *Row) row() *Row { return r }

// Resource is a kind of row.
type Resource string

// The resources of the API, spelled as in its URL paths.
const (
	Studies         Resource = "studies"
	Sites           Resource = "sites"
	Forms           Resource = "forms"
	Intervals       Resource = "intervals"
	Variables       Resource = "variables"
	Subjects        Resource = "subjects"
	Visits          Resource = "visits"
	Records         Resource = "records"
	RecordRevisions Resource = "recordRevisions"
	Queries         Resource = "queries"
	Codings         Resource = "codings"
	Users           Resource = "users"
	Jobs            Resource = "jobs"
)

// model is the row type of one resource; its own id must be present.
type model interface {
	row() *Row
	ownID() (name string, present bool)
	fields(to []any) []any // appends pointers to the fields that are members
}

type modelOf[T any] interface {
	*T
	model
}

// Decode reads one row of a list, as in imednet.Decode[imednet.Record](raw). Raw keeps a copy of
// the bytes. A scalar that does not fit its documented type does not fail the row (see [Misfits]).
// A row that is not an object, lacks its id, or has a list where an object belongs fails with a
// *[DecodeError], which names the place and never the value.
func Decode[T any, P modelOf[T]](raw []byte) (T, error) {
	var row T
	err := DecodeInto(jsontext.Value(raw).Clone(), P(&row))
	return row, err
}

// DecodeInto reads a row as [Decode] does, into memory that the caller has; what row held before is lost,
// and after an error it is zero. Raw keeps raw itself, which must not be modified afterwards. It is for
// programs that read very many rows.
func DecodeInto[T any, P modelOf[T]](raw []byte, row P) error {
	shape := modelShapes[reflect.TypeFor[T]()]
	work := shape.spaces.Get().(*workspace)
	defer shape.spaces.Put(work)
	defer work.letGo()
	if problem := work.decode(raw); problem != nil {
		*row = *new(T)
		return problem
	}
	*row = *any(work.row).(P)
	return nil
}

// Encode returns the JSON of a row: Raw if it has one, otherwise its fields and unknown members.
func Encode[T any, P modelOf[T]](row T) (jsontext.Value, error) {
	p := P(&row)
	if raw := p.row().Raw; raw != nil {
		return raw, nil
	}
	return encodeMembers(reflect.ValueOf(p).Elem(), p.row().Unknown)
}

// DecodeError reports which part of a row or document could not be read. It holds no value.
type DecodeError struct {
	Type    string // the model, such as Record
	Pointer string // JSON pointer of the place inside the row
	Problem string
}

// Error names the model and the place in the row, never the value.
func (e *DecodeError) Error() string {
	at := e.Pointer
	if at == "" {
		at = "/"
	}
	return fmt.Sprintf("imednet: decode %s at %s: %s", cmp.Or(e.Type, "row"), at, cmp.Or(e.Problem, "unreadable JSON"))
}

// decodeError turns a codec's error, whose text may quote the data, into one that does not.
func decodeError(err error) *DecodeError {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		return &DecodeError{Pointer: string(semantic.JSONPointer), Problem: "unexpected kind of JSON: " + kindName(semantic.JSONKind)}
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		return &DecodeError{Problem: fmt.Sprintf("malformed JSON at byte %d", syntactic.ByteOffset)}
	}
	return &DecodeError{Problem: "unreadable JSON"}
}

// Misfits lists the wire names of the row's scalar members whose JSON did not fit their documented
// type, so that drift of the API becomes visible. row is a model, a pointer to one, or an interface
// that holds either; a pointer is faster.
func Misfits(row any) []string {
	m, isModel := row.(model) // or a struct with one within
	if !isModel || reflect.ValueOf(row).IsNil() {
		return misfitsOf(row)
	}
	shape, known := modelShapes[reflect.TypeOf(row).Elem()]
	if !known {
		return misfitsOf(row)
	}
	list := fieldLists.Get().(*[]any)
	defer fieldLists.Put(list)
	*list = m.fields((*list)[:0])
	defer clear(*list)
	var names []string
	for i, field := range *list {
		if field, ok := field.(present); ok && field.Presence() == Misfit {
			names = append(names, shape.names[firstField+i])
		}
	}
	return names
}

// fieldLists are lists of fields that are done with.
var fieldLists = sync.Pool{New: func() any { return new([]any) }}

// misfitsOf is Misfits for what is no pointer to a model.
func misfitsOf(row any) []string {
	v := reflect.ValueOf(row)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	if !v.CanAddr() {
		addressable := reflect.New(v.Type()).Elem()
		addressable.Set(v)
		v = addressable
	}
	if _, known := modelShapes[v.Type()]; known {
		return Misfits(v.Addr().Interface())
	}
	var names []string
	for i, name := range shapeOf(v.Type()).names {
		field := v.Field(i).Addr()
		if !field.CanInterface() {
			continue
		}
		if field, ok := field.Interface().(present); ok && field.Presence() == Misfit {
			names = append(names, name)
		}
	}
	return names
}
