package imednet

import "github.com/imednetgo/imednet/internal/answers"

// VariableKind is what the answers to a variable are, whatever word the API, a design export or a
// study has for it. It decides the column of a table, what a profile expects, what a submission
// accepts and how a rule compares.
type VariableKind string

// The kinds.
const (
	TextVariable   VariableKind = "text"
	WholeVariable  VariableKind = "whole"  // a number without a fraction
	NumberVariable VariableKind = "number" // any other number
	DateVariable   VariableKind = "date"   // of any precision, with or without a time
	TimeVariable   VariableKind = "time"   // of day, without a date
	ChoiceVariable VariableKind = "choice" // one of a list
	FlagVariable   VariableKind = "flag"   // a checkbox
	UploadVariable VariableKind = "upload"
	OtherVariable  VariableKind = "" // a word that is not known
)

// variableWords are the known words, folded by answers.AppendLetters: those of the API, of its design export, and
// of the Python package.
var variableWords = map[string]VariableKind{
	"text": TextVariable, "memo": TextVariable, "textarea": TextVariable, "string": TextVariable,
	"int": WholeVariable, "integer": WholeVariable,
	"number": NumberVariable, "numeric": NumberVariable, "float": NumberVariable, "decimal": NumberVariable, "slider": NumberVariable,
	"date": DateVariable, "datetime": DateVariable, "datetimeprecision": DateVariable, "precisiondate": DateVariable,
	"time":  TimeVariable,
	"radio": ChoiceVariable, "dropdown": ChoiceVariable,
	"checkbox": FlagVariable, "boolean": FlagVariable, "bool": FlagVariable,
	"fileupload": UploadVariable, "dicomupload": UploadVariable, "upload": UploadVariable, "file": UploadVariable, "signature": UploadVariable,
}

// VariableKindOf returns the kind that a variableType names, in any case and whatever stands between
// its letters: "Date/Time Precision" is a date. The vocabulary is open: another word is
// [OtherVariable].
func VariableKindOf(variableType string) VariableKind {
	var word [32]byte // longer than any word that is known
	return variableWords[string(answers.AppendLetters(word[:0], variableType))]
}

// Kind is [VariableKindOf] the variable's type.
func (v Variable) Kind() VariableKind { return VariableKindOf(v.VariableType.Or("")) }

// TakesPartialDates reports whether a variableType is a word for dates that may lack parts, such as "Date/Time Precision" of
// a design export. "Date/Time" takes whole dates; of "DATE" of the API it is not known.
func TakesPartialDates(variableType string) bool {
	word := string(answers.AppendLetters(nil, variableType))
	return word == "datetimeprecision" || word == "precisiondate"
}

// IsNumber reports whether the answers are numbers, whole or not.
func (k VariableKind) IsNumber() bool { return k == WholeVariable || k == NumberVariable }
