package rest

import (
	"math"
	"strconv"

	"github.com/imednetgo/imednet"
)

// span is the range of ids that a listing wants, taken from the caller's condition on the id, and
// the conditions that remain.
type span struct {
	low, high int64 // inclusive
	except    int64 // an id that is not wanted; 0 is none
	others    imednet.Filter
}

func (s span) has(id int64) bool { return id >= s.low && id <= s.high && id != s.except }

// span splits the caller's filter, and reports whether the listing can be read by key: rows
// have a numeric id, come in its ascending order, and all conditions must hold.
func (l *listing[T]) span() (span, bool) {
	s := span{low: 1, high: math.MaxInt64}
	if !l.risingIDs() || l.opts.Filter.IsOr() {
		return s, false
	}
	id := l.kind.resource.ID()
	for _, c := range l.opts.Filter.Conditions() {
		if c.Attribute != id {
			s.others = s.others.And(c.Attribute, c.Operator, c.Value)
		} else if !s.narrow(c) {
			return s, false
		}
	}
	return s, true
}

// risingIDs reports whether rows come in ascending numeric id.
func (l *listing[T]) risingIDs() bool {
	if sort := l.opts.Sort; len(sort) > 0 && (sort[0].Property != l.kind.resource.ID() || sort[0].Descending) {
		return false
	}
	return l.kind.resource != imednet.Studies && l.kind.resource != imednet.Users
}

// narrow applies a condition on the id and reports whether it could.
func (s *span) narrow(c imednet.Condition) bool {
	id, ok := integer(c.Value)
	if !ok {
		return false
	}
	switch c.Operator {
	case imednet.Greater:
		if id == math.MaxInt64 {
			return false
		}
		s.low = max(s.low, id+1)
	case imednet.GreaterOrEqual:
		s.low = max(s.low, id)
	case imednet.Less:
		if id == math.MinInt64 {
			return false
		}
		s.high = id - 1
	case imednet.LessOrEqual:
		s.high = id
	case imednet.Equal:
		s.low, s.high = id, id
	case imednet.NotEqual:
		s.except = id
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
