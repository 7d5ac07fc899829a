package cdisc

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// neutral is a table with the variables that a comparison pairs, in values that compare across
// formats.
type neutral struct {
	src   Source
	d     *differ
	first bool
}

// Dataset describes the paired variables.
func (n neutral) Dataset() Dataset {
	var out Dataset
	for _, p := range n.d.pairs {
		out.Variables = append(out.Variables, Variable{Name: p.name})
	}
	return out
}

// Rows yields the rows with the paired variables.
func (n neutral) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		out := make(Row, len(n.d.pairs))
		for row, err := range n.src.Rows(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, p := range n.d.pairs {
				if n.first {
					out[i] = neutralValue(row[p.a], p.typeA, p.typeB, n.d.loose)
				} else {
					out[i] = neutralValue(row[p.b], p.typeB, p.typeA, n.d.loose)
				}
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

// neutralValue converts a value of a variable of one type for comparison with one of another.
func neutralValue(v Value, own, other Type, loose bool) Value {
	switch v.kind {
	case textValue:
		return neutralText(v, own, other, loose)
	case integerValue:
		n, _ := v.Integer()
		switch {
		case own == other, own == Datetime && !keepsMicros(n):
			return v
		case own == WholeNumber:
			return neutralWhole(n, other)
		}
		return Float(sasNumber(own, n))
	case floatValue:
		if v.text != "" {
			return Text(ibmNumber(v.text).Canonical())
		}
		if x, _ := v.Float(); x == 0 {
			return Float(0) // also -0
		}
	}
	return v
}

func neutralText(v Value, own, other Type, loose bool) Value {
	if own == Decimal && v.text == "" {
		return Value{} // how official files write a missing decimal
	}
	if own == Decimal && other != Decimal {
		number, _ := imednet.ParseNumber(v.text)
		return neutralDecimal(number, other)
	}
	if !loose {
		return v
	}
	if v.text = strings.TrimRight(v.text, " "); v.text == "" {
		return Value{}
	}
	return v
}

// neutralWhole is the float64 that is a whole number, or else its digits, which equal no float64. Digits are
// compared with digits.
func neutralWhole(n int64, other Type) Value {
	if x := float64(n); other != Decimal && x < 1<<63 && int64(x) == n {
		return Float(x)
	}
	return Text(imednet.NewNumber(n).Canonical())
}

// neutralDecimal is the same for a decimal.
func neutralDecimal(number imednet.Number, other Type) Value {
	if x, ok := exactFloat(number); ok && other != WholeNumber {
		return neutralValue(Float(x), Double, Double, false)
	}
	return Text(number.Canonical())
}

// valueText shows a value to a person.
func valueText(v Value) string {
	switch v.kind {
	case specialValue:
		return "." + string(rune(v.bits))
	case textValue:
		return strconv.Quote(v.text)
	case integerValue:
		return strconv.FormatInt(int64(v.bits), 10)
	case floatValue:
		x, _ := v.Float()
		return string(appendNumber(nil, x))
	case booleanValue:
		return strconv.FormatBool(v.bits != 0)
	}
	return "missing"
}
