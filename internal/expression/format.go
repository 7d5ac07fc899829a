package expression

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"go.starlark.net/starlark"
)

const (
	maxPlaces = 30  // decimals of round and of "%.3f"
	maxWidth  = 200 // characters of "%5d"
)

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

// formatOne is one %…: spec is what stands between % and verb.
func formatOne(spec string, verb byte, v starlark.Value) (string, error) {
	f, ok := parseFormat(spec)
	if !ok {
		return "", errors.New(`% takes a width and a precision only, such as "%05.2f"`)
	}
	if verb == 's' {
		text, err := pythonText(v)
		return f.pad("", f.cut(text), false), err
	}
	if !isNumber(number(v)) {
		return "", fmt.Errorf("%%%c formats a number, not %s", verb, typeOf(v))
	}
	if verb == 'd' || verb == 'i' {
		return f.whole(v)
	}
	return f.float(verb, v)
}

// numberFormat is what may stand between % and its verb.
type numberFormat struct {
	left, plus, blank, zero bool
	width, precision        int // precision is -1 where there is none
}

func parseFormat(spec string) (numberFormat, bool) {
	widthText, precisionText, dot := strings.Cut(spec, ".")
	digits := strings.TrimLeft(widthText, "-+ 0")
	flags := widthText[:len(widthText)-len(digits)]
	f := numberFormat{
		left: strings.Contains(flags, "-"), plus: strings.Contains(flags, "+"),
		blank: strings.Contains(flags, " "), zero: strings.Contains(flags, "0"), precision: -1,
	}
	width, err := strconv.Atoi("0" + digits)
	if err != nil || width > maxWidth {
		return f, false
	}
	f.width = width
	if !dot {
		return f, true
	}
	precision, err := strconv.Atoi("0" + precisionText)
	f.precision = precision
	return f, err == nil && precision <= maxPlaces
}

// cut is a text of at most so many characters as the precision says.
func (f numberFormat) cut(text string) string {
	if f.precision < 0 || characters(text) <= f.precision {
		return text
	}
	return string([]rune(text)[:f.precision])
}

// whole is %d and %i: the precision is the least number of digits.
func (f numberFormat) whole(v starlark.Value) (string, error) {
	i, err := toInt(v)
	if err != nil {
		return "", err
	}
	n := i.(starlark.Int).BigInt()
	digits := new(big.Int).Abs(n).String()
	digits = strings.Repeat("0", max(0, f.precision-len(digits))) + digits
	return f.pad(f.sign(n.Sign() < 0), digits, true), nil
}

// float is %f, %e and %g; an infinity and what is no number are words in the case of the verb.
func (f numberFormat) float(verb byte, v starlark.Value) (string, error) {
	x, ok := starlark.AsFloat(number(v))
	if !ok || checkFinite(number(v), starlark.Float(0)) != nil {
		return "", fmt.Errorf("%%%c formats a number that a float can hold", verb)
	}
	precision := 6
	if f.precision >= 0 {
		precision = f.precision
	}
	text := fmt.Sprintf("%."+strconv.Itoa(precision)+string(verb), math.Abs(x))
	if math.IsNaN(x) || math.IsInf(x, 0) {
		text = floatText(math.Abs(x))
		if unicode.IsUpper(rune(verb)) {
			text = strings.ToUpper(text)
		}
	}
	return f.pad(f.sign(math.Signbit(x) && !math.IsNaN(x)), text, true), nil
}

func (f numberFormat) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case f.plus:
		return "+"
	case f.blank:
		return " "
	}
	return ""
}

// pad brings sign and text to the width.
func (f numberFormat) pad(sign, text string, isNumber bool) string {
	missing := max(0, f.width-characters(sign+text))
	switch {
	case f.left:
		return sign + text + strings.Repeat(" ", missing)
	case f.zero && isNumber:
		return sign + strings.Repeat("0", missing) + text
	}
	return strings.Repeat(" ", missing) + sign + text
}
