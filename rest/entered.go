package rest

import (
	"reflect"
	"time"

	"github.com/imednetgo/imednet"
)

// cameAfter reports whether a row may have come into the listing only after an instant: it was created
// since, or changed since where the caller's filter has conditions other than on the id, which the
// row may have begun to satisfy. A listing does not owe such a row.
func (l *listing[T]) cameAfter(row *T, start time.Time) bool {
	if start.IsZero() {
		return false
	}
	dates := []string{"DateCreated"}
	if l.selects() {
		dates = append(dates, "DateModified")
	}
	for _, name := range dates {
		if at := dateOf(row, name); !at.IsZero() && !at.Before(start.Truncate(time.Second)) {
			return true
		}
	}
	return false
}

// selects reports whether a change of a row can bring it into the listing.
func (l *listing[T]) selects() bool {
	for _, c := range l.opts.Filter.Conditions() {
		if c.Attribute != l.kind.Resource.ID() {
			return true
		}
	}
	return !l.opts.RecordDataFilter.IsZero()
}

// dateOf returns a date of a row, or zero where rows of its kind have none.
func dateOf(row any, field string) time.Time {
	v := reflect.ValueOf(row)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	f := v.FieldByName(field)
	if !f.IsValid() {
		return time.Time{}
	}
	switch at := f.Interface().(type) {
	case imednet.Time:
		return at.Time
	case imednet.Opt[imednet.Time]:
		return at.Or(imednet.Time{}).Time
	}
	return time.Time{}
}
