package extraction

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/expression"
)

// CheckExpression compiles a businessLogic expression without running it. The error states the
// line, the column, the problem and, for unsupported Python, an alternative.
func CheckExpression(source string) error {
	_, err := newCompiler(dateReader{}).Compile(source)
	return err
}

func newCompiler(dates dateReader) *expression.Compiler {
	return expression.NewCompiler(expression.Host{
		IsField: func(name string) bool {
			_, ok := recordFields[wireName(name)]
			return ok
		},
		ParseDate: func(text string) (expression.Date, error) {
			d, err := dates.read(text)
			if err != nil || d.IsZero() {
				return nil, err
			}
			return exprDate{date: d}, nil
		},
		StudyDay: func(d, reference expression.Date) (int, bool) {
			return partialDate(d).StudyDay(partialDate(reference))
		},
		Emergent: func(start, from, until expression.Date, withinDays *int) (emergent, answered bool) {
			return TreatmentEmergent(partialDate(start), Treatment{Start: partialDate(from), End: partialDate(until), WithinDays: withinDays}).Bool()
		},
	})
}

// exprDate is a imednet.PartialDate in an expression.
type exprDate struct {
	date imednet.PartialDate
	text string // how it is shown; "" is the date's own text
}

// partialDate is the way back; nil is no date.
func partialDate(d expression.Date) imednet.PartialDate {
	own, _ := d.(exprDate)
	return own.date
}

func (d exprDate) String() string {
	if d.text != "" {
		return d.text
	}
	return d.date.String()
}

func (d exprDate) Precision() string { return string(d.date.Precision()) }

func (d exprDate) Complete() bool {
	_, ok := d.date.Date()
	return ok
}

func (d exprDate) Parts() (year, month, day int) {
	year, _ = d.date.Year()
	m, _ := d.date.Month()
	day, _ = d.date.Day()
	return year, int(m), day
}

// Compare compares moments where both hours are known, and otherwise calendar days.
func (d exprDate) Compare(other expression.Date) (order int, certain bool) {
	switch inOrder(d.date, partialDate(other)) {
	case imednet.Before:
		return -1, true
	case imednet.Same:
		return 0, true
	case imednet.After:
		return 1, true
	}
	return 0, false
}

func (d exprDate) DaysSince(other expression.Date) (days int, known bool) {
	return d.date.DaysSince(partialDate(other))
}

func (d exprDate) AddDays(n int) (expression.Date, error) {
	moved, ok := d.date.Truncate(imednet.PrecisionDay).AddDays(n)
	if !ok {
		return nil, imednet.ErrNoSuchDate
	}
	return exprDate{date: moved}, nil
}

// toExpression hands a value to an expression.
func toExpression(v CanonicalValue) (expression.Value, error) {
	switch v.kind {
	case KindText:
		return expression.Text(v.text), nil
	case KindBool:
		return expression.Bool(v.text == "true"), nil
	case KindDate:
		d, err := imednet.ParsePartialDate(v.text)
		return expression.Day(exprDate{date: d}), err
	case KindNumber:
		return numberToExpression(v.text)
	case KindJSON:
		return jsonToExpression(jsontext.Value(v.text))
	}
	return expression.Value{}, nil
}

func numberToExpression(text string) (expression.Value, error) {
	if whole, ok := expression.Whole(text); ok {
		return whole, nil
	}
	n, ok := imednet.ParseNumber(text)
	f, accuracy := n.Float64()
	if !ok || accuracy == imednet.Overflow {
		return expression.Value{}, errors.New("the number is out of range")
	}
	return expression.Float(f), nil
}

var (
	lenientJSON   = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	errUnreadable = errors.New("the JSON of the answer cannot be read")
)

// jsonToExpression turns an array or object into lists and dicts, as Python's json does.
func jsonToExpression(raw jsontext.Value) (expression.Value, error) {
	switch raw.Kind() {
	case '[':
		var items []jsontext.Value
		if err := json.Unmarshal(raw, &items, lenientJSON); err != nil {
			return expression.Value{}, errUnreadable
		}
		list := make([]expression.Value, len(items))
		for i, item := range items {
			v, err := jsonToExpression(item)
			if err != nil {
				return expression.Value{}, err
			}
			list[i] = v
		}
		return expression.List(list), nil
	case '{':
		data, err := imednet.NewRecordData(raw)
		if err != nil {
			return expression.Value{}, errUnreadable
		}
		var keys []string
		var values []expression.Value
		for name, item := range data.All() {
			v, err := jsonToExpression(item.Raw())
			if err != nil {
				return expression.Value{}, err
			}
			keys, values = append(keys, name), append(values, v)
		}
		return expression.Dict(keys, values), nil
	}
	return toExpression(valueOf(imednet.NewValue(raw)))
}

// fromExpression takes over what an expression returned. A number that is still the one that went
// in keeps its own digits.
func fromExpression(x expression.Value, before CanonicalValue) (CanonicalValue, error) {
	if text, ok := x.Text(); ok {
		return TextValue(text), nil
	}
	result, err := x.Scalar()
	if err != nil {
		return CanonicalValue{}, err
	}
	switch result := result.(type) {
	case bool:
		return FlagValue(imednet.YesNoOf(result)), nil
	case expression.Date:
		return DateValue(partialDate(result)), nil
	case expression.Number:
		if before.kind == KindNumber {
			if same, err := toExpression(before); err == nil && same == x {
				return before, nil
			}
		}
		return CanonicalValue{KindNumber, string(result)}, nil
	}
	return CanonicalValue{}, nil
}
