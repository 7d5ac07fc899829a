package dictionary

import (
	"bytes"

	"github.com/imednetgo/imednet/internal/answers"
)

// recordEdit is what is to be written otherwise in the recordData of a record.
type recordEdit struct {
	values map[string]*newValue // by key
	added  []byte               // members that come last, each behind a comma
}

// newValue takes the place of the value of a key that counts.
type newValue struct {
	raw    []byte
	before int // values of the key that do not count, because it is repeated
}

func (e *recordEdit) replace(found answers.Found, raw []byte) {
	if e.values == nil {
		e.values = map[string]*newValue{}
	}
	e.values[string(found.Key)] = &newValue{raw, found.Repeats}
}

func (e *recordEdit) add(name string, raw []byte) {
	e.added = append(append(e.added, ','), quoted(name)...)
	e.added = append(append(e.added, ':'), raw...)
}

func (e *recordEdit) isNone() bool { return len(e.values) == 0 && len(e.added) == 0 }

// apply writes an object that has members with what is edited. Every other byte is as it was.
func (e *recordEdit) apply(object []byte) []byte {
	var written []byte
	done := 0
	var s answers.Scanner
	s.Reset(object)
	for s.Next() {
		value := e.values[string(s.Name)]
		if value == nil || s.Mangled {
			continue
		}
		if value.before > 0 {
			value.before--
			continue
		}
		written = append(append(written, object[done:s.End()-len(s.Raw)]...), value.raw...)
		done = s.End()
	}
	written = append(written, object[done:bytes.LastIndexByte(object, '}')]...)
	return append(append(written, e.added...), '}')
}
