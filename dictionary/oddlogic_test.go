package dictionary_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// oddNode is an element of generated logic with what was made odd about it.
type oddNode struct {
	name, text string
	children   []*oddNode
	odd        string // what it was given: "" for nothing
}

// oddMarks are what an element may be given. Those of the first list change nothing, those of the second make it unknown,
// and those of the third make the whole no XML.
var (
	plainMarks  = []string{"comment", "cdata", "unused prefix", "unused prefix with the name of a word"}
	oddMarks    = []string{"namespace", "prefix", "xml:space", "attribute", "attribute of a namespace", "xmlns of a namespace", "instruction", "text in front", "text behind", "unknown part"}
	brokenMarks = []string{"unbound prefix", "unbound attribute", "attribute twice", "undeclared prefix", "declaration inside"}
)

func (n *oddNode) String() string {
	name, attributes, inside := n.name, "", ""
	switch n.odd {
	case "comment":
		inside = "<!-- " + n.name + " -->"
	case "unused prefix":
		attributes = " xmlns:u='urn:u'"
	case "unused prefix with the name of a word":
		attributes = " xmlns:and='urn:u'"
	case "namespace":
		attributes = " xmlns='urn:other'"
	case "prefix":
		name, attributes = "p:"+name, " xmlns:p='urn:other'"
	case "xml:space":
		attributes = " xml:space='preserve'"
	case "attribute":
		attributes = " negate='yes'"
	case "attribute of a namespace":
		attributes = " xmlns:p='urn:p' p:nil='true'"
	case "xmlns of a namespace":
		attributes = " xmlns:p='urn:p' p:xmlns='true'"
	case "instruction":
		inside = "<?skip this?>"
	case "text in front":
		inside = "unless"
	case "unknown part":
		inside = "<unless/>"
	case "unbound prefix":
		name = "nobody:" + name
	case "unbound attribute":
		attributes = " nobody:nil='true'"
	case "attribute twice":
		attributes = " a='1' a='1'"
	case "undeclared prefix":
		attributes = " xmlns:p=''"
	case "declaration inside":
		inside = "<?xml version='1.0'?>"
	}
	text := n.text
	if n.odd == "cdata" && text != "" {
		text = "<![CDATA[" + text + "]]>"
	}
	var b strings.Builder
	for _, c := range n.children {
		b.WriteString(c.String())
	}
	behind := ""
	if n.odd == "text behind" {
		behind = "unless"
	}
	return "<" + name + attributes + ">" + inside + text + b.String() + behind + "</" + name + ">"
}

// unlike reports whether an element or anything in it is not of the grammar.
func (n *oddNode) unlike() bool {
	return slices.Contains(oddMarks, n.odd) || slices.ContainsFunc(n.children, (*oddNode).unlike)
}

func (n *oddNode) broken() bool {
	return slices.Contains(brokenMarks, n.odd) || slices.ContainsFunc(n.children, (*oddNode).broken)
}

// oddModel evaluates a condition by the grammar alone: T is "a", N is blank, C is ticked.
func oddModel(n *oddNode) imednet.YesNo {
	joins := n.name == "and" || n.name == "or"
	if slices.Contains(oddMarks, n.odd) && (n.odd != "unknown part" || !joins) {
		return imednet.Unknown
	}
	of := func(v imednet.YesNo) imednet.YesNo {
		return map[imednet.YesNo]imednet.YesNo{imednet.Yes: imednet.No, imednet.No: imednet.Yes}[v]
	}
	all := func(want imednet.YesNo) imednet.YesNo { // want if all are, its opposite if one is that
		result := want
		if n.odd == "unknown part" {
			result = imednet.Unknown // one more condition
		}
		for _, c := range n.children {
			switch v := oddModel(c); {
			case v == of(want):
				return v
			case v == imednet.Unknown:
				result = v
			}
		}
		return result
	}
	switch n.name {
	case "true":
		return imednet.Yes
	case "and":
		return all(imednet.Yes)
	case "or":
		return all(imednet.No)
	case "not":
		return of(oddModel(n.children[0]))
	}
	if slices.ContainsFunc(n.children, (*oddNode).unlike) {
		return imednet.Unknown
	}
	switch n.name {
	case "blank":
		return imednet.YesNoOf(n.children[0].text == "N")
	case "checked":
		return imednet.YesNoOf(n.children[0].text == "C")
	case "equals":
		return imednet.YesNoOf(n.children[0].text == "T" && n.children[1].text == "a")
	}
	return imednet.Unknown // no condition, such as Conditions
}

