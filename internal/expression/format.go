package expression

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
)

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
