package expression

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
)

// pythonText is Python's str().
func pythonText(v starlark.Value) (string, error) {
	switch v := v.(type) {
	case starlark.String:
		return string(v), nil
	case starlark.Float:
		return floatText(float64(v)), nil
	case starlark.Bool, starlark.Int, starlark.NoneType, date:
		return v.String(), nil
	}
	return "", fmt.Errorf("str works for text, numbers, booleans, dates and None, not for %s", typeOf(v))
}

// floatText is Python's text of a float: the shortest that reads back, with .0 for whole numbers
// and an exponent below 1e-4 and from 1e16 on.
func floatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if magnitude := math.Abs(f); magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// toInt is Python's int() with one argument.
func toInt(v starlark.Value) (starlark.Value, error) {
	switch v := number(v).(type) {
	case starlark.Int:
		return v, nil
	case starlark.Float:
		i, err := starlark.NumberToInt(v)
		if err != nil {
			return nil, errors.New("int of a number that is not finite")
		}
		return i, nil
	case starlark.String:
		text, ok := digitText(string(v))
		if i, okInt := new(big.Int).SetString(text, 10); ok && okInt {
			return starlark.MakeBigInt(i), nil
		}
		return nil, errors.New("int of a text that is not a whole number")
	}
	return nil, fmt.Errorf("int works for numbers and text, not for %s", typeOf(v))
}

// toFloat is Python's float().
func toFloat(v starlark.Value) (starlark.Value, error) {
	switch v := number(v).(type) {
	case starlark.Float:
		return v, nil
	case starlark.Int:
		f := v.Float()
		if math.IsInf(float64(f), 0) {
			return nil, errors.New("float of a whole number that is too large")
		}
		return f, nil
	case starlark.String:
		text, ok := digitText(string(v))
		if !isDecimal(text) && !isNoFinite(text) {
			ok = false
		}
		f, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil && !errors.Is(err, strconv.ErrRange) {
			return nil, errors.New("float of a text that is not a number")
		}
		return starlark.Float(f), nil
	}
	return nil, fmt.Errorf("float works for numbers and text, not for %s: test for None first", typeOf(v))
}

// isDecimal reports whether a text is made of what decimal numbers are made of.
func isDecimal(text string) bool {
	for i := range len(text) {
		if strings.IndexByte("0123456789.eE+-", text[i]) < 0 {
			return false
		}
	}
	return true
}

// isNoFinite reports whether a text is a word for a number that is not finite.
func isNoFinite(text string) bool {
	word := strings.TrimLeft(strings.ToLower(text), "+-")
	return word == "nan" || word == "inf" || word == "infinity"
}

const maxDigits = 1000

// digitText trims a number's text and takes out the "_" that Python allows between two digits.
func digitText(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxDigits {
		return "", false
	}
	for i := range len(text) {
		if text[i] == '_' && (i == 0 || i == len(text)-1 || !isDigit(text[i-1]) || !isDigit(text[i+1])) {
			return "", false
		}
	}
	return strings.ReplaceAll(text, "_", ""), true
}

// round is Python's round: half to even, decided on the exact binary value.
func round(v starlark.Value, places int) (starlark.Value, error) {
	switch v := number(v).(type) {
	case starlark.Int:
		return v, nil
	case starlark.Float:
		f := float64(v)
		finite := !math.IsNaN(f) && !math.IsInf(f, 0)
		switch {
		case places < 0 && !finite:
			return nil, errors.New("round of a number that is not finite")
		case places < 0:
			return starlark.NumberToInt(starlark.Float(math.RoundToEven(f)))
		case !finite:
			return v, nil
		}
		rounded, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', places, 64), 64)
		return starlark.Float(rounded), err
	}
	return nil, fmt.Errorf("round works for numbers, not for %s: write float(…) around text", typeOf(v))
}
