package imednet

import (
	"bytes"
	"reflect"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/jsonscan"
)

// decode reads a row, which keeps raw. It is the hot path of everything that reads: unlike the general codec it goes through
// the text once, looks each name up once, allocates nothing for a member but its text, and lets recordData share the row's
// memory.
func (w *workspace) decode(raw jsontext.Value) *DecodeError {
	problem := w.readRow(raw)
	if name, present := w.row.ownID(); problem == nil && !present {
		problem = &DecodeError{Pointer: "/" + name, Problem: "the row's own id is missing"}
	}
	if problem != nil {
		problem.Type = reflect.TypeOf(w.row).Elem().Name()
		return problem
	}
	w.row.row().Raw = raw
	return nil
}

// readRow reads the members of a row into the fields of the model.
func (w *workspace) readRow(raw jsontext.Value) *DecodeError {
	if raw.Kind() != '{' {
		return &DecodeError{Problem: "the row is not a JSON object"}
	}
	members := jsonscan.WalkObject(raw)
	if problem := w.readMembers(&members); problem != nil {
		return problem
	}
	if members.Invalid() {
		return malformed(raw)
	}
	return nil
}

// readMembers reads members as far as they are valid.
func (w *workspace) readMembers(members *jsonscan.Object) *DecodeError {
	w.seen, w.misfit = 0, false
	row, shape := w.row.row(), w.shape
	for next := firstField; ; {
		for next < len(shape.quoted) && w.readUsual(members, shape.quoted[next], w.fields[next-firstField]) {
			w.seen |= 1 << (next - firstField)
			next++
		}
		i, known := next, shape.isNext(members, next)
		if !known {
			if !members.Next() {
				break
			}
			i, known = shape.field(members.Name)
		}
		quoted, value := jsontext.Value(members.Name), jsontext.Value(members.Value())
		if value == nil {
			break
		}
		if !known {
			row.Unknown = appendMember(row.Unknown, quoted, value)
			continue
		}
		next = i + 1
		w.seen |= 1 << (i - firstField)
		w.end = members.Offset()
		if problem := w.readMember(value, members.Plain, w.fields[i-firstField]); problem != nil {
			problem.Pointer = string(jsontext.Pointer("").AppendToken(string(unquoted(quoted)))) + problem.Pointer
			return problem
		}
	}
	if row.Unknown != nil {
		row.Unknown = append(row.Unknown, '}')
	}
	w.emptyMissing()
	return nil
}

func (w *workspace) readMember(value jsontext.Value, plain bool, field any) *DecodeError {
	if w.readCommon(value, plain, field) {
		return nil
	}
	problem := decodeField(value, field, &w.words)
	if field, ok := field.(present); ok && field.Presence() == Misfit {
		w.misfit = true
	}
	return problem
}

// malformed says where a text that is no JSON ceases to be JSON.
func malformed(raw jsontext.Value) *DecodeError {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw), lenient)
	if err := dec.SkipValue(); err != nil {
		return decodeError(err)
	}
	return &DecodeError{Problem: "something follows the object"}
}

// unquoted returns the characters of a JSON string, without copying if possible. Bad UTF-8 becomes
// U+FFFD; the row's Raw still has it.
func unquoted(quoted jsontext.Value) []byte {
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner
	}
	b, _ := jsontext.AppendUnquote(nil, quoted)
	return b
}

// appendMember adds a member to an object that lacks its closing brace, and before the first member
// also the opening one.
func appendMember(object, quoted, value jsontext.Value) jsontext.Value {
	object = append(appendSeparator(object), quoted...)
	return append(append(object, ':'), value...)
}

func appendSeparator(object jsontext.Value) jsontext.Value {
	if object == nil {
		return jsontext.Value{'{'}
	}
	return append(object, ',')
}

// decodeField reads a value into a field: an Opt, an own id, recordData or a list.
func decodeField(value jsontext.Value, field any, words *vocabulary) *DecodeError {
	switch field := field.(type) {
	case *Opt[string]:
		field.decode(value, words)
	case *Opt[int64]:
		field.decode(value, words)
	case *Opt[Time]:
		field.decode(value, words)
	case *Opt[bool]:
		field.decode(value, words)
	case *Opt[Date]:
		field.decode(value, words)
	case *RecordData:
		field.raw = value
	case *[]Keyword:
		return decodeKeywords(value, field)
	case *int64:
		return decodeID(value, field, words)
	case *string:
		return decodeID(value, field, words)
	default:
		return decodeAny(value, field)
	}
	return nil
}

// decodeKeywords reads a list that is empty as a rule.
func decodeKeywords(value jsontext.Value, field *[]Keyword) *DecodeError {
	if string(value) == "[]" {
		*field = []Keyword{}
		return nil
	}
	return decodeAny(value, field)
}

func decodeAny(value jsontext.Value, field any) *DecodeError {
	if err := json.Unmarshal(value, field, lenient); err != nil {
		return decodeError(err)
	}
	return nil
}

// decodeID reads a row's own id. Null and blank leave it zero, which means no id.
func decodeID[T int64 | string](value jsontext.Value, id *T, words *vocabulary) *DecodeError {
	if value.Kind() == 'n' || string(value) == `""` || decodeScalar(value, id, words) {
		return nil
	}
	return &DecodeError{Problem: "unexpected kind of JSON: " + kindName(value.Kind())}
}

// kindName names a kind of JSON in a message.
func kindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "text"
	case '0':
		return "a number"
	case 'n':
		return "null"
	}
	return "a boolean"
}
