package tables

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// ColumnType says how the answers to a question become Arrow values. This file is the one place
// that decides it.
type ColumnType string

// The column types. TypeOf gives the first three; the others only come from InferPlan.
const (
	// TypeText is utf8. A JSON number, boolean, array or object in it is its JSON text.
	TypeText ColumnType = "text"
	// TypeFloat64 is float64. A number belongs in it when the shortest decimal text of the
	// nearest float64 denotes the same number; any other number is a reject.
	TypeFloat64 ColumnType = "float64"
	// TypeDate is three fields: the text as entered (utf8), the day (date32; null when the day
	// is missing) and the [imednet.DatePrecision] (utf8).
	TypeDate ColumnType = "date"
	// TypeInt64 is int64, for numbers that are whole.
	TypeInt64 ColumnType = "int64"
	// TypeDate32 is date32, for dates that are all complete and without a time.
	TypeDate32 ColumnType = "date32"
	// TypeTimestamp is a timestamp in microseconds without a zone, for date-times that all have
	// one form, which Column.Layout holds.
	TypeTimestamp ColumnType = "timestamp"
	// TypeBool is boolean, for JSON booleans and the words true and false.
	TypeBool ColumnType = "bool"
	// TypeDictionary is dictionary-encoded utf8, for texts that repeat.
	TypeDictionary ColumnType = "dictionary"
)

// TypeOf returns the type for a variableType of the API. The vocabulary is open (API contract,
// section 4.5): case is ignored, and an unknown type is text.
func TypeOf(variableType string) ColumnType {
	switch strings.ToUpper(strings.TrimSpace(variableType)) {
	case "NUMBER":
		return TypeFloat64
	case "DATE", "DATE/TIME PRECISION":
		return TypeDate
	}
	return TypeText
}

// dataTypes returns the Arrow types of the fields that a column of this type has.
func (t ColumnType) dataTypes() []arrow.DataType {
	switch t {
	case TypeFloat64:
		return []arrow.DataType{arrow.PrimitiveTypes.Float64}
	case TypeDate:
		return []arrow.DataType{arrow.BinaryTypes.String, arrow.FixedWidthTypes.Date32, arrow.BinaryTypes.String}
	case TypeInt64:
		return []arrow.DataType{arrow.PrimitiveTypes.Int64}
	case TypeDate32:
		return []arrow.DataType{arrow.FixedWidthTypes.Date32}
	case TypeTimestamp:
		return []arrow.DataType{&arrow.TimestampType{Unit: arrow.Microsecond}}
	case TypeBool:
		return []arrow.DataType{arrow.FixedWidthTypes.Boolean}
	case TypeDictionary:
		return []arrow.DataType{&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}}
	}
	return []arrow.DataType{arrow.BinaryTypes.String}
}

// rowWidth estimates the bytes of a row in a column besides the text itself.
func (t ColumnType) rowWidth() int64 {
	switch t {
	case TypeDate:
		return 20
	case TypeText, TypeDate32, TypeDictionary:
		return 4
	case TypeBool:
		return 1
	}
	return 8
}

// known reports whether a plan may name this type.
func (t ColumnType) known() bool {
	switch t {
	case TypeText, TypeFloat64, TypeDate, TypeInt64, TypeDate32, TypeTimestamp, TypeBool, TypeDictionary:
		return true
	}
	return false
}

// cell is one populated answer: its JSON kind, and the characters of a string or the literal of
// anything else.
type cell struct {
	kind jsontext.Kind
	text []byte
}

// newCell unquotes raw. Text that is no valid Unicode cannot stand in an Arrow string and is
// refused.
func newCell(raw []byte) (cell, Reason) {
	kind := jsontext.Value(raw).Kind()
	if kind != '"' {
		if !utf8.Valid(raw) {
			return cell{}, ReasonNotUnicode
		}
		return cell{kind, raw}, ""
	}
	text := raw[1 : len(raw)-1]
	for _, c := range text {
		if c == '\\' || c >= utf8.RuneSelf {
			return unquotedCell(raw)
		}
	}
	return cell{kind, text}, ""
}

func unquotedCell(raw []byte) (cell, Reason) {
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return cell{}, ReasonNotUnicode
	}
	return cell{'"', text}, ""
}

// cellWriter appends to the builders of one column. write appends the cell, or nothing and says
// why; skip appends n nulls.
type cellWriter interface {
	write(c cell) Reason
	skip(n int)
}

