package warehouse

import (
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/standardnames"
)

// names joins the columns' names for a statement. They are ours and need no quoting.
func names[T any](columns []column[T]) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.name
	}
	return strings.Join(all, ", ")
}

// valueColumn is a column that is never NULL.
func valueColumn[V, T any](name string, typ duckdb.Type, get func(*T) V) column[T] {
	return column[T]{name: name, typ: typ, of: newValues[V], add: func(to vector, row *T) { to.(*values[V]).add(get(row)) }}
}

func textColumn[T any](name string, get func(*T) string) column[T] {
	return valueColumn(name, duckdb.TYPE_VARCHAR, func(row *T) string { return unicode(get(row)) })
}

func bytesColumn[T any](name string, get func(*T) []byte) column[T] {
	return valueColumn(name, duckdb.TYPE_BLOB, get)
}

func intColumn[T any](name string, get func(*T) int64) column[T] {
	return valueColumn(name, duckdb.TYPE_BIGINT, get)
}

func timeColumn[T any](name string, get func(*T) time.Time) column[T] {
	return valueColumn(name, duckdb.TYPE_TIMESTAMP, get)
}

// modelColumns makes a column of every scalar member of an API model: recordOid becomes
// record_oid, or what rename says. Lists and recordData are left to the payload, the study key to
// the caller, who knows it even where a row does not say it.
func modelColumns[T any](rename map[string]string) []column[T] {
	var columns []column[T]
	model := reflect.TypeFor[T]()
	for i := range model.NumField() {
		field := model.Field(i)
		wire, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if wire == "" || wire == "studyKey" {
			continue
		}
		name, ok := rename[wire]
		if !ok {
			name = standardnames.Snake(wire) // recordRevisionId → record_revision_id
		}
		if c, ok := fieldColumn[T](name, i, field.Type); ok {
			columns = append(columns, c)
		}
	}
	return columns
}

func fieldColumn[T any](name string, index int, typ reflect.Type) (column[T], bool) {
	switch typ {
	case reflect.TypeFor[imednet.Opt[string]]():
		return textMember(name, optOf[T, string](index)), true
	case reflect.TypeFor[imednet.Opt[int64]]():
		return intMember(name, optOf[T, int64](index)), true
	case reflect.TypeFor[imednet.Opt[bool]]():
		return boolMember(name, optOf[T, bool](index)), true
	case reflect.TypeFor[imednet.Opt[imednet.Time]]():
		return timeMember(name, optOf[T, imednet.Time](index)), true
	case reflect.TypeFor[imednet.Opt[imednet.Date]]():
		return dateMember(name, optOf[T, imednet.Date](index)), true
	case reflect.TypeFor[int64]():
		return intColumn(name, func(v *T) int64 { return *fieldOf[T, int64](v, index) }), true
	case reflect.TypeFor[string]():
		return textColumn(name, func(v *T) string { return *fieldOf[T, string](v, index) }), true
	}
	return column[T]{}, false
}

func fieldOf[T, F any](v *T, index int) *F {
	return reflect.ValueOf(v).Elem().Field(index).Addr().Interface().(*F)
}

func optOf[T any, S imednet.Scalar](index int) func(*T) *imednet.Opt[S] {
	return func(v *T) *imednet.Opt[S] { return fieldOf[T, imednet.Opt[S]](v, index) }
}

func textMember[T any](name string, get func(*T) *imednet.Opt[string]) column[T] {
	return member(name, duckdb.TYPE_VARCHAR, get, unicode)
}

func intMember[T any](name string, get func(*T) *imednet.Opt[int64]) column[T] {
	return member(name, duckdb.TYPE_BIGINT, get, func(n int64) int64 { return n })
}

func boolMember[T any](name string, get func(*T) *imednet.Opt[bool]) column[T] {
	return member(name, duckdb.TYPE_BOOLEAN, get, func(b bool) bool { return b })
}

func timeMember[T any](name string, get func(*T) *imednet.Opt[imednet.Time]) column[T] {
	return member(name, duckdb.TYPE_TIMESTAMP, get, func(t imednet.Time) time.Time { return t.Time })
}

func dateMember[T any](name string, get func(*T) *imednet.Opt[imednet.Date]) column[T] {
	return member(name, duckdb.TYPE_DATE, get, imednet.Date.Time)
}

// member is a column of a member that may be missing: absent and null are NULL, a blank text is ”.
// Rows with misfits were rejected before they get here.
func member[T any, S imednet.Scalar, V any](name string, typ duckdb.Type, get func(*T) *imednet.Opt[S], as func(S) V) column[T] {
	add := func(to vector, row *T) {
		opt := get(row)
		value, ok := opt.Get()
		if ok || typ == duckdb.TYPE_VARCHAR && opt.Presence() == imednet.Blank {
			to.(*values[V]).add(as(value))
			return
		}
		to.(*values[V]).addNull()
	}
	return column[T]{name: name, typ: typ, of: newValues[V], add: add, misfit: func(v *T) bool { return get(v).Presence() == imednet.Misfit }}
}

// unicode replaces bytes that are no UTF-8, which DuckDB would turn into NULL, in what is named as such
// elsewhere: rows are rejected and answers have a kind of their own. Payload columns keep the bytes as they
// arrived.
func unicode(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
