package imednet

import (
	"hash/maphash"
	"sync"
)

// workspace is the memory in which rows are read, one after the other.
type workspace struct {
	words      vocabulary
	days       calendar
	fields     []any // pointers to the members of the row that is read
	misfit     bool  // one of them does not fit its type
	end        int   // where the value of the current member ends
	answersEnd int   // where recordData ends
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func newWorkspace(m model) *workspace {
	w := workspaces.Get().(*workspace)
	w.fields, w.misfit = m.fields(w.fields[:0]), false
	return w
}

// release lets go of the row.
func (w *workspace) release() {
	clear(w.fields)
	workspaces.Put(w)
}

// vocabulary remembers texts, so that those which many rows have in common are made once: keys of studies, forms
// and subjects, kinds and statuses. A nil vocabulary remembers nothing.
type vocabulary [512]string

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