// newCellWriter returns the writer for a column whose fields have these builders.
func newCellWriter(c *Column, builders []array.Builder) cellWriter {
	switch c.Type {
	case TypeFloat64:
		return floatWriter{builders[0].(*array.Float64Builder)}
	case TypeDate:
		return dateWriter{builders[0].(*array.StringBuilder), builders[1].(*array.Date32Builder), builders[2].(*array.StringBuilder)}
	case TypeInt64:
		return intWriter{builders[0].(*array.Int64Builder)}
	case TypeDate32:
		return dayWriter{builders[0].(*array.Date32Builder)}
	case TypeTimestamp:
		return timestampWriter{builders[0].(*array.TimestampBuilder), c.Layout}
	case TypeBool:
		return boolWriter{builders[0].(*array.BooleanBuilder)}
	case TypeDictionary:
		return dictionaryWriter{builders[0].(*array.BinaryDictionaryBuilder)}
	}
	return textWriter{builders[0].(*array.StringBuilder)}
}

type textWriter struct{ b *array.StringBuilder }

func (w textWriter) write(c cell) Reason {
	w.b.BinaryBuilder.Append(c.text)
	return ""
}

func (w textWriter) skip(n int) { w.b.AppendNulls(n) }

type floatWriter struct{ b *array.Float64Builder }

func (w floatWriter) write(c cell) Reason {
	n, ok := numberOf(c)
	if !ok {
		return ReasonNotNumber
	}
	f, accuracy := n.Float64()
	if accuracy != imednet.Exact {
		return ReasonInexact
	}
	w.b.Append(f)
	return ""
}

func (w floatWriter) skip(n int) { w.b.AppendNulls(n) }

// numberOf reads a JSON number or a text that is a decimal number.
func numberOf(c cell) (imednet.Number, bool) {
	if c.kind != '0' && c.kind != '"' {
		return imednet.Number{}, false
	}
	return imednet.ParseNumber(c.text)
}

type intWriter struct{ b *array.Int64Builder }

func (w intWriter) write(c cell) Reason {
	n, ok := numberOf(c)
	if !ok {
		return ReasonNotNumber
	}
	v, accuracy := n.Int64()
	if accuracy != imednet.Exact {
		return ReasonNotInt64
	}
	w.b.Append(v)
	return ""
}

func (w intWriter) skip(n int) { w.b.AppendNulls(n) }

type dateWriter struct {
	text      *array.StringBuilder
	day       *array.Date32Builder
	precision *array.StringBuilder
}

func (w dateWriter) write(c cell) Reason {
	d, _ := imednet.ParsePartialDate(c.text) // text that is no date has the precision unknown
	w.text.BinaryBuilder.Append(c.text)
	w.precision.Append(string(d.Precision()))
	if day, ok := d.Date(); ok {
		w.day.Append(arrow.Date32FromTime(day.Time()))
	} else {
		w.day.AppendNull()
	}
	return ""
}

func (w dateWriter) skip(n int) {
	w.text.AppendNulls(n)
	w.day.AppendNulls(n)
	w.precision.AppendNulls(n)
}

type dayWriter struct{ b *array.Date32Builder }

func (w dayWriter) write(c cell) Reason {
	day, err := imednet.ParseDate(string(c.text))
	if err != nil {
		return ReasonNotDate
	}
	w.b.Append(arrow.Date32FromTime(day.Time()))
	return ""
}

func (w dayWriter) skip(n int) { w.b.AppendNulls(n) }

type timestampWriter struct {
	b      *array.TimestampBuilder
	layout string
}

func (w timestampWriter) write(c cell) Reason {
	t, err := time.Parse(w.layout, string(c.text))
	if err != nil || t.Format(w.layout) != string(c.text) {
		return ReasonNotDate
	}
	w.b.Append(arrow.Timestamp(t.UnixMicro()))
	return ""
}

func (w timestampWriter) skip(n int) { w.b.AppendNulls(n) }

type boolWriter struct{ b *array.BooleanBuilder }

func (w boolWriter) write(c cell) Reason {
	switch string(c.text) {
	case "true":
		w.b.Append(true)
	case "false":
		w.b.Append(false)
	default:
		return ReasonNotBool
	}
	return ""
}

func (w boolWriter) skip(n int) { w.b.AppendNulls(n) }

type dictionaryWriter struct {
	b *array.BinaryDictionaryBuilder
}

func (w dictionaryWriter) write(c cell) Reason {
	if err := w.b.Append(c.text); err != nil {
		return ReasonDictionaryFull
	}
	return ""
}

func (w dictionaryWriter) skip(n int) { w.b.AppendNulls(n) }