// oddGenerator makes logic with a few oddities.
type oddGenerator struct{ *rand.Rand }

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func (g oddGenerator) node(name, text string, children ...*oddNode) *oddNode {
	n := &oddNode{name: name, text: text, children: children}
	switch x := g.IntN(400); {
	case x < 14:
		n.odd = pick(g.Rand, oddMarks...)
		if text != "" && strings.HasPrefix(n.odd, "text") {
			n.odd = "attribute" // it would be another text
		}
		if name == "Actions" && n.odd == "unknown part" {
			n.odd = "namespace" // another action does not matter to the condition
		}
	case x < 17:
		n.odd = pick(g.Rand, brokenMarks...)
	case x < 60:
		n.odd = pick(g.Rand, plainMarks...)
	}
	return n
}

func (g oddGenerator) condition(depth int) *oddNode {
	if depth > 0 && g.IntN(3) > 0 {
		switch g.IntN(10) {
		case 0:
			return g.node(pick(g.Rand, "Conditions", "And", "BusinessLogic", "xor"), "", g.condition(depth-1))
		case 1, 2:
			return g.node("not", "", g.condition(depth-1))
		}
		n := g.node(pick(g.Rand, "and", "or"), "")
		for range 1 + g.IntN(3) {
			n.children = append(n.children, g.condition(depth-1))
		}
		return n
	}
	switch g.IntN(4) {
	case 0:
		return g.node("true", "")
	case 1:
		return g.node("blank", "", g.node("question", pick(g.Rand, "N", "T")))
	case 2:
		return g.node("checked", "", g.node("question", "C"))
	}
	return g.node("equals", "", g.node("question", "T"), g.node("value", pick(g.Rand, "a", "b")))
}

// logic is a rule that hides M, with what a strict reading says of it.
func (g oddGenerator) logic() (root *oddNode, acts imednet.YesNo) {
	conditions := g.node("Conditions", "", g.condition(3))
	actions := g.node("Actions", "", g.node("hide_field", "", g.node("question", "M")))
	root = g.node("BusinessLogic", "", conditions, actions)
	framed := !slices.Contains(oddMarks, root.odd)
	switch g.IntN(40) {
	case 0:
		root.name, framed = pick(g.Rand, "Logic", "businessLogic", "rule"), false
	case 1:
		root.children, framed = append([]*oddNode{g.node(pick(g.Rand, "negate", "conditions", "Actions"), "")}, root.children...), false
	case 2:
		root.children, framed = append(root.children, g.node(pick(g.Rand, "Else", "Conditions", "Actions", "system_generated"), "")), false
	case 3:
		root.children, framed = []*oddNode{actions, conditions}, false
	case 4:
		generated := g.node("system_generated", "")
		root.children, framed = append([]*oddNode{generated}, root.children...), framed && !generated.unlike()
	}
	acts = oddModel(&oddNode{name: "and", odd: conditions.odd, children: conditions.children})
	if !framed || actions.unlike() || root.broken() {
		acts = imednet.Unknown
	}
	return root, acts
}

// joinOf joins a dictionary of one form with a study that has all of its questions.
func joinOf(t *testing.T, d *dictionary.Dictionary) *dictionary.Joined {
	t.Helper()
	var variables []imednet.Variable
	for i, q := range d.Forms[0].Questions {
		variables = append(variables, imednet.Variable{VariableID: int64(i + 1), FormID: imednet.Some(int64(1)), FormKey: imednet.Some("F"), VariableName: imednet.Some(q.Name), VariableType: imednet.Some("TEXT")})
	}
	joined, err := d.Join([]imednet.Form{{FormID: 1, FormKey: imednet.Some("F")}}, variables, dictionary.JoinOptions{})
	require.NoError(t, err)
	return joined
}

