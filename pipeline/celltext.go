package pipeline

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// cellKind says how the text of a cell is written.
type cellKind int

const (
	cellText    cellKind = iota // free text
	cellNumber                  // number or boolean: a bare JSON literal
	cellInstant                 // date or time: text that nobody typed
)

// hasText reports whether appendCell knows a type.
func hasText(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.STRING, arrow.INT64, arrow.FLOAT64, arrow.BOOL, arrow.DATE32, arrow.TIMESTAMP:
		return true
	case arrow.DICTIONARY:
		return hasText(t.(*arrow.DictionaryType).ValueType)
	}
	return false
}

// appendCell appends the text of a non-null cell: the shortest decimal text of a number, which
// reads back as the same number, and ISO 8601 for dates and instants (Z when in UTC).
func appendCell(b []byte, column arrow.Array, row int) ([]byte, cellKind, error) {
	switch a := column.(type) {
	case *array.String:
		return append(b, a.Value(row)...), cellText, nil
	case *array.Dictionary:
		return appendCell(b, a.Dictionary(), a.GetValueIndex(row))
	case *array.Int64:
		return strconv.AppendInt(b, a.Value(row), 10), cellNumber, nil
	case *array.Float64:
		return strconv.AppendFloat(b, a.Value(row), 'g', -1, 64), cellNumber, nil
	case *array.Boolean:
		return strconv.AppendBool(b, a.Value(row)), cellNumber, nil
	case *array.Date32:
		return append(b, a.Value(row).FormattedString()...), cellInstant, nil
	case *array.Timestamp:
		typ := a.DataType().(*arrow.TimestampType)
		layout := "2006-01-02T15:04:05.999999999"
		if typ.TimeZone != "" {
			layout += "Z07:00"
		}
		return a.Value(row).ToTime(typ.Unit).AppendFormat(b, layout), cellInstant, nil
	}
	return b, cellText, fmt.Errorf("columns of type %s have no text form", column.DataType())
}
