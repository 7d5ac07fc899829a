package expression

import (
	"errors"
	"fmt"
	"math"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Date is a full or partial date in the meaning of the [Host], which decides what dates are and how
// they compare. Its text holds what was collected.
type Date interface {
	String() string
	// Precision names the smallest part that is known, such as "month".
	Precision() string
	// Parts returns year, month and day, 0 for one that is not known.
	Parts() (year, month, day int)
	// Complete reports whether the day is known.
	Complete() bool
	// Compare orders two dates, and reports whether the order is certain.
	Compare(other Date) (order int, certain bool)
	// DaysSince returns the days from other to this date, and whether both days are known.
	DaysSince(other Date) (days int, known bool)
	// AddDays moves a complete date.
	AddDays(n int) (Date, error)
}

// ErrUnknowable is beneath an [*Error] when the dates are too partial for an answer, or the host says
// so: nothing is wrong with the expression.
var ErrUnknowable = errors.New("it cannot be known")

// unknowable is a failure for which the data are to blame, not the expression.
type unknowable string

func (u unknowable) Error() string { return string(u) }
func (unknowable) Unwrap() error   { return ErrUnknowable }

const errNeedsDay = unknowable("the day is not known: test .complete first")

// date is a Date as a value of Starlark.
type date struct{ Date }

func (date) Type() string            { return "date" }
func (date) Freeze()                 {}
func (date) Truth() starlark.Bool    { return true }
func (d date) Hash() (uint32, error) { return starlark.String(d.String()).Hash() }

// dateAttributes are what a date can be asked for. days is for (a - b).days, as Python has it.
var dateAttributes = []string{"year", "month", "day", "precision", "complete", "days"}

func dateAttribute(d date, name string) (starlark.Value, error) {
	year, month, day := d.Parts()
	part, isPart := map[string]int{"year": year, "month": month, "day": day}[name]
	switch {
	case isPart && part == 0:
		return starlark.None, nil
	case isPart:
		return starlark.MakeInt(part), nil
	case name == "precision":
		return starlark.String(d.Precision()), nil
	case name == "complete":
		return starlark.Bool(d.Complete()), nil
	}
	return nil, fmt.Errorf("a date has no %s", name)
}

// dateArithmetic gives days: date - date is a whole number, date ± number a date.
func dateArithmetic(op syntax.Token, x, y starlark.Value) (starlark.Value, error) {
	dx, isDateX := x.(date)
	dy, isDateY := y.(date)
	switch {
	case isDateX && isDateY && op == syntax.MINUS:
		days, ok := dx.DaysSince(dy.Date)
		if !ok {
			return nil, errNeedsDay
		}
		return starlark.MakeInt(days), nil
	case isDateX && (op == syntax.PLUS || op == syntax.MINUS):
		return shiftDate(dx, y, op == syntax.MINUS)
	case isDateY && op == syntax.PLUS:
		return shiftDate(dy, x, false)
	}
	return nil, fmt.Errorf("%s does not work for %s and %s", op, typeOf(x), typeOf(y))
}

const maxDateShift = 400_000 // days; more than a thousand years

func shiftDate(d date, by starlark.Value, back bool) (starlark.Value, error) {
	n, err := starlark.NumberToInt(number(by))
	if err != nil {
		return nil, fmt.Errorf("a date is moved by a number of days, not %s", typeOf(by))
	}
	if f, ok := by.(starlark.Float); ok && float64(f) != math.Trunc(float64(f)) {
		return nil, errors.New("a date is moved by whole days: write int(…) around the number")
	}
	days, ok := n.Int64()
	if !ok || days > maxDateShift || days < -maxDateShift {
		return nil, errors.New("a date is moved by too many days")
	}
	if back {
		days = -days
	}
	if !d.Complete() {
		return nil, errNeedsDay
	}
	moved, err := d.AddDays(int(days))
	return date{moved}, err
}

// toDate reads a date; None and blank text are None.
func (h Host) toDate(v starlark.Value) (starlark.Value, error) {
	switch v := v.(type) {
	case date:
		return v, nil
	case starlark.NoneType:
		return starlark.None, nil
	case starlark.String:
		d, err := h.ParseDate(string(v))
		if err != nil || d == nil {
			return starlark.None, err
		}
		return date{d}, nil
	}
	return nil, fmt.Errorf("date works for text, not for %s", typeOf(v))
}

// dates reads several dates; what is missing is nil.
func (h Host) dates(args starlark.Tuple) ([]Date, error) {
	var list []Date
	for _, arg := range args {
		v, err := h.toDate(arg)
		if err != nil {
			return nil, err
		}
		d, _ := v.(date)
		list = append(list, d.Date)
	}
	return list, nil
}

func (h Host) studyDayOf(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
	d, err := h.dates(args)
	if err != nil {
		return nil, err
	}
	day, ok := h.StudyDay(d[0], d[1])
	if !ok {
		noteOpen(thread)
		return starlark.None, nil
	}
	return starlark.MakeInt(day), nil
}

func (h Host) emergentOf(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
	var within *int
	if len(args) == 4 {
		days, err := starlark.AsInt32(number(args[3]))
		if err != nil || days < 0 {
			return nil, errors.New("treatment_emergent takes a number of days after the end")
		}
		within, args = &days, args[:3]
	}
	d, err := h.dates(args)
	if err != nil {
		return nil, err
	}
	if len(d) == 2 {
		d = append(d, nil)
	}
	emergent, answered := h.Emergent(d[0], d[1], d[2], within)
	if !answered {
		noteOpen(thread)
		return starlark.None, nil
	}
	return starlark.Bool(emergent), nil
}
