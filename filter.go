package imednet

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/imednetgo/imednet/internal/shown"
)

// Operator compares an attribute with a value.
type Operator string

// The operators of the API (API contract, section 7.1). Contains is valid only in recordDataFilter;
// it takes a regular expression and ignores case.
const (
	Equal          Operator = "=="
	NotEqual       Operator = "!="
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
	Contains       Operator = "=~"
)

// Condition is one comparison of a filter.
type Condition struct {
	Attribute string
	Operator  Operator
	Value     any // string, bool, int, int64, float64, Number, time.Time, Time, Date or NoValue; text for Contains
}

// NoValue as the value of a condition stands for no value: Equal selects the rows that have none (absent, null or
// blank text), NotEqual those that have one. The API cannot be asked for it, so such a condition is applied here
// (see [Filter.Split]), and a client that only sends filters refuses it.
type NoValue struct{}

// Filter selects rows on the server. It is a value: [Filter.And] and [Filter.Or] return a new one.
// The zero value selects everything. A filter is checked by [Filter.Encode] and [Filter.Validate];
// every client checks it before it sends anything.
type Filter struct {
	conditions []Condition
	or         bool // conditions are joined by OR
	mixed      bool // And and Or were mixed: invalid
}

// Where starts a filter with one condition, as in Where("formKey", imednet.Equal, "AE").
func Where(attribute string, op Operator, value any) Filter {
	return Filter{conditions: []Condition{{attribute, op, value}}}
}

// And returns the filter with one more condition. All of its conditions must hold.
func (f Filter) And(attribute string, op Operator, value any) Filter {
	return f.with(Condition{attribute, op, value}, false)
}

// Or returns the filter with one more condition. At least one of its conditions must hold. A filter
// that mixes And and Or is invalid, because the API does not document how it groups them.
func (f Filter) Or(attribute string, op Operator, value any) Filter {
	return f.with(Condition{attribute, op, value}, true)
}

func (f Filter) with(c Condition, or bool) Filter {
	mixed := f.mixed || len(f.conditions) > 1 && f.or != or
	return Filter{conditions: append(slices.Clip(f.conditions), c), or: or, mixed: mixed}
}

// IsZero reports whether the filter selects everything.
func (f Filter) IsZero() bool { return len(f.conditions) == 0 }

// Conditions returns a copy of the conditions in order.
func (f Filter) Conditions() []Condition { return slices.Clone(f.conditions) }

// IsOr reports whether the conditions are joined by Or.
func (f Filter) IsOr() bool { return f.or && len(f.conditions) > 1 }

// Validate checks the filter for a listing of resource: every attribute belongs to the resource and
// occurs at most once, operators are known, and values are of a known type and can be quoted. The
// error is a *[ValidationError] with every problem; it does not repeat values.
func (f Filter) Validate(resource Resource) error {
	_, err := f.Encode(resource)
	return err
}

// Encode checks the filter and returns it as the API's filter parameter, without percent-encoding.
// The zero filter gives "".
func (f Filter) Encode(resource Resource) (string, error) {
	return f.encode("filter", onceEach(ofRows(resource)))
}

// ofRows names what is wrong with a condition on the rows of a resource.
func ofRows(resource Resource) func(Condition) string {
	return func(c Condition) string {
		if c.Operator == Contains {
			return "operator =~ works in a recordDataFilter only"
		}
		if resource == Users {
			return "the API cannot filter users"
		}
		if _, known := attributes[resource][c.Attribute]; !known {
			near := shown.DidYouMean(c.Attribute, slices.Sorted(maps.Keys(attributes[resource])))
			return fmt.Sprintf("%s have no attribute of this name; names are case-sensitive, as in the row's JSON%s", resource, near)
		}
		return ""
	}
}

// EncodeRecordData checks the filter and returns it as the API's recordDataFilter parameter;
// attributes are variable names.
func (f Filter) EncodeRecordData() (string, error) {
	return f.encode("recordDataFilter", onceEach(anything))
}

// anything is no problem: variables are the study's own.
func anything(Condition) string { return "" }

// onceEach adds to a check that an attribute stands in a filter once.
func onceEach(check func(Condition) string) func(Condition) string {
	seen := map[string]bool{}
	return func(c Condition) string {
		again := seen[c.Attribute]
		seen[c.Attribute] = true
		problem := check(c)
		if problem == "" && again {
			return "the API accepts an attribute once per filter; send one bound and apply the other yourself"
		}
		return problem
	}
}

