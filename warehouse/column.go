package warehouse

import (
	"fmt"
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

func textColumn[T any](name string, get func(*T) string) column[T] {
	return column[T]{name: name, typ: duckdb.TYPE_VARCHAR, put: func(chunk duckdb.DataChunk, col, row int, v *T) error {
		return putText(chunk, col, row, get(v))
	}}
}

func bytesColumn[T any](name string, get func(*T) []byte) column[T] {
	return column[T]{name: name, typ: duckdb.TYPE_BLOB, put: func(chunk duckdb.DataChunk, col, row int, v *T) error {
		return duckdb.SetChunkValue(chunk, col, row, get(v))
	}}
}

func intColumn[T any](name string, get func(*T) int64) column[T] {
	return column[T]{name: name, typ: duckdb.TYPE_BIGINT, put: func(chunk duckdb.DataChunk, col, row int, v *T) error {
		return duckdb.SetChunkValue(chunk, col, row, get(v))
	}}
}

func timeColumn[T any](name string, get func(*T) time.Time) column[T] {
	return column[T]{name: name, typ: duckdb.TYPE_TIMESTAMP, put: func(chunk duckdb.DataChunk, col, row int, v *T) error {
		return duckdb.SetChunkValue(chunk, col, row, get(v))
	}}
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
		return optColumn[T, string](name, index, duckdb.TYPE_VARCHAR), true
	case reflect.TypeFor[imednet.Opt[int64]]():
		return optColumn[T, int64](name, index, duckdb.TYPE_BIGINT), true
	case reflect.TypeFor[imednet.Opt[bool]]():
		return optColumn[T, bool](name, index, duckdb.TYPE_BOOLEAN), true
	case reflect.TypeFor[imednet.Opt[imednet.Time]]():
		return optColumn[T, imednet.Time](name, index, duckdb.TYPE_TIMESTAMP), true
	case reflect.TypeFor[imednet.Opt[imednet.Date]]():
		return optColumn[T, imednet.Date](name, index, duckdb.TYPE_DATE), true
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

func optColumn[T any, S imednet.Scalar](name string, index int, typ duckdb.Type) column[T] {
	return optionalColumn(name, typ, func(v *T) *imednet.Opt[S] { return fieldOf[T, imednet.Opt[S]](v, index) })
}

// optionalColumn writes a member that may be missing: absent and null are NULL, a blank text is ”.
// Rows with misfits were rejected before they get here.
func optionalColumn[T any, S imednet.Scalar](name string, typ duckdb.Type, get func(*T) *imednet.Opt[S]) column[T] {
	put := func(chunk duckdb.DataChunk, col, row int, v *T) error {
		opt := get(v)
		value, ok := opt.Get()
		if !ok && (typ != duckdb.TYPE_VARCHAR || opt.Presence() != imednet.Blank) {
			return putNull(chunk, col, row)
		}
		return putScalar(chunk, col, row, value)
	}
	return column[T]{name: name, typ: typ, put: put, misfit: func(v *T) bool { return get(v).Presence() == imednet.Misfit }}
}

func putScalar[S imednet.Scalar](chunk duckdb.DataChunk, col, row int, value S) error {
	switch value := any(&value).(type) {
	case *string:
		return putText(chunk, col, row, *value)
	case *int64:
		return duckdb.SetChunkValue(chunk, col, row, *value)
	case *bool:
		return duckdb.SetChunkValue(chunk, col, row, *value)
	case *imednet.Time:
		return duckdb.SetChunkValue(chunk, col, row, value.Time)
	case *imednet.Date:
		return duckdb.SetChunkValue(chunk, col, row, value.Time())
	}
	return fmt.Errorf("no column type for %T", value)
}

func putNull(chunk duckdb.DataChunk, col, row int) error {
	return duckdb.SetChunkValue[any](chunk, col, row, nil)
}

// putText replaces bytes that are no UTF-8, which DuckDB would turn into NULL, in what is named as such
// elsewhere: rows are rejected and answers have a kind of their own. Payload columns keep the bytes as they
// arrived.
func putText(chunk duckdb.DataChunk, col, row int, s string) error {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return duckdb.SetChunkValue(chunk, col, row, s)
}
