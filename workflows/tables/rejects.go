package tables

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// Reason is the reason why a value did not become a cell, or a record a row.
type Reason string

// The reasons for a reject. The first group concerns a single value, the last two a whole record.
const (
	ReasonNotNumber      Reason = "not a decimal number"
	ReasonInexact        Reason = "number that a float64 cannot hold exactly"
	ReasonNotInt64       Reason = "not a whole number of 64 bits"
	ReasonNotDate        Reason = "not a date of the planned form"
	ReasonNotBool        Reason = "neither true nor false"
	ReasonNotUnicode     Reason = "not valid Unicode text"
	ReasonDictionaryFull Reason = "more different texts than a dictionary holds"
	ReasonUndeclared     Reason = "key that no variable of the form declares"
	ReasonAmbiguous      Reason = "key that fits several variables, or several keys that fit one"
	ReasonRepeated       Reason = "key repeated later in the same record"
	ReasonRecordField    Reason = "field of the record itself is of another type than documented"

	ReasonNoObject    Reason = "recordData is not a JSON object"
	ReasonUnknownForm Reason = "form that the plan does not know"
)

// reasonOf is the reason for a value that found no column.
func reasonOf(fate answers.Fate) Reason {
	switch fate {
	case answers.Ambiguous:
		return ReasonAmbiguous
	case answers.Repeated:
		return ReasonRepeated
	}
	return ReasonUndeclared
}

// Reject is a value that its column cannot hold, or a record that no table can hold, exactly as it
// arrived. Value and Raw are subject data.
type Reject struct {
	RecordID int64
	FormKey  string
	// Variable is the name of the variable as declared, the key as it arrived if no variable
	// declares it, the wire name for a field of the record itself, and "" for a whole record.
	Variable string
	Reason   Reason
	// Raw is the JSON of the value. It belongs to the receiver.
	Raw jsontext.Value
}

// Value returns the characters of a JSON string, and the JSON of anything else.
func (r Reject) Value() string { return imednet.NewValue(r.Raw).Text() }

// WholeRecord reports whether the reject is a whole record, which gave no row.
func (r Reject) WholeRecord() bool {
	return r.Reason == ReasonNoObject || r.Reason == ReasonUnknownForm
}

// RejectError reports the first reject of a strict run. Its text names the place, never the value.
type RejectError struct{ Reject Reject }

// Error names the form, the variable and the reason.
func (e *RejectError) Error() string {
	reason := cmp.Or(string(e.Reject.Reason), "rejected")
	if e.Reject.Variable == "" {
		return fmt.Sprintf("form %q: %s", e.Reject.FormKey, reason)
	}
	return fmt.Sprintf("form %q, variable %q: %s", e.Reject.FormKey, e.Reject.Variable, reason)
}

// RejectList collects rejects in memory. Pass its Add method as [MapOptions.OnReject]. The zero
// value is an empty list, ready to use. It is not safe for concurrent use.
type RejectList struct {
	rejects []Reject
}

// Add appends a reject. The error is always nil.
func (l *RejectList) Add(r Reject) error {
	l.rejects = append(l.rejects, r)
	return nil
}

// Len returns the number of rejects.
func (l *RejectList) Len() int { return len(l.rejects) }

// All yields the rejects in the order in which they were added.
func (l *RejectList) All() iter.Seq[Reject] { return slices.Values(l.rejects) }

// RejectSchema returns the schema of [RejectList.Reader]: recordId, formKey, variable, reason,
// value (text, with U+FFFD in place of invalid Unicode) and raw (the JSON, byte for byte).
func RejectSchema() *arrow.Schema {
	return arrow.NewSchema([]arrow.Field{
		{Name: "recordId", Type: arrow.PrimitiveTypes.Int64},
		{Name: "formKey", Type: arrow.BinaryTypes.String},
		{Name: "variable", Type: arrow.BinaryTypes.String},
		{Name: "reason", Type: arrow.BinaryTypes.String},
		{Name: "value", Type: arrow.BinaryTypes.String},
		{Name: "raw", Type: arrow.BinaryTypes.Binary},
	}, nil)
}

// Reader returns the rejects as record batches with the schema of [RejectSchema]. The caller must
// release it.
func (l *RejectList) Reader(mem memory.Allocator) array.RecordReader {
	return newStreamReader(RejectSchema(), func(yield func(arrow.Record, error) bool) {
		b := array.NewRecordBuilder(mem, RejectSchema())
		defer b.Release()
		for chunk := range slices.Chunk(l.rejects, DefaultBatchRows) {
			for _, r := range chunk {
				appendReject(b, r)
			}
			record := b.NewRecord()
			more := yield(record, nil)
			record.Release()
			if !more {
				return
			}
		}
	})
}

func appendReject(b *array.RecordBuilder, r Reject) {
	b.Field(0).(*array.Int64Builder).Append(r.RecordID)
	for i, text := range []string{r.FormKey, r.Variable, string(r.Reason), r.Value()} {
		b.Field(i + 1).(*array.StringBuilder).Append(validText(text))
	}
	b.Field(5).(*array.BinaryBuilder).Append(r.Raw)
}
