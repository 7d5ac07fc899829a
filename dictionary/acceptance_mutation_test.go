package dictionary_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// node is an element of a rule's logic for tests, which read and write it by themselves.
type node struct {
	name       string
	attributes []xml.Attr
	text       string
	tail       string // text behind the element
	children   []*node
}

func parseNode(t *testing.T, text string) *node {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(text))
	open := []*node{{}}
	for {
		token, err := decoder.Token()
		if err != nil {
			require.Len(t, open, 1)
			return open[0].children[0]
		}
		last := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attributes: slices.Clone(token.Attr)}
			last.children = append(last.children, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			text := strings.TrimSpace(string(token))
			if len(last.children) == 0 {
				last.text += text
			} else {
				last.children[len(last.children)-1].tail += text
			}
		}
	}
}

func (n *node) write(b *bytes.Buffer) {
	b.WriteString("<" + n.name)
	for _, a := range n.attributes {
		b.WriteString(" " + a.Name.Local + `="`)
		_ = xml.EscapeText(b, []byte(a.Value))
		b.WriteString(`"`)
	}
	b.WriteString(">")
	_ = xml.EscapeText(b, []byte(n.text))
	for _, c := range n.children {
		c.write(b)
	}
	b.WriteString("</" + n.name + ">")
	_ = xml.EscapeText(b, []byte(n.tail))
}

func (n *node) String() string {
	var b bytes.Buffer
	n.write(&b)
	return b.String()
}

// mutant is another build of a rule's logic. One that is not other means certainly the same.
type mutant struct {
	what, logic string
	other       bool
}

var conditionWords = []string{"and", "or", "not", "true", "equals", "gt", "lt", "gte", "lte", "like", "blank", "checked", "exists", "match", "field_changed"}

// mutantsOf changes one thing of one element at a time: its name, its text, an attribute, and each child, which is
// left out, doubled, negated or exchanged with the next.
func mutantsOf(root *node) (all []mutant) {
	var visit func(n *node, path string)
	visit = func(n *node, path string) {
		path += "/" + n.name
		add := func(what string, other bool) { all = append(all, mutant{path + ": " + what, root.String(), other}) }
		was := *n
		joins := slices.Contains([]string{"and", "or", "equals", "Conditions"}, n.name)
		for _, name := range otherNames(n.name) {
			n.name = name
			add("name "+name, len(n.children) != 1 || !strings.Contains(" and or ", " "+name+" ") || !strings.Contains(" and or ", " "+was.name+" "))
		}
		n.name = was.name
		for _, text := range []string{was.text + "1", "x" + was.text, ""} {
			if n.text = text; text != was.text {
				add("text", true)
			}
		}
		n.text = was.text
		if path != "/"+root.name {
			n.tail = was.tail + "x"
			add("text behind it", true)
			n.tail = was.tail
		}
		n.attributes = append(slices.Clone(was.attributes), xml.Attr{Name: xml.Name{Local: "added"}, Value: "1"})
		add("attribute added", true)
		for i, a := range was.attributes {
			n.attributes = slices.Clone(was.attributes)
			n.attributes[i].Value = a.Value + "1"
			add("attribute "+a.Name.Local, true)
			n.attributes = slices.Delete(slices.Clone(was.attributes), i, i+1)
			add("no attribute "+a.Name.Local, true)
		}
		n.attributes = was.attributes
		for i, c := range was.children {
			n.children = slices.Delete(slices.Clone(was.children), i, i+1)
			add("without "+c.name, true)
			n.children = slices.Insert(slices.Clone(was.children), i, c)
			add("twice "+c.name, true)
			if slices.Contains(conditionWords, c.name) {
				n.children = slices.Clone(was.children)
				n.children[i] = &node{name: "not", children: []*node{c}}
				add("not "+c.name, true)
			}
			if i+1 < len(was.children) && c.String() != was.children[i+1].String() {
				n.children = slices.Clone(was.children)
				n.children[i], n.children[i+1] = n.children[i+1], n.children[i]
				if joins {
					add("exchanged", false)
				} else if strings.Contains(path, "/Conditions") || strings.Contains(path, "/calculation") {
					add("exchanged", true) // the order of actions has tests of its own
				}
			}
		}
		n.children = was.children
		for _, c := range n.children {
			visit(c, path)
		}
	}
	visit(root, "")
	return all
}

// otherNames are what an element is easily taken for, and one that nobody knows.
func otherNames(name string) []string {
	all := []string{name + "_x"}
	for _, group := range [][]string{
		conditionWords,
		{"hide_field", "disable_field", "clear_field", "hide_and_clear_field", "disable_and_clear_field"},
		{"message", "open_query"}, {"set_keyword", "clear_keyword"}, {"calculate_field", "populate_field"}, {"question", "value"},
		{"record", "patient", "comment"}, {"add", "sub", "mul", "div"}, {"last", "parent"}, {"disabled", "hidden"},
	} {
		if slices.Contains(group, name) {
			all = append(all, slices.DeleteFunc(slices.Clone(group), func(other string) bool { return other == name })...)
		}
	}
	return all
}

