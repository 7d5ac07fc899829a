package main

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// valuesOf shows the values of a DuckDB type: a number, text, boolean or nothing as such, a date as a day and a
// time of day without one, lists and structures as JSON, and anything else as text. It is nil for JSON, whose
// numbers DuckDB's driver rounds.
func valuesOf(kind string) func(any) any {
	switch kind {
	case "JSON":
		return nil
	case "DATE":
		return timesAs(time.DateOnly)
	case "TIME":
		return timesAs("15:04:05.999999999")
	case "TIMESTAMP_NS":
		return timesAs("2006-01-02T15:04:05.999999999-07:00")
	case "UUID":
		return uuidText
	}
	return plainValue
}

// timesAs shows moments in a layout.
func timesAs(layout string) func(any) any {
	return func(v any) any {
		if t, ok := v.(time.Time); ok {
			return t.Format(layout)
		}
		return plainValue(v)
	}
}

func uuidText(v any) any {
	b, ok := v.([]byte)
	if !ok || len(b) != 16 {
		return plainValue(v)
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// plainValue is a value whose Go type says what it is.
func plainValue(v any) any {
	switch v := v.(type) {
	case nil, bool, string, int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return v
	case float32:
		return finiteOrText(float64(v), v)
	case float64:
		return finiteOrText(v, v)
	case time.Time:
		return isoTime(v)
	case []byte:
		return fmt.Sprintf("%x", v)
	case duckdb.Decimal:
		return decimalText(v)
	case duckdb.Interval:
		return fmt.Sprintf("%d months %d days %d microseconds", v.Months, v.Days, v.Micros)
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = plainValue(v[i])
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for name := range v {
			all[name] = plainValue(v[name])
		}
		return all
	}
	return fmt.Sprint(v)
}

// decimalText keeps the zeros that a decimal's type has after the point.
func decimalText(d duckdb.Decimal) string {
	digits := new(big.Int).Abs(d.Value).String()
	scale := int(d.Scale)
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	text := digits
	if scale > 0 {
		text = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if d.Value.Sign() < 0 {
		return "-" + text
	}
	return text
}

// finiteOrText is a number that JSON can hold, or its text.
func finiteOrText(number float64, v any) any {
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return fmt.Sprint(v)
	}
	return v
}
