package extraction

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

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
		return nil, errors.New("int of a text that is no whole number")
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
		word := strings.TrimLeft(strings.ToLower(text), "+-")
		if strings.Trim(text, "+-.0123456789eE") != "" && word != "nan" && word != "inf" && word != "infinity" {
			ok = false
		}
		f, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil && !errors.Is(err, strconv.ErrRange) {
			return nil, errors.New("float of a text that is no number")
		}
		return starlark.Float(f), nil
	}
	return nil, fmt.Errorf("float works for numbers and text, not for %s: test for None first", typeOf(v))
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
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, errors.New("round of a number that is not finite")
		}
		if places < 0 {
			return starlark.NumberToInt(starlark.Float(math.RoundToEven(f)))
		}
		rounded, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', places, 64), 64)
		return starlark.Float(rounded), err
	}
	return nil, fmt.Errorf("round works for numbers, not for %s: write float(…) around text", typeOf(v))
}

// maxPlaces bounds the decimals of round and of "%.3f".
const maxPlaces = 30

// formatText is "text %s" % values, with %s %d %f %e %g, a width and a precision.
func formatText(thread *starlark.Thread, format string, values starlark.Value) (starlark.Value, error) {
	args := starlark.Tuple{values}
	if t, ok := values.(starlark.Tuple); ok {
		args = t
	}
	if err := grow(thread, len(format)+sizeOf(args)); err != nil {
		return nil, err
	}
	var b strings.Builder
	for format != "" {
		text, rest, found := strings.Cut(format, "%")
		b.WriteString(text)
		if !found {
			break
		}
		if strings.HasPrefix(rest, "%") {
			b.WriteByte('%')
			format = rest[1:]
			continue
		}
		end := strings.IndexAny(rest, "sdifeEgG")
		if end < 0 || len(args) == 0 {
			return nil, errors.New(`% formats %s, %d, %f, %e and %g, each with one value`)
		}
		piece, err := formatOne(rest[:end], rest[end], args[0])
		if err != nil {
			return nil, err
		}
		b.WriteString(piece)
		args, format = args[1:], rest[end+1:]
	}
	if len(args) > 0 {
		return nil, errors.New("% has more values than its text has places")
	}
	return starlark.String(b.String()), nil
}

func formatOne(spec string, verb byte, v starlark.Value) (string, error) {
	width, precision, ok := formatSpec(spec)
	if !ok {
		return "", errors.New(`% takes a width and a precision only, such as "%05.2f"`)
	}
	verbFormat := "%" + width + precision
	switch verb {
	case 's':
		text, err := pythonText(v)
		return fmt.Sprintf("%"+strings.TrimLeft(width, "0+ ")+precision+"s", text), err
	case 'd', 'i':
		if !isNumber(number(v)) {
			return "", fmt.Errorf("%%d formats a number, not %s", typeOf(v))
		}
		i, err := toInt(v)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%"+width+"d", i.(starlark.Int).BigInt()), nil
	}
	f, ok := starlark.AsFloat(number(v))
	if !ok {
		return "", fmt.Errorf("%%%c formats a number, not %s", verb, typeOf(v))
	}
	if precision == "" {
		verbFormat += ".6"
	}
	return fmt.Sprintf(verbFormat+string(verb), f), nil
}

// formatSpec splits "-05.2" into width and precision and checks both.
func formatSpec(spec string) (width, precision string, ok bool) {
	width, precision, dot := strings.Cut(spec, ".")
	digitsOf := strings.TrimLeft(width, "-+ 0")
	if w, err := strconv.Atoi("0" + digitsOf); err != nil || w > 200 {
		return "", "", false
	}
	if p, err := strconv.Atoi("0" + precision); err != nil || p > maxPlaces {
		return "", "", false
	}
	if dot {
		precision = "." + precision
	}
	return width, precision, true
}

// characters is len(): Python counts characters, not bytes.
func characters(s string) int { return utf8.RuneCountInString(s) }
