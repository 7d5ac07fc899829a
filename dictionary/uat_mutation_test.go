package dictionary_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// testedConditions have every operator, function and kind of constant that is evaluated on one record. W takes whole
// numbers only, L numbers of three characters.
var testedConditions = []string{
	"<gt><question>N</question><value>50</value></gt>",
	"<or><lt><question>N</question><value>36.5</value></lt><gte><question>N</question><value>41</value></gte></or>",
	"<lte><question>W</question><value>50</value></lte>",
	"<gt><question>L</question><value>5</value></gt>",
	"<equals><question>N</question><value>0.05</value></equals>",
	"<gt><floor><question>N</question></floor><value>3</value></gt>",
	"<equals><floor><question>N</question></floor><value>3</value></equals>",
	"<gt><floor><div><question>N</question><question>M</question></div></floor><value>3</value></gt>",
	"<gt><div><question>N</question><mul><question>M</question><question>M</question></mul></div><value>25</value></gt>",
	"<lt><sub><mul><question>N</question><value>2.54</value></mul><question>M</question></sub><value>100</value></lt>",
	"<gte><add><question>N</question><question>M</question><question>W</question></add><value>10</value></gte>",
	"<not><equals><sub><question>W</question><value>3</value></sub><div><question>N</question><value>2</value></div></equals></not>",
	"<gt><case><when><equals><question>R</question><value>Mild</value></equals></when><then><mul><question>N</question><value>2</value></mul></then><when><true/></when><then><question>N</question></then></case><value>30</value></gt>",
	"<like><question>T</question><value>^[0-9]{3}$</value></like>",
	"<like><question>T</question><value>[0-9]{3}</value></like>",
	"<like><question>T</question><value>^[A-Y]{3,4}-?x+$</value></like>",
	"<like><question>T</question><value>^(?i)ab{2,}c*$</value></like>",
	"<like><question>T</question><value>^(yes|no)\\.[a-fm]$</value></like>",
	"<not><like><question>T</question><value>^[A-Z][a-z]*( [A-Z][a-z]+)?$</value></like></not>",
	"<equals><question>T</question><value>Yes</value></equals>",
	"<and><not><blank><question>T</question></blank></not><equals><question>T</question><question>U</question></equals></and>",
	"<or><equals><question>R</question><value>Severe</value></equals><and><checked><question>C</question></checked><blank><question>S</question></blank></and></or>",
	"<and><checked><question>C</question></checked><not><equals><question>R</question><value>Mild</value></equals></not><gt><question>N</question><value>1.5</value></gt></and>",
	"<gt><question>D</question><current_date_only/></gt>",
	"<gt><question>D</question><current_date/></gt>",
	"<lte><question>D</question><utctime/></lte>",
	"<lt><question>E</question><question>D</question></lt>",
	"<gt><trunc_date><question>D</question></trunc_date><trunc_date><question>E</question></trunc_date></gt>",
	"<equals><trunc_date><question>D</question></trunc_date><value>2020-05-05</value></equals>",
	"<lt><question>D</question><value>2020-05-05</value></lt>",
	"<gte><question>D</question><value>2020-05-05T10:30</value></gte>",
	"<gte><question>H</question><value>14:30</value></gte>",
	"<lt><question>H</question><value>14:30:10</value></lt>",
	"<gt><question>H</question><question>I</question></gt>",
	"<and><equals><hidden><question>T</question></hidden><value>Yes</value></equals><gt><question>N</question><value>7</value></gt></and>",
	"<and>" + everyEqual + "<lt><question>N</question><value>20</value></lt></and>",
}

// everyEqual holds for one of some ten thousand combinations of answers only.
var everyEqual = func() (all string) {
	for i := range 7 {
		all += fmt.Sprintf("<equals><question>K%d</question><value>Third</value></equals>", i)
	}
	return all
}()

