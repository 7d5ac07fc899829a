package listing

import (
	"cmp"
	"errors"
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
)

// OfSubject collects the rows that carry a subject's id and those that carry its key, each row
// once and in ascending id. The two are asked for one after the other, because rows can still carry
// the key from before a renaming, or no id. Where a filter cannot say one of them (it names the
// attribute already, it is joined by OR, the key cannot be quoted, or the source refuses the
// attribute) the rows of the filter are all listed once. The caller decides which rows are the
// subject's: what is returned holds them all and may hold others.
func OfSubject[T any](list func(imednet.Filter) iter.Seq2[T, error], base imednet.Filter, resource imednet.Resource, id int64, key string, idOf func(*T) int64) ([]T, error) {
	byID, byKey := imednet.Where("subjectId", imednet.Equal, id), Narrow(base, resource, "subjectKey", key)
	for _, c := range base.Conditions() {
		byID = byID.And(c.Attribute, c.Operator, c.Value)
	}
	if base.IsOr() || byID.Validate(resource) != nil || len(byKey.Conditions()) == len(base.Conditions()) {
		return Collect(list(base))
	}
	var more []T
	rows, err := Collect(list(byKey))
	if err == nil {
		more, err = Collect(list(byID))
	}
	switch {
	case errors.Is(err, imednet.ErrBadRequest) || errors.Is(err, imednet.ErrUnsupportedFilter):
		return Collect(list(base))
	case err != nil:
		return nil, err
	}
	rows = append(rows, more...)
	slices.SortStableFunc(rows, func(a, b T) int { return cmp.Compare(idOf(&a), idOf(&b)) })
	return slices.CompactFunc(rows, func(a, b T) bool { return idOf(&a) == idOf(&b) }), nil
}
