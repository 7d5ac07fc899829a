package structure

import (
	"fmt"
	"io"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// WriteTree writes the design as an indented tree for human readers: intervals with their forms,
// then every form once with its variables, then the parts that belong to no interval.
func (d *Design) WriteTree(w io.Writer) error {
	if err := argument.Required("structure.Design.WriteTree", "w", w); err != nil {
		return err
	}
	root := treeNode{text: d.StudyKey}
	intervals := root.child(fmt.Sprintf("intervals (%d)", len(d.Intervals)))
	for _, i := range d.Intervals {
		node := intervals.child(i.Interval.IntervalName.Or("") + marks(mark(i.Interval.Disabled.Or(false), "disabled")))
		for _, f := range i.Forms {
			node.child(formTitle(f))
		}
		for _, m := range i.Missing {
			node.child(m.FormKey.Or("") + marks("not listed among the forms"))
		}
	}
	forms := root.child(fmt.Sprintf("forms (%d)", len(d.Forms)))
	for _, f := range d.Forms {
		node := forms.child(fmt.Sprintf("%s, revision %d, %d variables", formTitle(f), f.Form.Revision.Or(0), len(f.Variables)))
		node.variables(f.Variables)
	}
	unscheduled := root.child(fmt.Sprintf("unscheduled (%d forms, %d variables)", len(d.Unscheduled.Forms), len(d.Unscheduled.Variables)))
	for _, f := range d.Unscheduled.Forms {
		unscheduled.child(formTitle(f))
	}
	unscheduled.variables(d.Unscheduled.Variables)
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