func testedExport(condition string) export {
	x := ruleExport(condition, "<BusinessLogic><Conditions><gt><question>W</question><value>12</value></gt></Conditions><Actions><hide_field><question>T</question></hide_field></Actions></BusinessLogic>")
	questions := "Form,Variable Type,Variable Name,Required Field,Whole Numbers Only,Length,Precision Time\n"
	for _, q := range []string{"Number,N,Soft,No,", "Number,M,Soft,No,", "Number,W,Soft,Yes,", "Number,L,Soft,No,3", "Text,T,Soft,,20", "Text,U,Soft,,20", "Radio,R,Soft,,", "Radio,S,Soft,,", "Checkbox,C,Optional,,",
		"Date/Time Precision,D,Soft,,,Yes", "Date/Time Precision,E,Soft,,,Yes", "Time,H,Soft,,", "Time,I,Soft,,"} {
		questions += "F," + q + "\n"
	}
	choices := x[dictionary.ChoicesFile] + "F,Radio,S,Mild,1,1\nF,Radio,S,Severe,2,2\n"
	for i := range 7 {
		questions += fmt.Sprintf("F,Radio,K%d,Soft,,\n", i)
		for n, text := range []string{"First", "Second", "Third", "Fourth"} {
			choices += fmt.Sprintf("F,Radio,K%d,%s,,%d\n", i, text, n+1)
		}
	}
	x[dictionary.QuestionsFile], x[dictionary.ChoicesFile] = questions, choices
	return x
}

// TestEveryOtherBuildThatDiffersIsToldApart changes every operator, function, operand, constant and pattern of rules. Where
// any of thousands of other records shows that a build differs, those of the acceptance test show it too.
func TestEveryOtherBuildThatDiffersIsToldApart(t *testing.T) {
	told, same, records := 0, 0, 0
	add := func(d *dictionary.Dictionary, r *dictionary.Rule) {
		n, alike, cases := toldApart(t, d, r)
		told, same, records = told+n, same+alike, records+cases
	}
	t.Run("own", func(t *testing.T) {
		for _, condition := range testedConditions {
			d := read(t, testedExport(condition).dir(t), "S")
			add(d, d.Rules[0])
		}
	})
	for _, name := range []string{"sample", "sample_v2", "pilot"} {
		t.Run(name, func(t *testing.T) {
			d, err := dictionary.Read(t.Context(), filepath.Join(samples(t), name), dictionary.ReadOptions{})
			if err != nil {
				require.ErrorAs(t, err, new(*dictionary.InvalidError))
			}
			shapes := map[string]bool{}
			for _, r := range d.Rules {
				if _, known := d.Form(r.Form); known && r.Active() && r.Logic != nil && !shapes[shape(r)] {
					shapes[shape(r)] = true
					add(d, r)
				}
			}
		})
	}
	t.Logf("%d other builds are told apart by %d records; %d differ on no record of thousands", told, records, same)
	require.Greater(t, told, 700)
}

// toldApart returns the numbers of builds that differ from a rule, of those that do on no record, and of the records that
// tell them apart.
func toldApart(t *testing.T, d *dictionary.Dictionary, r *dictionary.Rule) (told, same, records int) {
	t.Helper()
	tree := parseNode(t, r.XML)
	builds := otherBuilds(tree, d, r)
	d = withRules(t, d, r, []string{r.XML})
	meant, built := checkerOf(t, d), checkerOf(t, withRules(t, d, d.Rules[len(d.Rules)-1], builds))
	form, _ := d.Form(r.Form)
	apart := map[string]bool{}
	for data := range otherRecords(t, form, r) {
		for id := range differing(t, meant, built, form, data) {
			apart[id] = true
		}
	}
	cases, uncovered := meant.Cases()
	if slices.ContainsFunc(uncovered, func(u dictionary.Uncovered) bool { return u.RuleID == buildID(0) }) {
		return 0, 0, 0 // it is said that no record tests the rule
	}
	shown := map[string]bool{}
	for _, c := range cases {
		if c.RuleID == buildID(0) {
			records++
			for id := range differing(t, meant, built, form, c.Data) {
				shown[id] = true
			}
		}
	}
	for i, logic := range builds {
		id := buildID(i)
		switch {
		case apart[id]:
			told++
			require.True(t, shown[id], "rule %s\n%s\n%s", r.ID, r.XML, logic)
		case !shown[id]:
			same++
		}
	}
	return told, same, records
}

