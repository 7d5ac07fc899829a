package wire

import (
	"math"
	"strconv"

	"github.com/imednetgo/imednet"
)

// Span is the range of ids that a listing wants, taken from the caller's condition on the id, and
// the conditions that remain.
type Span struct {
	Low, High int64 // inclusive
	Except    int64 // an id that is not wanted; 0 is none
	Others    imednet.Filter
}

// Has reports whether an id is wanted.
func (s Span) Has(id int64) bool { return id >= s.Low && id <= s.High && id != s.Except }

// SpanOf splits the caller's filter, and reports whether the listing can be read by key: rows
// have a numeric id, come in its ascending order, and all conditions must hold.
func SpanOf(resource imednet.Resource, opts imednet.ListOptions) (Span, bool) {
	s := Span{Low: 1, High: math.MaxInt64}
	if !Rising(resource, opts.Sort) || opts.Filter.IsOr() {
		return s, false
	}
	id := resource.ID()
	for _, c := range opts.Filter.Conditions() {
		if c.Attribute != id {
			s.Others = s.Others.And(c.Attribute, c.Operator, c.Value)
		} else if !s.narrow(c) {
			return s, false
		}
	}
	return s, true
}

// Rising reports whether rows in this order come in ascending numeric id.
func Rising(resource imednet.Resource, sort []imednet.SortKey) bool {
	if len(sort) > 0 && (sort[0].Property != resource.ID() || sort[0].Descending) {
		return false
	}
	return resource != imednet.Studies && resource != imednet.Users
}

// narrow applies a condition on the id and reports whether it could.
func (s *Span) narrow(c imednet.Condition) bool {
	id, ok := integer(c.Value)
	if !ok {
		return false
	}
	switch c.Operator {
	case imednet.Greater:
		if id == math.MaxInt64 {
			return false
		}
		s.Low = max(s.Low, id+1)
	case imednet.GreaterOrEqual:
		s.Low = max(s.Low, id)
	case imednet.Less:
		if id == math.MinInt64 {
			return false
		}
		s.High = id - 1
	case imednet.LessOrEqual:
		s.High = id
	case imednet.Equal:
		s.Low, s.High = id, id
	case imednet.NotEqual:
		s.Except = id
	default:
		return false
	}
	return true
}

func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}
