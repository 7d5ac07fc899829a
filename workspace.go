package imednet

import (
	"hash/maphash"
	"math/bits"
	"reflect"
	"sync"
)

// workspace reads rows of one model, one over the other: what a row has in common with the one before is not written again.
type workspace struct {
	shape      *modelShape
	words      vocabulary
	days       calendar
	row        model
	fields     []any  // pointers to its members
	others     []any  // those of them that are no Opt
	seen       uint64 // the fields that the row at hand has
	misfit     bool   // one of them does not fit its type
	end        int    // where the value of the current member ends
	answersEnd int    // where recordData ends
}

func newWorkspace(row model, shape *modelShape) *workspace {
	w := &workspace{shape: shape, row: row, fields: row.fields(nil)}
	for _, field := range w.fields {
		switch field.(type) {
		case *Opt[string], *Opt[int64], *Opt[Time], *Opt[bool], *Opt[Date]:
		default:
			w.others = append(w.others, field)
		}
	}
	return w
}

// empty empties all fields.
func (w *workspace) empty() {
	w.letGo()
	w.seen = 0
	w.emptyMissing()
}

// letGo empties the fields that share the memory of the row that was read, and those that a row may leave as they were. It is
// needed between two rows.
func (w *workspace) letGo() {
	*w.row.row() = Row{}
	for _, field := range w.others {
		switch field := field.(type) {
		case *int64:
			*field = 0
		case *string:
			*field = ""
		case *RecordData:
			field.raw = nil
		case *[]Keyword:
			*field = nil
		default:
			reflect.ValueOf(field).Elem().SetZero()
		}
	}
}

// emptyMissing empties the other fields, which a row writes whole, unless the row at hand has them.
func (w *workspace) emptyMissing() {
	for missing := uint64(1)<<len(w.fields) - 1 - w.seen; missing != 0; missing &= missing - 1 {
		switch field := w.fields[bits.TrailingZeros64(missing)].(type) {
		case *Opt[string]:
			*field = Opt[string]{}
		case *Opt[int64]:
			*field = Opt[int64]{}
		case *Opt[Time]:
			*field = Opt[Time]{}
		case *Opt[bool]:
			*field = Opt[bool]{}
		case *Opt[Date]:
			*field = Opt[Date]{}
		}
	}
}

// vocabulary remembers texts, so that those which many rows have in common are made once: keys of studies, forms
// and subjects, kinds and statuses. A nil vocabulary remembers nothing.
type vocabulary [512]string

// vocabularies are those of goroutines that are done.
var vocabularies = sync.Pool{New: func() any { return new(vocabulary) }}

// longestWord is the length in bytes of what is remembered.
const longestWord = 64

var vocabularySeed = maphash.MakeSeed()

// text returns b as a string.
func (v *vocabulary) text(b []byte) string {
	if v == nil || len(b) > longestWord {
		return string(b)
	}
	place := &v[maphash.Bytes(vocabularySeed, b)%uint64(len(v))]
	if *place != string(b) {
		*place = string(b)
	}
	return *place
}
