package dictionary

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// ErrNotRead means that a question is about a file of the export that was not read (see
// [ReadOptions.MayMiss]).
var ErrNotRead = errors.New("a file of the export was not read, so that its contents are not known")

// Lacks reports whether the dictionary was made without a file of the export, so that what the file says is not known. A
// document of the Python toolkit says so itself: see [Dictionary.Toolkit]. A dictionary that a program makes lacks nothing.
func (d *Dictionary) Lacks(file string) bool { return slices.Contains(d.notRead, file) }

// NotRead lists the files that the dictionary lacks, in the order of an export's files.
func (d *Dictionary) NotRead() []string { return slices.Clone(d.notRead) }

// knows returns an [ErrNotRead] that names the first file that the dictionary lacks.
func (d *Dictionary) knows(files ...string) error {
	for _, file := range files {
		if d.Lacks(file) {
			return fmt.Errorf("%s: %w", file, ErrNotRead)
		}
	}
	return nil
}

// notReadMember is the member of a document's extra attributes that lists the files without which it was made. The Python
// toolkit, which reads whole exports only, writes none and keeps it.
const notReadMember = "filesNotRead"

// noteNotRead says in a document without which files it is made.
func (t *toolkitReader) noteNotRead(files []string) {
	if len(files) == 0 {
		return
	}
	var names []jsontext.Value
	for _, file := range files {
		names = append(names, quoted(file))
		t.warn("%s was not read: nothing is known of what it holds", file)
	}
	t.doc.Metadata.Extra = []Member{{notReadMember, array(names)}}
}

// notRead are the files without which a document was made: those that it names, and without choices or rules in a
// document from the API, which has none, those of both.
func (t *ToolkitDocument) notRead() []string {
	named, _ := t.namedNotRead()
	choices, rules := t.holds()
	fromAPI := orEmpty(t.Metadata.Source) == "api"
	var files []string
	for _, file := range exportFiles {
		if slices.Contains(named, file) || fromAPI && (file == ChoicesFile && !choices || file == RulesFile && !rules) {
			files = append(files, file)
		}
	}
	return files
}

// namedNotRead are the files that a document names; understood is false if it names something else too.
func (t *ToolkitDocument) namedNotRead() (files []string, understood bool) {
	understood = true
	for _, m := range t.Metadata.Extra {
		if m.Name != notReadMember {
			continue
		}
		values := []jsontext.Value{m.Value}
		if m.Value.Kind() == '[' {
			values = valuesOf(m.Value)
		}
		for _, v := range values {
			name, known := exportFile(idText(v))
			files, understood = append(files, name), understood && known
		}
	}
	return files, understood
}

// holds reports whether a document has choices and rules.
func (t *ToolkitDocument) holds() (choices, rules bool) {
	rules = len(t.Unassigned) > 0
	for _, f := range t.Forms {
		rules = rules || len(f.Rules) > 0
		choices = choices || slices.ContainsFunc(f.Variables, func(v ToolkitVariable) bool { return len(v.Choices) > 0 })
	}
	return choices, rules
}