// Logic that is not of the grammar decides nothing: neither whether its rule acts, nor whether the question that it may
// hide is hidden, or missing.
func TestOddLogicIsUndecided(t *testing.T) {
	rounds := 400
	if os.Getenv("IMEDNET_LONG") != "" {
		rounds = 200_000
	}
	g := oddGenerator{rand.New(rand.NewPCG(24, 11))}
	answers := `{"T":"a","C":true}`
	seen := map[imednet.YesNo]int{}
	for range rounds {
		root, want := g.logic()
		logic := root.String()
		x := ruleExport("<equals><hidden><question>M</question></hidden><value>Yes</value></equals>", logic)
		d := read(t, x.dir(t), "S")
		o := checkerOf(t, d).CheckData(d.Forms[0], data(t, answers))
		require.Len(t, o, 2)
		require.Equal(t, want, o[1].Acts, logic)
		require.Equal(t, want == imednet.Unknown, o[1].Why != "", logic)
		require.Equal(t, want, o[0].Acts, "whether M is hidden: %s", logic)
		survey, err := joinOf(t, d).Survey(t.Context(), checkerOf(t, d), listed(stored(t, 1, answers)))
		require.NoError(t, err)
		m := survey.Forms[0].Questions[1]
		counted := map[imednet.YesNo]int64{imednet.Yes: m.Excused, imednet.No: m.Missing, imednet.Unknown: m.Undecided}
		require.Equal(t, "M", m.Question)
		require.Equal(t, int64(1), counted[want], "%v: %s", m, logic)
		seen[want]++
	}
	require.Greater(t, min(seen[imednet.Yes], seen[imednet.No], seen[imednet.Unknown]), rounds/10, fmt.Sprint(seen))
	t.Log(seen)
}

// An action that is not known may hide what a rule that acts is about, and so may one in a namespace.
func TestAnActionThatIsNotKnownMayHideAnything(t *testing.T) {
	for action, want := range map[string]imednet.YesNo{
		"<set_keyword><keyword>k</keyword></set_keyword>": imednet.No,
		"<cec_code/>":    imednet.No,
		"<lock_record/>": imednet.Unknown,
		"<x:hide_field xmlns:x='urn:x'>N</x:hide_field>":              imednet.Unknown,
		"<hide_field><question>N</question><unless/></hide_field>":    imednet.Unknown,
		"<hide_field when='now'><question>N</question></hide_field>":  imednet.Unknown,
		"<hide_field><question>N</question></hide_field><send_mail/>": imednet.Yes,
	} {
		for condition, acts := range map[string]imednet.YesNo{"<true/>": want, "<not><true/></not>": imednet.No} {
			if strings.Contains(action, "x:") || strings.Contains(action, "unless") || strings.Contains(action, "when=") {
				acts = want // its rule is undecided
			}
			x := ruleExport("<equals><hidden><question>N</question></hidden><value>Yes</value></equals>", "<BusinessLogic><Conditions>"+condition+"</Conditions><Actions>"+action+"</Actions></BusinessLogic>")
			require.Equal(t, acts, verdict(t, x, `{}`).Acts, condition+action)
		}
	}
}

// A prefix that nothing declares is no XML, as for the Python toolkit, and the namespace of an element is part of its name.
func TestNamespacesAreThoseOfTheToolkit(t *testing.T) {
	for logic, want := range map[string]string{
		"<p:BusinessLogic/>":     "Malformed XML in business logic row 1: Malformed business logic XML: unbound prefix: line 1, column 0",
		"<a>\n <b p:c='1'/></a>": "Malformed XML in business logic row 1: Malformed business logic XML: unbound prefix: line 2, column 1",
	} {
		d := read(t, ruleExport("<true/>").with(dictionary.RulesFile, "Type,ID,Logic\nForm,1,\""+logic+"\"\n").dir(t), "S")
		require.Contains(t, d.Toolkit(dictionary.ToolkitOptions{}).Metadata.Warnings, want)
	}
	for logic, want := range map[string]string{
		"<BusinessLogic xmlns:x='urn:x'><x:gt a='1' x:b='2'>5</x:gt></BusinessLogic>": `{"urnxgt":{"@a":"1","@{urn:x}b":"2","#text":"5"}}`,
		"<BusinessLogic xmlns:x='urn:x'><gt>5</gt></BusinessLogic>":                   `{"gt":"5"}`,
	} {
		d := read(t, ruleExport("<true/>").with(dictionary.RulesFile, "Type,ID,Logic\nForm,1,\""+logic+"\"\n").dir(t), "S")
		require.Equal(t, want, string(d.Toolkit(dictionary.ToolkitOptions{}).Unassigned[0].Logic))
	}
}