// ValidateAnswers checks a filter over variables that [Filter.MatchAnswers] is to apply: as
// [Filter.EncodeRecordData] does, except that texts that cannot be sent and several conditions on a variable are
// valid, and that every regular expression is in Go's syntax (RE2). Without this check an expression in another
// syntax matches nothing.
func (f Filter) ValidateAnswers() error {
	if _, err := f.withSendableTexts().encode("recordDataFilter", anything); err != nil {
		return err
	}
	var problems []Problem
	for _, c := range f.conditions {
		if c.Operator != Contains {
			continue
		}
		if _, err := containsPattern(c.Value); err != nil {
			problems = append(problems, Problem{Path: c.Attribute, Message: "the value is no regular expression in Go's syntax (RE2)"})
		}
	}
	if len(problems) > 0 {
		return &ValidationError{What: "recordDataFilter", Problems: problems}
	}
	return nil
}

func (f Filter) encode(what string, check func(Condition) string) (string, error) {
	var problems []Problem
	if f.mixed {
		problems = append(problems, Problem{Message: "And and Or cannot be mixed; filter the second part yourself"})
	}
	terms := make([]string, 0, len(f.conditions))
	for _, c := range f.conditions {
		term, problem := encodeCondition(c)
		if problem == "" {
			problem = check(c)
		}
		if problem != "" {
			problems = append(problems, Problem{Path: c.Attribute, Message: problem})
		}
		terms = append(terms, term)
	}
	if len(problems) > 0 {
		return "", &ValidationError{What: what, Problems: problems}
	}
	separator := ";"
	if f.or {
		separator = ","
	}
	return strings.Join(terms, separator), nil
}

func encodeCondition(c Condition) (term, problem string) {
	if c.Attribute == "" || strings.Trim(c.Attribute, attributeCharacters) != "" {
		return "", "an attribute is a name of letters, digits, _, . and -"
	}
	if !slices.Contains([]Operator{Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Contains}, c.Operator) {
		return "", fmt.Sprintf("unknown operator %q", string(c.Operator))
	}
	if _, text := c.Value.(string); c.Operator == Contains && !text {
		return "", "operator =~ takes a regular expression, which is text"
	}
	if _, blank := c.Value.(NoValue); blank && c.Operator != Equal && c.Operator != NotEqual {
		return "", "operator " + string(c.Operator) + " takes a value; with no value only == and != compare"
	}
	value, problem := encodeFilterValue(c.Value)
	return c.Attribute + string(c.Operator) + value, problem
}

const attributeCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"

// encodeFilterValue renders a value as the contract's section 7.1 has it: dates bare, booleans
// in lower case, text outside [A-Za-z0-9_.-] in double quotes.
func encodeFilterValue(v any) (text, problem string) {
	switch v := v.(type) {
	case string:
		return quoteFilterText(v)
	case bool:
		return strconv.FormatBool(v), ""
	case int:
		return strconv.Itoa(v), ""
	case int64:
		return strconv.FormatInt(v, 10), ""
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", "the value is not a finite number"
		}
		return strconv.FormatFloat(v, 'f', -1, 64), ""
	case Number:
		if v == (Number{}) {
			return "", "the value is no number"
		}
		return quoteFilterText(v.String())
	case time.Time:
		return encodeInstant(NewTime(v))
	case Time:
		return encodeInstant(v)
	case Date:
		if _, err := ParseDate(v.String()); err != nil {
			return "", "the value is not a calendar date"
		}
		return v.String(), ""
	case NoValue:
		return "", "the API cannot compare with nothing; filter it yourself"
	case nil:
		return "", "the value is nil; the API cannot compare with nothing"
	}
	return "", fmt.Sprintf("a value of type %T cannot be sent", v)
}

func encodeInstant(t Time) (text, problem string) {
	if t.IsZero() {
		return "", "the time is zero"
	}
	return t.Filter(), ""
}

func quoteFilterText(s string) (text, problem string) {
	switch {
	case s == "":
		return "", "the value is empty; the API cannot compare with nothing"
	case strings.Trim(s, attributeCharacters) == "":
		return s, ""
	case strings.ContainsAny(s, "\"\\"):
		return "", "the value holds a quote or backslash, for which the API documents no escape; filter it yourself"
	case strings.ContainsFunc(s, unicode.IsControl) || !utf8.ValidString(s):
		return "", "the value holds a control character or is not valid UTF-8"
	}
	return `"` + s + `"`, ""
}