func buildID(i int) string { return fmt.Sprintf("build %d", i) }

// differing are the builds that a record tells from a rule: that act where it does not, or do not where it does.
func differing(t *testing.T, meant, built *dictionary.Checker, form *dictionary.Form, data imednet.RecordData) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	outcomes := meant.CheckData(form, data)
	own := outcomes[slices.IndexFunc(outcomes, func(o dictionary.Outcome) bool { return o.RuleID == buildID(0) })].Acts
	for _, o := range built.CheckData(form, data) {
		if own == imednet.Yes && o.Acts != imednet.Yes || own == imednet.No && o.Acts == imednet.Yes {
			all[o.RuleID] = true
		}
	}
	return all
}

// withRules adds other builds of a rule to its form.
func withRules(t *testing.T, d *dictionary.Dictionary, r *dictionary.Rule, builds []string) *dictionary.Dictionary {
	t.Helper()
	tables := map[string]*dictionary.Table{}
	for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		tables[file] = d.Table(file)
	}
	rules := *d.Table(dictionary.RulesFile)
	column := func(name string) int {
		return slices.IndexFunc(rules.Header, func(h string) bool { return strings.EqualFold(h, name) })
	}
	own := rules.Rows[slices.IndexFunc(rules.Rows, func(row dictionary.Row) bool { return row.Number == r.Row })]
	rules.Rows = slices.DeleteFunc(slices.Clone(rules.Rows), func(row dictionary.Row) bool {
		return len(row.Cells) <= column("Form") || row.Cells[column("Form")] != r.Form || row.Cells[column("ID")] == r.ID
	})
	for i, logic := range builds {
		row := own
		row.Cells = slices.Clone(own.Cells)
		rules.Rows = append(rules.Rows, row)
		rules.SetCell(len(rules.Rows)-1, column("ID"), buildID(i))
		rules.SetCell(len(rules.Rows)-1, column("Logic"), logic)
	}
	tables[dictionary.RulesFile] = &rules
	other, err := dictionary.ReadTables(tables, dictionary.ReadOptions{})
	if err != nil {
		require.ErrorAs(t, err, new(*dictionary.InvalidError))
	}
	return other
}

// otherRecords are records with answers around the constants of a rule, at other distances than the acceptance test's.
func otherRecords(t *testing.T, form *dictionary.Form, r *dictionary.Rule) func(func(imednet.RecordData) bool) {
	t.Helper()
	random := rand.New(rand.NewPCG(24, 24))
	var questions []*dictionary.Question
	var values [][]string
	most := 200
	if os.Getenv("IMEDNET_LONG") != "" {
		most = 100_000
	}
	total := 1
	for _, q := range form.Questions {
		if strings.Contains(r.XML, ">"+q.Name+"<") || q.Name == "W" {
			questions = append(questions, q)
			values = append(values, otherAnswers(q, r.XML, random))
			total = min(total*len(values[len(values)-1]), most)
		}
	}
	return func(yield func(imednet.RecordData) bool) {
		for n := range total {
			var parts []string
			for i, q := range questions {
				at := n % len(values[i])
				if n /= len(values[i]); total == most {
					at = random.IntN(len(values[i]))
				}
				if strings.HasPrefix(q.Name, "K") && random.IntN(20) > 0 {
					at = 2 // else hardly any record has all of them
				}
				parts = append(parts, strconv.Quote(q.Name)+":"+values[i][at])
			}
			data, err := imednet.NewRecordData([]byte("{" + strings.Join(parts, ",") + "}"))
			require.NoError(t, err)
			if !yield(data) {
				return
			}
		}
	}
}

