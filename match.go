package imednet

import (
	"cmp"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Match applies the filter to one row, for sources that filter locally. lookup returns an
// attribute's value and whether the row has it. Numbers are compared exactly, times and dates
// as instants to the second, booleans as booleans, and text case-sensitively. A date is read as
// [ParsePartialDate] reads it, in UTC if it has no offset; a day alone is its first moment. A missing
// value (absent, null or blank), one that cannot be compared, and a partial date whose order is not
// certain match only [NotEqual], and a missing one [NoValue]. [Contains] takes a
// regular expression in Go's syntax (RE2) and ignores case. The zero filter matches everything. An
// invalid filter may match nothing; call [Filter.Validate] first.
func (f Filter) Match(lookup func(attribute string) (Value, bool)) bool {
	return f.match(func(attribute string) (Value, int) {
		v, ok := lookup(attribute)
		return v, boolNumber(ok)
	})
}

// MatchRecord applies the filter to a record's own attributes (not its recordData).
func (f Filter) MatchRecord(r *Record) bool { return MatchRow(f, r) }

// scalarValue returns a model's scalar field as received.
func scalarValue(field any) (Value, bool) {
	switch field := field.(type) {
	case *int64:
		return Value{strconv.AppendInt(nil, *field, 10)}, true
	case interface{ wireValue() (Value, bool) }:
		return field.wireValue()
	}
	return Value{}, false
}

// matches compares a value that so many could be. Of several, none is chosen: neither blank nor a value.
func (c Condition) matches(v Value, n int) bool {
	missing := n != 1 || v.Missing()
	if _, blank := c.Value.(NoValue); blank {
		return n <= 1 && (c.Operator == Equal && missing || c.Operator == NotEqual && !missing)
	}
	if missing {
		return c.Operator == NotEqual
	}
	if c.Operator == Contains {
		re, err := containsPattern(c.Value)
		return err == nil && re.MatchString(v.Text())
	}
	order, comparable := compareValue(v, c.Value)
	if !comparable {
		return c.Operator == NotEqual
	}
	switch c.Operator {
	case Equal:
		return order == 0
	case NotEqual:
		return order != 0
	case Less:
		return order < 0
	case LessOrEqual:
		return order <= 0
	case Greater:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	}
	return false
}

// containsPattern is the regular expression that [Contains] looks for.
func containsPattern(value any) (*regexp.Regexp, error) {
	pattern, ok := value.(string)
	if !ok {
		return nil, errors.New("not text")
	}
	return regexp.Compile("(?i)" + pattern)
}

// compareValue orders a wire value against a condition's, and reports whether they compare at all.
func compareValue(v Value, want any) (order int, comparable bool) {
	switch want := want.(type) {
	case string:
		return compareText(v, want)
	case int:
		return compareNumber(v, NewNumber(int64(want)))
	case int64:
		return compareNumber(v, NewNumber(want))
	case float64:
		number, ok := ParseNumber(strconv.FormatFloat(want, 'f', -1, 64)) // as it is sent
		order, comparable := compareNumber(v, number)
		return order, ok && comparable
	case Number:
		order, comparable := compareNumber(v, want)
		return order, comparable && want != (Number{})
	case bool:
		b, ok := v.Bool()
		return cmp.Compare(boolNumber(b), boolNumber(want)), ok
	case time.Time:
		return compareInstant(v, want)
	case Time:
		return compareInstant(v, want.Time)
	case Date:
		return compareInstant(v, want.Time())
	}
	return 0, false
}

// compareText compares as numbers when the row has a JSON number, because a filter cannot show
// whether its value is text.
func compareText(v Value, want string) (order int, comparable bool) {
	if v.Kind() == '0' {
		number, ok := ParseNumber(want)
		got, _ := v.Number()
		return got.Compare(number), ok
	}
	return strings.Compare(v.Text(), want), true
}

func compareNumber(v Value, want Number) (order int, comparable bool) {
	n, ok := v.Number()
	return n.Compare(want), ok
}

// compareInstant truncates both instants to the second, as Time.Filter does.
func compareInstant(v Value, want time.Time) (order int, comparable bool) {
	want = want.Truncate(time.Second)
	got, err := parseWireTime(v.raw, v.Text(), v.Kind() == '"')
	if err != nil {
		return compareDate(v, want)
	}
	return got.Truncate(time.Second).Compare(want), true
}

// compareDate orders an answer that is a date in any notation, as far as its order is certain. As in
// [ParseTime], a date without an offset is in UTC; a day alone begins at midnight.
func compareDate(v Value, want time.Time) (order int, comparable bool) {
	d, err := ParsePartialDate(v.Text())
	if err != nil {
		return 0, false
	}
	if day, ok := d.Date(); ok && d.known&timeOfDay == 0 {
		return day.Time().Compare(want), true
	}
	moment, err := PartialDateOfTime(Time{want})
	if err != nil {
		return 0, false
	}
	d = d.Truncate(PrecisionSecond)
	d.zoned = true
	switch d.Compare(moment) {
	case Before:
		return -1, true
	case After:
		return 1, true
	case Same:
		return 0, true
	}
	return 0, false
}

func boolNumber(b bool) int {
	if b {
		return 1
	}
	return 0
}
