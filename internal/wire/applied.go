package wire

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// checkStudy fails at a row that says it belongs to another study than was asked for. Servers may write
// the key in another case than it was asked in.
func checkStudy(asked string, told imednet.Opt[string]) error {
	key := strings.TrimSpace(told.Or(""))
	if asked == "" || key == "" || strings.EqualFold(key, strings.TrimSpace(asked)) {
		return nil
	}
	return errors.New("the row is of another study")
}

// toCheck returns the conditions of a question that a row can be seen to break: comparisons with a whole
// number or an instant, and whether it equals a text or a boolean. All of them must hold, so there are none
// for an Or. The lower bound of the rows' own id is checked with the order of the ids.
func toCheck(resource imednet.Resource, ask Ask) (conditions []imednet.Condition) {
	if ask.Filter.IsOr() {
		return nil
	}
	for _, c := range ask.Filter.Conditions() {
		bound := ask.From > 0 && c.Attribute == resource.ID() && (c.Operator == imednet.Greater || c.Operator == imednet.GreaterOrEqual)
		_, number := wholeNumber(c.Value)
		_, instant := instantOf(c.Value)
		if !bound && (number || instant || c.Operator == imednet.Equal || c.Operator == imednet.NotEqual) {
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
	if at, instant := instantOf(c.Value); instant {
		return isFarFrom(v, c, at)
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
		if c.Operator == imednet.NotEqual {
			return v.Kind() == '"' && v.Text() == want
		}
		return v.Kind() == '"' && !strings.EqualFold(strings.TrimSpace(v.Text()), strings.TrimSpace(want))
	}
	return false
}

// holds applies one condition as filters are applied locally.
func holds(v imednet.Value, c imednet.Condition) bool {
	return imednet.Where(c.Attribute, c.Operator, c.Value).Match(func(string) (imednet.Value, bool) { return v, true })
}

// farFrom is further than the time zones of two readers can be apart.
const farFrom = 24 * time.Hour

// isFarFrom reports whether an instant breaks a condition whatever time zone the server means: the API
// documents UTC, but a listing need not fail where a server sees it otherwise.
func isFarFrom(v imednet.Value, c imednet.Condition, at time.Time) bool {
	early := holds(v, imednet.Condition{Attribute: c.Attribute, Operator: imednet.Less, Value: at.Add(-farFrom)})
	late := holds(v, imednet.Condition{Attribute: c.Attribute, Operator: imednet.Greater, Value: at.Add(farFrom)})
	switch c.Operator {
	case imednet.Greater, imednet.GreaterOrEqual:
		return early
	case imednet.Less, imednet.LessOrEqual:
		return late
	case imednet.Equal:
		return early || late
	}
	return false
}

func instantOf(v any) (time.Time, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case imednet.Time:
		return v.Time, true
	case imednet.Date:
		return v.Time(), true
	}
	return time.Time{}, false
}

func wholeNumber(v any) (int64, bool) {
	if _, text := v.(string); text {
		return 0, false
	}
	return integer(v)
}