func otherAnswers(q *dictionary.Question, logic string, random *rand.Rand) []string {
	all := map[string]bool{"null": true}
	constants := []string{}
	for _, m := range regexp.MustCompile(`<value>([^<]*)<`).FindAllStringSubmatch(logic, -1) {
		constants = append(constants, m[1])
	}
	quoted := func(texts ...string) {
		for _, text := range texts {
			all[strconv.Quote(text)] = true
		}
	}
	switch q.Kind() {
	case imednet.FlagVariable:
		all["true"], all["false"] = true, true
	case imednet.ChoiceVariable:
		quoted(q.Texts()...)
	case imednet.NumberVariable, imednet.WholeVariable:
		for _, n := range numbersNear(constants, q.Option("Whole Numbers Only") == "Yes") {
			if length, err := strconv.Atoi(q.Option("Length")); err != nil || len(n) <= length {
				all[n] = true
			}
		}
	case imednet.DateVariable:
		for _, text := range append(constants, today.Format(time.DateTime)) {
			at, err := time.Parse("2006-01-02T15:04", text)
			if err != nil {
				if at, err = time.Parse(time.DateOnly, text[:min(10, len(text))]); err != nil {
					continue
				}
			}
			for _, by := range []time.Duration{-49 * time.Hour, -26 * time.Hour, -3 * time.Hour, -time.Minute, 0, time.Minute, 5 * time.Hour, 13 * time.Hour, 30 * time.Hour} {
				quoted(at.Add(by).Format(time.DateOnly))
				if q.Option("Precision Time") != "No" {
					quoted(at.Add(by).Format("2006-01-02T15:04"))
				}
			}
		}
	case imednet.TimeVariable:
		quoted("03:07", "12:00", "14:29", "14:30", "14:31", "14:30:09", "14:30:10", "14:30:11", "21:15")
	default:
		quoted(constants...)
		quoted("other", "yes.m", "YES", "xYes")
		alphabet := "09aAbBcCxyYzZ-. mgf/:@[`{" + strings.Join(constants, "")
		for range 6_000 {
			text := ""
			for range random.IntN(7) {
				text += string(alphabet[random.IntN(len(alphabet))])
			}
			quoted(text, strings.ToUpper(text))
		}
		for _, start := range []string{"yes.", "no.", "yes", "abb", "ABbb", "ab", "AbBc", "000", "AAA", "Ab Cd", "ABCx", "ABCDx", "YYY-x", "ABC-", "12"} {
			for _, c := range alphabet {
				quoted(start+string(c), string(c)+start, start[:len(start)-1]+string(c))
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func numbersNear(constants []string, whole bool) (all []string) {
	for _, text := range append(constants, "0", "4", "30", "100") {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			continue
		}
		for _, by := range []float64{-13, -1.5, -1, -0.6, -0.05, -0.005, 0, 0.005, 0.05, 0.4, 1, 1.5, 7, 33} {
			if moved := n + by; !whole || moved == float64(int(moved)) {
				all = append(all, strconv.FormatFloat(moved, 'f', -1, 64))
			}
		}
	}
	return all
}

// otherBuilds are a rule's logic with one change each that a person may make by mistake.
func otherBuilds(root *node, d *dictionary.Dictionary, r *dictionary.Rule) (all []string) {
	form, _ := d.Form(r.Form)
	add := func() {
		if text := root.String(); !slices.Contains(all, text) && text != r.XML {
			all = append(all, text)
		}
	}
	groups := [][]string{{"equals", "gt", "gte", "lt", "lte"}, {"and", "or"}, {"blank", "checked"}, {"add", "sub", "mul", "div"}, {"current_date", "current_date_only", "utctime"}, {"hidden", "disabled"}}
	operands := []string{"question", "add", "sub", "mul", "div", "floor", "trunc_date", "utctime", "current_date"}
	var visit func(n *node)
	visit = func(n *node) {
		was := *n
		replace := func(other *node) { *n = *other; add(); *n = was }
		for _, group := range groups {
			for _, name := range group {
				if slices.Contains(group, n.name) {
					replace(&node{name: name, text: n.text, children: n.children})
				}
			}
		}
		for i, c := range n.children {
			switch {
			case slices.Contains(conditionWords, n.name) && slices.Contains(conditionWords, c.name), slices.Contains(operands, n.name) && n.name != "question":
				replace(c)
			}
			if slices.Contains([]string{"and", "or"}, n.name) && len(n.children) > 1 {
				replace(&node{name: n.name, children: slices.Delete(slices.Clone(n.children), i, i+1)})
			}
			if i > 0 && slices.Contains(append(operands, groups[0]...), n.name) {
				exchanged, repeated := slices.Clone(n.children), slices.Clone(n.children)
				exchanged[i-1], exchanged[i] = c, n.children[i-1]
				repeated[i] = n.children[i-1]
				replace(&node{name: n.name, children: exchanged})
				replace(&node{name: n.name, children: repeated})
			}
			if slices.Contains(operands, c.name) && slices.Contains(append(operands, groups[0]...), n.name) {
				for _, other := range []*node{{name: "floor", children: []*node{c}}, {name: "trunc_date", children: []*node{c}}, {name: "mul", children: []*node{c, c}}} {
					n.children[i] = other
					add()
				}
				n.children[i] = c
			}
		}
		switch n.name {
		case "question":
			own, _ := form.Question(n.text)
			for _, q := range form.Questions {
				if own != nil && q.Kind() == own.Kind() && (strings.Contains(r.XML, ">"+q.Name+"<") || len(form.Questions) < 30) {
					replace(&node{name: "question", text: q.Name})
				}
			}
		case "value":
			for _, text := range otherConstants(n.text) {
				replace(&node{name: "value", text: text})
			}
		}
		for _, c := range n.children {
			visit(c)
		}
	}
	for _, c := range root.children {
		if c.name == "Conditions" {
			visit(c)
		}
	}
	for _, function := range []string{"trunc_date", "floor"} {
		if text := root.String(); strings.Contains(text, function) {
			all = append(all, strings.NewReplacer("<"+function+">", "", "</"+function+">", "").Replace(text))
		}
	}
	return all
}

var (
	counted = regexp.MustCompile(`\{(\d+)(,?)(\d*)\}`)
	ranged  = regexp.MustCompile(`(\w)-(\w)`)
)

func otherConstants(text string) (all []string) {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		for _, by := range []float64{-10, -1, -0.5, -0.1, -0.01, 0.01, 0.1, 0.5, 1, 10} {
			all = append(all, strconv.FormatFloat(n+by, 'f', 4, 64))
		}
		return all
	}
	for layout, step := range map[string]time.Duration{time.DateOnly: 24 * time.Hour, "2006-01-02T15:04": time.Minute, "15:04": time.Minute, "15:04:05": time.Second} {
		if at, err := time.Parse(layout, text); err == nil {
			return append(all, at.Add(step).Format(layout), at.Add(-step).Format(layout))
		}
	}
	all = append(all, strings.ToLower(text), strings.ToUpper(text), text+"x", "^"+text, text+"$", "(?i)"+text, strings.ReplaceAll(text, "(?i)", ""))
	for _, pair := range [][2]string{{"^", ""}, {"$", ""}, {"+", "*"}, {"*", "+"}, {"*", ""}, {"?$", "$"}, {"-?", "-"}, {"-?", ""}, {`\.`, "."}, {"yes|", ""}, {"|no", ""}, {"fm", "f"}, {"x+", ""}} {
		all = append(all, strings.Replace(text, pair[0], pair[1], 1))
	}
	edit := func(from, to int, with string) { all = append(all, text[:from]+with+text[to:]) }
	for _, m := range counted.FindAllStringSubmatchIndex(text, -1) {
		low, _ := strconv.Atoi(text[m[2]:m[3]])
		high, err := strconv.Atoi(text[m[6]:m[7]])
		for _, by := range []int{-1, 1} {
			edit(m[2], m[3], strconv.Itoa(low+by))
			if err == nil {
				edit(m[6], m[7], strconv.Itoa(high+by))
			}
		}
		edit(m[0], m[1], fmt.Sprintf("{%d,}", low))
		edit(m[0], m[1], fmt.Sprintf("{%d,%d}", low, max(low, high)+1))
		edit(m[0], m[1], "+")
	}
	for _, m := range ranged.FindAllStringSubmatchIndex(text, -1) {
		for _, end := range []int{m[2], m[4]} {
			edit(end, end+1, string(text[end]+1))
			edit(end, end+1, string(text[end]-1))
		}
	}
	return all
}
