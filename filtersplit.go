package imednet

import (
	"reflect"
	"slices"
)

// Split parts a filter into what a server can be asked for and what it cannot, because the API documents no way
// to write a text with a quote, a backslash or a control character, or no value ([NoValue]), and accepts one condition
// on an attribute. The rows that the filter selects are those of a listing by asked for which kept holds as well, by
// [MatchRow], [Filter.MatchRecord] or [Filter.MatchAnswers]. Of alternatives (Or) all are kept if one is. Check the filter by
// [Filter.ValidateLocal] or [Filter.ValidateAnswers] first.
func (f Filter) Split() (asked, kept Filter) {
	asked, kept = f, f
	asked.conditions, kept.conditions = nil, nil
	for _, c := range f.conditions {
		if holdsUnsendable(c) || asked.mentions(c.Attribute) {
			kept.conditions = append(kept.conditions, c)
		} else {
			asked.conditions = append(asked.conditions, c)
		}
	}
	if f.or && len(kept.conditions) > 0 {
		return Filter{}, f
	}
	return asked, kept
}

// mentions reports whether the filter has a condition on an attribute.
func (f Filter) mentions(attribute string) bool {
	return slices.ContainsFunc(f.conditions, func(c Condition) bool { return c.Attribute == attribute })
}

// ValidateLocal is [Filter.Validate] for a filter that is split before a listing: texts that cannot be sent and
// several conditions on an attribute are valid.
func (f Filter) ValidateLocal(resource Resource) error {
	_, err := f.withSendableTexts().encode("filter", ofRows(resource))
	return err
}

// withSendableTexts stands for the filter where only its names, operators and types are checked.
func (f Filter) withSendableTexts() Filter {
	f.conditions = slices.Clone(f.conditions)
	for i, c := range f.conditions {
		if holdsUnsendable(c) {
			f.conditions[i].Value = "x"
		}
	}
	return f
}

// holdsUnsendable reports whether a condition's value is one that no filter can hold: no value, or such a text.
func holdsUnsendable(c Condition) bool {
	if _, blank := c.Value.(NoValue); blank {
		return c.Operator == Equal || c.Operator == NotEqual
	}
	text, ok := c.Value.(string)
	if !ok || text == "" {
		return false
	}
	_, problem := quoteFilterText(text)
	return problem != ""
}

// MatchRow applies the filter to a row's own attributes, as [Filter.Match] does.
func MatchRow[T any, P modelOf[T]](f Filter, row P) bool {
	if f.IsZero() {
		return true
	}
	fields, value := modelShapes[reflect.TypeFor[T]()].index, reflect.ValueOf(row).Elem()
	return f.Match(func(attribute string) (Value, bool) {
		i, ok := fields[attribute]
		if !ok {
			return Value{}, false
		}
		return scalarValue(value.Field(i).Addr().Interface())
	})
}
