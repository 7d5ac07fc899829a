package dictionary

import (
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/argument"
)

// namesStaff reports whether a column names people.
func namesStaff(header string) bool {
	folded := foldHeader(header)
	return folded == "createdby" || folded == "modifiedby"
}

// WriteJSON writes the dictionary as one JSON document, with forms and rules in the order of the
// files, with its [Dictionary.Hash], the files of the export that were not read, and without names of staff.
func (d *Dictionary) WriteJSON(w io.Writer) error {
	if err := argument.Required("dictionary.WriteJSON", "w", w); err != nil {
		return err
	}
	public := *d
	public.Rules = make([]*Rule, len(d.Rules))
	for i, r := range d.Rules {
		rule := *r
		rule.Options = slices.DeleteFunc(slices.Clone(r.Options), func(o Option) bool { return namesStaff(o.Header) })
		public.Rules[i] = &rule
	}
	err := json.MarshalWrite(w, struct {
		Hash    string   `json:"hash,omitzero"`
		NotRead []string `json:"notRead,omitzero"`
		*Dictionary
	}{d.Hash(), d.notRead, &public}, jsontext.WithIndent("  "))
	if err != nil {
		return failed("write", "", err)
	}
	_, err = io.WriteString(w, "\n")
	return err
}
