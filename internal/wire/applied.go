package wire

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// toCheck returns the conditions of a question that a row can be seen to break: comparisons with a whole
// number, and equality with text or a boolean. All of them must hold, so there are none for an Or. The lower
// bound of the rows' own id is checked with the order of the ids.
func toCheck(resource imednet.Resource, ask Ask) (conditions []imednet.Condition) {
	if ask.Filter.IsOr() {
		return nil
	}
	for _, c := range ask.Filter.Conditions() {
		bound := ask.From > 0 && c.Attribute == resource.ID() && (c.Operator == imednet.Greater || c.Operator == imednet.GreaterOrEqual)
		_, number := wholeNumber(c.Value)
		if !bound && (number || c.Operator == imednet.Equal) {
			conditions = append(conditions, c)
		}
	}
	return conditions
}

// checkApplied fails at a row that certainly breaks a condition: the server did not apply the filter.
func checkApplied(conditions []imednet.Condition, raw jsontext.Value) error {
	if len(conditions) == 0 {
		return nil
	}
	members, err := imednet.NewRecordData(raw)
	if err != nil {
		return nil // the row was decoded, so this cannot be judged
	}
	for _, c := range conditions {
		if v, ok := members.Get(c.Attribute); ok && !v.Missing() && breaks(v, c) {
			return fmt.Errorf("the server did not apply the filter: a row does not satisfy its condition on %s", c.Attribute)
		}
	}
	return nil
}

// breaks reports whether a value that is there breaks a condition in every reading of it: servers may
// compare text without regard to case and to blanks around it.
func breaks(v imednet.Value, c imednet.Condition) bool {
	if _, whole := wholeNumber(c.Value); whole {
		_, number := v.Number()
		return number && !holds(v, c)
	}
	switch want := c.Value.(type) {
	case bool:
		kind := v.Kind()
		return (kind == 't' || kind == 'f') && !holds(v, c)
	case string:
		if v.Kind() == '0' {
			_, number := imednet.ParseNumber(want)
			return number && !holds(v, c)
		}
		return v.Kind() == '"' && !strings.EqualFold(strings.TrimSpace(v.Text()), strings.TrimSpace(want))
	}
	return false
}

// holds applies one condition as filters are applied locally.
func holds(v imednet.Value, c imednet.Condition) bool {
	return imednet.Where(c.Attribute, c.Operator, c.Value).Match(func(string) (imednet.Value, bool) { return v, true })
}

func wholeNumber(v any) (int64, bool) {
	if _, text := v.(string); text {
		return 0, false
	}
	return integer(v)
}
