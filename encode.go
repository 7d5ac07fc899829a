package imednet

import (
	"bytes"
	"errors"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// encodeMembers writes the fields of a model and its unknown members, as decodeMembers reads them.
func encodeMembers(model reflect.Value, unknown jsontext.Value) (jsontext.Value, error) {
	var object jsontext.Value
	for i := range model.NumField() {
		name, options, _ := strings.Cut(model.Type().Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" || options == "omitzero" && model.Field(i).IsZero() {
			continue
		}
		value, err := json.Marshal(model.Field(i).Interface(), lenient, jsontext.PreserveRawStrings(true))
		if err != nil {
			return nil, err
		}
		object = appendMember(object, jsontext.Value(`"`+name+`"`), value)
	}
	if inner := membersOf(unknown); len(inner) > 0 {
		object = append(appendSeparator(object), inner...)
	}
	if object == nil {
		object = jsontext.Value{'{'}
	}
	if object = append(object, '}'); !object.IsValid(lenient) {
		return nil, errors.New("imednet: Row.Unknown is not a JSON object")
	}
	return object, nil
}

// membersOf returns what is between the braces of an object, and anything else unchanged.
func membersOf(object jsontext.Value) []byte {
	object = bytes.TrimSpace(object)
	if n := len(object); n > 1 && object[0] == '{' && object[n-1] == '}' {
		return bytes.TrimSpace(object[1 : n-1])
	}
	return object
}
