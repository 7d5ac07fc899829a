package submissions

import (
	"encoding/json"
	"math"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// checkSubmittedValue returns what is wrong with a value, or "". Null fits every type, and a type that
// is not known accepts any scalar.
func checkSubmittedValue(variableType string, value any) string {
	scalar, ok := scalarOf(value)
	switch {
	case !ok:
		return "Value must be a string, a finite number, a boolean or null"
	case scalar.isNull:
		return ""
	}
	switch imednet.VariableKindOf(variableType) {
	case imednet.TextVariable, imednet.ChoiceVariable:
		return unless(scalar.isText, "Value must be a string")
	case imednet.WholeVariable:
		return unless(scalar.isNumber && scalar.isWhole, "Value must be an integer")
	case imednet.NumberVariable:
		return unless(scalar.isNumber, "Value must be numeric")
	case imednet.FlagVariable:
		return unless(scalar.isBool, "Value must be boolean")
	case imednet.DateVariable:
		return checkSubmittedDate(scalar)
	case imednet.TimeVariable:
		return checkSubmittedTime(scalar)
	case imednet.UploadVariable:
		return "the API takes no files or signatures"
	}
	return ""
}

func unless(fits bool, reason string) string {
	if fits {
		return ""
	}
	return reason
}

// checkSubmittedDate accepts a date at any precision, as ISO 8601 has it: 2024, 2024-02,
// 2024-02-29, and the last with a time. Blank text clears the answer.
func checkSubmittedDate(s submittedScalar) string {
	if !s.isText {
		return "Value must be a string"
	}
	if _, err := imednet.ParsePartialDate(s.text); err != nil {
		return "Value must be a date such as 2024-02-29, 2024-02 or 2024, that is in the calendar"
	}
	return ""
}

// checkSubmittedTime accepts a time of day to the hour, minute, second or a fraction of it. Blank text clears
// the answer.
func checkSubmittedTime(s submittedScalar) string {
	if !s.isText {
		return "Value must be a string"
	}
	if _, err := imednet.ParseTimeOfDay(s.text); err != nil {
		return "Value must be a time such as 14:05 or 14:05:59"
	}
	return ""
}

// submittedScalar is a value as the server will see it.
type submittedScalar struct {
	isText, isNumber, isWhole, isBool, isNull bool
	text                                      string
}

// scalarOf reads the Go types that a submission may hold. NaN and infinities have no JSON.
func scalarOf(value any) (submittedScalar, bool) {
	// Not a case below: with Go 1.27 it is the same type as jsontext.Value.
	if raw, ok := value.(json.RawMessage); ok {
		value = jsontext.Value(raw)
	}
	switch v := value.(type) {
	case nil:
		return submittedScalar{isNull: true}, true
	case string:
		return submittedScalar{isText: true, text: v}, true
	case bool:
		return submittedScalar{isBool: true}, true
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return submittedScalar{isNumber: true, isWhole: true}, true
	case float32:
		return floatScalar(float64(v))
	case float64:
		return floatScalar(v)
	case json.Number:
		scalar, ok := scalarOfJSON(jsontext.Value(v))
		return scalar, ok && scalar.isNumber
	case jsontext.Value:
		return scalarOfJSON(v)
	}
	return submittedScalar{}, false
}

func floatScalar(f float64) (submittedScalar, bool) {
	finite := !math.IsNaN(f) && !math.IsInf(f, 0)
	return submittedScalar{isNumber: true, isWhole: f == math.Trunc(f)}, finite
}

func scalarOfJSON(raw jsontext.Value) (submittedScalar, bool) {
	switch {
	case raw == nil:
		return submittedScalar{isNull: true}, true // as it is sent
	case !raw.IsValid():
		return submittedScalar{}, false
	}
	v := imednet.NewValue(raw)
	switch raw.Kind() {
	case '"':
		return submittedScalar{isText: true, text: v.Text()}, true
	case '0':
		_, whole := v.Int64()
		return submittedScalar{isNumber: true, isWhole: whole}, true
	case 't', 'f':
		return submittedScalar{isBool: true}, true
	case 'n':
		return submittedScalar{isNull: true}, true
	}
	return submittedScalar{}, false
}
