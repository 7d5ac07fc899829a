package tables

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet"
)

// ColumnType is the way in which the answers to a question become Arrow values.
type ColumnType string

// The column types. [TypeOf] returns the first three; the others come only from
// [RecordMapper.InferPlan], and dictionaries also from [PlanOptions.Categories].
const (
	// TypeText is utf8. A JSON number, boolean, array or object becomes its JSON text.
	TypeText ColumnType = "text"
	// TypeFloat64 is float64. It holds a number if the shortest decimal text of the nearest float64
	// denotes the same number; any other number is a reject.
	TypeFloat64 ColumnType = "float64"
	// TypeDate is three fields: the text as entered (utf8), the day (date32; null if the day is
	// unknown) and the [imednet.DatePrecision] (utf8).
	TypeDate ColumnType = "date"
	// TypeInt64 is int64, for whole numbers.
	TypeInt64 ColumnType = "int64"
	// TypeDate32 is date32, for dates that are all complete and without a time.
	TypeDate32 ColumnType = "date32"
	// TypeTimestamp is a timestamp in microseconds without a time zone, for date-times that all
	// have the format in [Column.Layout].
	TypeTimestamp ColumnType = "timestamp"
	// TypeBool is boolean, for JSON booleans and the words true and false.
	TypeBool ColumnType = "bool"
	// TypeDictionary is dictionary-encoded utf8, for repeated texts and declared choices (see
	// [PlanOptions.Categories]).
	TypeDictionary ColumnType = "dictionary"
)

// TypeOf returns the type for a variableType of the API: numbers and dates by
// [imednet.VariableKindOf], and text for everything else, unknown words included.
func TypeOf(variableType string) ColumnType {
	switch kind := imednet.VariableKindOf(variableType); {
	case kind.IsNumber():
		return TypeFloat64
	case kind == imednet.DateVariable:
		return TypeDate
	}
	return TypeText
}

// The Arrow types of all fields. There is one value of each, so that types can be compared as
// pointers.
var (
	textType       arrow.DataType = arrow.BinaryTypes.String
	dayType        arrow.DataType = arrow.FixedWidthTypes.Date32
	localTimeType  arrow.DataType = &arrow.TimestampType{Unit: arrow.Microsecond}
	instantType    arrow.DataType = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	dictionaryType arrow.DataType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
)

var fieldTypes = map[ColumnType][]arrow.DataType{
	TypeText:       {textType},
	TypeFloat64:    {arrow.PrimitiveTypes.Float64},
	TypeDate:       {textType, dayType, textType},
	TypeInt64:      {arrow.PrimitiveTypes.Int64},
	TypeDate32:     {dayType},
	TypeTimestamp:  {localTimeType},
	TypeBool:       {arrow.FixedWidthTypes.Boolean},
	TypeDictionary: {dictionaryType},
}

// dataTypes returns the Arrow types of the fields that a column of this type has.
func (t ColumnType) dataTypes() []arrow.DataType { return fieldTypes[t] }

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
func (t ColumnType) known() bool { return fieldTypes[t] != nil }

// holdsText reports whether the column shows an answer as it was entered, white space included.
func (t ColumnType) holdsText() bool { return t == TypeText || t == TypeDictionary || t == TypeDate }

// isNumber reports whether the column holds numbers.
func (t ColumnType) isNumber() bool { return t == TypeFloat64 || t == TypeInt64 }
