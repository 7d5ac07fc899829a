package tables

import (
	"slices"

	"github.com/imednetgo/imednet"
)

// recordWords are the words that pass in a de-identified run in fields of the record itself, which
// otherwise hold text of the study's own.
var recordWords = map[string][]string{
	"recordStatus": {"Record Complete", "Record Incomplete"},
	"recordType":   {"SUBJECT", "SITE"},
}

// word returns a field of the record as a run shows it. It may be called without a cover.
func (c *cover) word(field string, o imednet.Opt[string]) imednet.Opt[string] {
	v, ok := o.Get()
	if c == nil || !ok || c.settings.wordPasses(field, v) {
		return o
	}
	c.fieldsMasked++
	return imednet.Some(Mask)
}

// wordPasses reports whether a de-identified run may show a word: a known one, or any if the caller has
// reviewed the field, but none of a field that the caller wants hidden.
func (d *deidentifier) wordPasses(field, word string) bool {
	if d.action(&Column{Name: field}) != "" {
		return false
	}
	return d.passes.Has("", field) || slices.Contains(recordWords[field], word)
}
