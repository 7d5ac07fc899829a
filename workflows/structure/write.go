package structure

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// structureJSON is the written form: forms once with their variables, intervals with the keys of
// their forms as the API names them, all rows with every member that the API sent.
type structureJSON struct {
	StudyKey    string           `json:"studyKey"`
	Intervals   []jsontext.Value `json:"intervals"`
	Forms       []formJSON       `json:"forms"`
	Unscheduled unscheduledJSON  `json:"unscheduled"`
}

type formJSON struct {
	Form      jsontext.Value   `json:"form"`
	Variables []jsontext.Value `json:"variables"`
}

type unscheduledJSON struct {
	FormKeys  []string         `json:"formKeys"`
	Variables []jsontext.Value `json:"variables"`
}

// MarshalJSON writes the structure as one object: studyKey, intervals (rows of the API), forms
// (each {form, variables}) and unscheduled {formKeys, variables}. Read reads it again.
func (s *Structure) MarshalJSON() ([]byte, error) {
	doc := structureJSON{StudyKey: s.StudyKey, Intervals: []jsontext.Value{}, Forms: []formJSON{},
		Unscheduled: unscheduledJSON{FormKeys: []string{}}}
	var err error
	intervals := make([]imednet.Interval, len(s.Intervals))
	for i := range s.Intervals {
		intervals[i] = s.Intervals[i].Interval
	}
	if doc.Intervals, err = listing.EncodeRows(intervals, imednet.Encode[imednet.Interval]); err != nil {
		return nil, err
	}
	for _, f := range s.Forms {
		form, err := imednet.Encode(f.Form)
		if err != nil {
			return nil, err
		}
		variables, err := listing.EncodeRows(f.Variables, imednet.Encode[imednet.Variable])
		if err != nil {
			return nil, err
		}
		doc.Forms = append(doc.Forms, formJSON{form, variables})
	}
	for _, f := range s.Unscheduled.Forms {
		doc.Unscheduled.FormKeys = append(doc.Unscheduled.FormKeys, f.Form.FormKey.Or(""))
	}
	doc.Unscheduled.Variables, err = listing.EncodeRows(s.Unscheduled.Variables, imednet.Encode[imednet.Variable])
	if err != nil {
		return nil, err
	}
	return json.Marshal(doc)
}

// Read reads what MarshalJSON wrote, so that a structure can be kept and compared with a
// later one.
func Read(r io.Reader) (*Structure, error) {
	var doc structureJSON
	if err := json.UnmarshalRead(r, &doc); err != nil {
		return nil, fmt.Errorf("structure: read structure: %w", err)
	}
	intervals, err := decodeRows(doc.Intervals, imednet.Decode[imednet.Interval])
	if err != nil {
		return nil, err
	}
	var forms []imednet.Form
	variables, err := decodeRows(doc.Unscheduled.Variables, imednet.Decode[imednet.Variable])
	if err != nil {
		return nil, err
	}
	for _, f := range doc.Forms {
		form, err := imednet.Decode[imednet.Form](f.Form)
		if err != nil {
			return nil, fmt.Errorf("structure: read structure: %w", err)
		}
		own, err := decodeRows(f.Variables, imednet.Decode[imednet.Variable])
		if err != nil {
			return nil, err
		}
		forms, variables = append(forms, form), append(variables, own...)
	}
	return joinStructure(doc.StudyKey, intervals, forms, variables), nil
}

func decodeRows[T any](raws []jsontext.Value, decode func([]byte) (T, error)) ([]T, error) {
	var rows []T
	for _, raw := range raws {
		row, err := decode(raw)
		if err != nil {
			return nil, fmt.Errorf("structure: read structure: %w", err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// WriteTree writes the structure as an indented tree for people: intervals with their forms, then
// every form once with its variables, then what no interval leads to.
func (s *Structure) WriteTree(w io.Writer) error {
	root := treeNode{text: s.StudyKey}
	intervals := root.child(fmt.Sprintf("intervals (%d)", len(s.Intervals)))
	for _, i := range s.Intervals {
		node := intervals.child(i.Interval.IntervalName.Or("") + marks(mark(i.Interval.Disabled.Or(false), "disabled")))
		for _, f := range i.Forms {
			node.child(formTitle(f))
		}
		for _, m := range i.Missing {
			node.child(m.FormKey.Or("") + marks("not listed among the forms"))
		}
	}
	forms := root.child(fmt.Sprintf("forms (%d)", len(s.Forms)))
	for _, f := range s.Forms {
		node := forms.child(fmt.Sprintf("%s, revision %d, %d variables", formTitle(f), f.Form.Revision.Or(0), len(f.Variables)))
		node.variables(f.Variables)
	}
	unscheduled := root.child(fmt.Sprintf("unscheduled (%d forms, %d variables)", len(s.Unscheduled.Forms), len(s.Unscheduled.Variables)))
	for _, f := range s.Unscheduled.Forms {
		unscheduled.child(formTitle(f))
	}
	unscheduled.variables(s.Unscheduled.Variables)
	var b strings.Builder
	b.WriteString(root.text + "\n")
	root.write(&b, "")
	_, err := io.WriteString(w, b.String())
	return err
}

func formTitle(f *Form) string {
	return strings.TrimSpace(f.Form.FormKey.Or("")+" "+f.Form.FormName.Or("")) + marks(mark(f.Form.Disabled.Or(false), "disabled"))
}

func (n *treeNode) variables(variables []imednet.Variable) {
	for _, v := range variables {
		text := fmt.Sprintf("%s %s %q", v.VariableName.Or(""), v.VariableType.Or("?"), v.Label.Or(""))
		n.child(text + marks(mark(v.Disabled.Or(false), "disabled"), mark(v.Deleted.Or(false), "deleted"), mark(v.Blinded.Or(false), "blinded")))
	}
}

func mark(on bool, word string) string {
	if !on {
		return ""
	}
	return word
}

// marks renders the words that are set as " [a, b]".
func marks(words ...string) string {
	var set []string
	for _, w := range words {
		if w != "" {
			set = append(set, w)
		}
	}
	if len(set) == 0 {
		return ""
	}
	return " [" + strings.Join(set, ", ") + "]"
}

// treeNode is a line of a tree and the lines below it.
type treeNode struct {
	text     string
	children []*treeNode
}

func (n *treeNode) child(text string) *treeNode {
	c := &treeNode{text: text}
	n.children = append(n.children, c)
	return c
}

func (n *treeNode) write(b *strings.Builder, indent string) {
	for i, c := range n.children {
		branch, below := "├── ", "│   "
		if i == len(n.children)-1 {
			branch, below = "└── ", "    "
		}
		b.WriteString(indent + branch + c.text + "\n")
		c.write(b, indent+below)
	}
}