// alone is a dictionary with the form of one rule, if it has any, and no other rule.
func alone(t *testing.T, d *dictionary.Dictionary, r *dictionary.Rule, logic string) *dictionary.Dictionary {
	t.Helper()
	tables := map[string]*dictionary.Table{}
	for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		table := *d.Table(file)
		column := slices.IndexFunc(table.Header, func(h string) bool {
			return strings.EqualFold(h, "Form") || file == dictionary.FormsFile && strings.EqualFold(strings.ReplaceAll(h, "_", " "), "Form Key")
		})
		require.GreaterOrEqual(t, column, 0, file)
		table.Rows = slices.DeleteFunc(slices.Clone(table.Rows), func(row dictionary.Row) bool {
			if file == dictionary.RulesFile {
				return row.Number != r.Row
			}
			return r.Form != "" && len(row.Cells) > column && row.Cells[column] != r.Form
		})
		for i := range table.Rows {
			table.Rows[i].Cells = slices.Clone(table.Rows[i].Cells)
		}
		tables[file] = &table
	}
	rules := tables[dictionary.RulesFile]
	require.Len(t, rules.Rows, 1)
	rules.SetCell(0, slices.Index(rules.Header, "Logic"), logic)
	one, err := dictionary.ReadTables(tables, dictionary.ReadOptions{StudyKey: d.StudyKey})
	if err != nil {
		require.ErrorAs(t, err, new(*dictionary.InvalidError))
	}
	return one
}

// mutationExport has a rule for each kind of action that a real export has, and conditions of several kinds.
func mutationExport() export {
	const record = "<target><record/></target>"
	conditions := []string{
		"<or><lt><question>N</question><value>50</value></lt><gt><question>N</question><value>100</value></gt></or>",
		"<and><not><blank><question>T</question></blank></not><equals><question>R</question><value>Mild</value></equals></and>",
		"<and><checked><question>C</question></checked><gt><question>D</question><current_date_only/></gt></and>",
		"<like><question>T</question><value>[0-9]{3}</value></like>",
		"<gt><add><question>N</question><question>M</question></add><value>10</value></gt>",
		"<and><blank><question>T</question></blank><not><or><equals><disabled><question>T</question></disabled><value>Yes</value></equals><equals><hidden><question>T</question></hidden><value>Yes</value></equals></or></not></and>",
		"<equals><external><form>Form</form><question>N</question><last/></external><value>5</value></equals>",
		"<exists><keyword_status_patient><keyword>late</keyword></keyword_status_patient></exists>",
	}
	actions := []string{
		"<message><message>Wrong.</message><error_field>N</error_field><hard_edit/></message><disable_save/>",
		"<open_query><query_status_open>14</query_status_open><query_status_close>13</query_status_close><query_field><question>N</question></query_field><query_text>Why?</query_text></open_query>",
		"<set_keyword><keyword>late</keyword>" + record + "</set_keyword><clear_keyword><keyword>early</keyword><target><patient/></target></clear_keyword>",
		"<hide_field><question>T</question><question>R</question></hide_field><disable_field><question>M</question></disable_field><clear_field><question>E</question></clear_field>",
		"<hide_and_clear_field><question>T</question></hide_and_clear_field><disable_and_clear_field><question>R</question></disable_and_clear_field>",
		"<calculate_field><question>M</question><calculation><case><when><gt><question>N</question><value>1</value></gt></when><then><sub><question>N</question><value>1</value></sub></then></case></calculation></calculate_field>",
		"<populate_field><question>T</question><value>text</value></populate_field><set_record_status><record_status>Record Incomplete</record_status></set_record_status>",
		"<set_patient_status><patient_status>Done</patient_status></set_patient_status><set_record_interval><interval>Visit 2</interval></set_record_interval><invalidate_esig/><email_notification><to kind='role'>Monitor</to></email_notification>" +
			"<populate_embedded_log><form>Log</form><question>X</question></populate_embedded_log><trigger_interval><interval>Visit 3</interval></trigger_interval><trigger_record><trigger_record_form><form>Log</form></trigger_record_form></trigger_record>",
	}
	var rules [][5]string
	for i := range conditions {
		rules = append(rules, [5]string{fmt.Sprint(i + 1), "Active", fmt.Sprint(10 * (i + 1)), conditions[i], actions[i]})
	}
	return rulesExport(rules...)
}

