// Package listing holds what the workflows do with listings: collecting short ones, failing, and
// narrowing a caller's filter.
package listing

import (
	"cmp"
	"iter"
	"math"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// Collect reads a whole listing; only for those whose size is the study's design or one subject.
// With an error it returns the rows that came before it.
func Collect[T any](rows iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for row, err := range rows {
		if err != nil {
			return all, err
		}
		all = append(all, row)
	}
	return all, nil
}

// Failed is a listing that ends at once with err.
func Failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}

// Narrow adds attribute==value to a filter where the API allows it: not to a filter joined by OR,
// not a second time for the same attribute, and not a value that no filter can hold. Callers
// apply the condition to the rows as well, so that it holds in every case.
func Narrow(f imednet.Filter, resource imednet.Resource, attribute, value string) imednet.Filter {
	if f.IsOr() || Names(f, attribute) {
		return f
	}
	if imednet.Where(attribute, imednet.Equal, value).Validate(resource) != nil {
		return f
	}
	return f.And(attribute, imednet.Equal, value)
}

// Refuse is a validation error when the caller's filter names an attribute that the workflow
// itself sets.
func Refuse(f imednet.Filter, attribute, why string) error {
	if !Names(f, attribute) {
		return nil
	}
	return &imednet.ValidationError{What: "filter", Problems: []imednet.Problem{{Path: attribute, Message: why}}}
}

// Names reports whether a filter names the attribute.
func Names(f imednet.Filter, attribute string) bool {
	for _, c := range f.Conditions() {
		if c.Attribute == attribute {
			return true
		}
	}
	return false
}

// EncodeRows writes the rows of a listing. It never returns nil, so that an empty list is [] in
// JSON.
func EncodeRows[T any](rows []T, encode func(T) (jsontext.Value, error)) ([]jsontext.Value, error) {
	out := make([]jsontext.Value, 0, len(rows))
	for _, row := range rows {
		raw, err := encode(row)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

// CompareSequence orders rows of a design by their sequence, those without one last.
func CompareSequence(a, b imednet.Opt[int64]) int {
	return cmp.Compare(a.Or(math.MaxInt64), b.Or(math.MaxInt64))
}