// shape is a rule's logic without its texts.
func shape(r *dictionary.Rule) string {
	return regexp.MustCompile(`>[^<]+<`).ReplaceAllString(strings.Join(strings.Fields(r.XML), " "), "><")
}

// TestEveryMutationOfARuleIsFound changes everything that the rules of the fixtures hold, one thing at a time: each
// change is found by the acceptance test of the dictionary as it was, and what means the same is not taken for a change.
// Of rules that differ only in their texts one is changed, and two of the pilot's: otherwise all but most of the generated
// ones.
func TestEveryMutationOfARuleIsFound(t *testing.T) {
	t.Run("own", func(t *testing.T) { everyMutation(t, read(t, mutationExport().dir(t), "S"), 8) })
	for name, least := range map[string]int{"sample": 10, "sample_v2": 9, "pilot": 2} {
		t.Run(name, func(t *testing.T) {
			d, err := dictionary.Read(t.Context(), filepath.Join(samples(t), name), dictionary.ReadOptions{})
			if err != nil {
				require.ErrorAs(t, err, new(*dictionary.InvalidError))
			}
			everyMutation(t, d, least)
		})
	}
}

// everyMutation changes rules, and finds that they were. Without IMEDNET_LONG it tries one change in ten of each.
func everyMutation(t *testing.T, d *dictionary.Dictionary, least int) {
	t.Helper()
	rules, found, shown, same := 0, 0, 0, 0
	for _, r := range toMutate(d) {
		rules++
		meant := checkerOf(t, alone(t, d, r, r.XML))
		tree := parseNode(t, r.XML)
		for i, m := range append([]mutant{{"written anew", tree.String(), false}}, mutantsOf(tree)...) {
			if i%10 != 0 && os.Getenv("IMEDNET_LONG") == "" {
				continue
			}
			built := alone(t, d, r, m.logic)
			result, err := meant.Against(checkerOf(t, built))
			require.NoError(t, err)
			require.Equal(t, m.other, len(result.Differences) > 0, "rule %s: %s\n%s\n%s\n%v", r.ID, m.what, r.XML, m.logic, result.Differences)
			if m.other {
				found++
			} else {
				same++
			}
			for _, d := range result.Differences {
				require.Equal(t, r.ID, d.RuleID)
			}
			if slices.ContainsFunc(result.Differences, func(d dictionary.RuleDifference) bool { return !d.Data.IsZero() }) {
				shown++
			}
		}
	}
	t.Logf("%d rules: %d mutants are found, %d of them by a record; %d others mean the same", rules, found, shown, same)
	require.GreaterOrEqual(t, rules, least)
}

// toMutate are the rules of a dictionary that are changed.
func toMutate(d *dictionary.Dictionary) (all []*dictionary.Rule) {
	long := os.Getenv("IMEDNET_LONG") != ""
	shapes := map[string]bool{}
	for i, r := range d.Rules {
		_, generated := r.Generated()
		switch {
		case !r.Active() || r.Logic == nil:
		case long && (!generated || i%20 == 7):
			all = append(all, r)
		case !long && !shapes[shape(r)] && (!generated || len(all) == 0):
			shapes[shape(r)] = true
			all = append(all, r)
		}
	}
	if !long && len(d.Rules) > 100 {
		return all[:2]
	}
	return all
}

// Several rules of a real design are built otherwise at once: they are listed, and no others.
func TestOnlyRulesThatDifferAreListed(t *testing.T) {
	d := read(t, filepath.Join(samples(t), "pilot"), "CDISCPILOT01")
	require.Empty(t, held(t, d, d).Differences)
	changes := []struct{ from, to string }{
		{`<hard_edit ?/>`, ""}, {`(</?)set_keyword>`, "${1}clear_keyword>"}, {`(</?)disable_and_clear_field>`, "${1}hide_and_clear_field>"},
		{`(<query_field>\s*<question>)`, "${1}X"}, {`(</?)gt>`, "${1}gte>"}, {`</keyword>`, "x</keyword>"}, {`(</?)open_query>`, "${1}message>"},
	}
	var want []string
	built := d
	for i, c := range changes {
		for _, r := range d.Rules[20*i:] {
			changed := regexp.MustCompile(c.from).ReplaceAllString(r.XML, c.to)
			if r.Active() && strings.EqualFold(r.Type, "form") && changed != r.XML && !slices.Contains(want, r.ID) {
				built, want = withLogic(t, built, r, changed), append(want, r.ID)
				break
			}
		}
	}
	require.Len(t, want, len(changes))
	var got []string
	for _, one := range held(t, d, built).Differences {
		if !slices.Contains(got, one.RuleID) {
			got = append(got, one.RuleID)
		}
	}
	require.ElementsMatch(t, want, got)
}
