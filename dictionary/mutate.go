package dictionary

import (
	"math/big"
	"regexp/syntax"
	"slices"

	"github.com/imednetgo/imednet"
)

// alike are conditions, operations and operands that are easily taken for one another.
var alike = [][]string{
	{"equals", "gt", "gte", "lt", "lte"}, {"like", "equals"}, {"and", "or"}, {"blank", "checked"}, {"add", "sub", "mul", "div"},
	{"current_date", "current_date_only"}, {"utctime", "current_date_only"}, {"disabled", "hidden"},
}

// opposites are comparisons that differ from the negation of the other only in blanks.
var opposites = map[string]string{"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}

// ticks are conditions that differ from the negation of the other only in the answer that says no.
var ticks = map[string]string{"blank": "checked", "checked": "blank"}

// decided are the elements that hold or do not.
var decided = map[string]bool{
	"and": true, "or": true, "not": true, "true": true, "equals": true, "gt": true, "lt": true, "gte": true, "lte": true, "like": true,
	"blank": true, "checked": true, "exists": true,
}

var (
	comparisons  = map[string]bool{"equals": true, "gt": true, "lt": true, "gte": true, "lte": true}
	calculations = map[string]bool{"add": true, "sub": true, "mul": true, "div": true, "floor": true}
	dates        = map[string]bool{"trunc_date": true, "current_date": true, "current_date_only": true, "utctime": true}
)

// mutator makes other builds of a condition, each with one change.
type mutator struct {
	form      *Form
	read      []*Question // by the rule
	constants []string    // with which the rule compares
}

func (m *mutator) mutations(e *Element) []*Element {
	all := m.changed(e)
	for i, child := range e.Children {
		for _, other := range slices.Concat(m.mutations(child), m.wrapped(e, child)) {
			all = append(all, e.withChild(i, other))
		}
	}
	return all
}

func (e *Element) named(name string) *Element {
	other := *e
	other.Name = name
	return &other
}

func (e *Element) with(children ...*Element) *Element {
	other := *e
	other.Children = children
	return &other
}

func (e *Element) withChild(i int, child *Element) *Element {
	children := slices.Clone(e.Children)
	children[i] = child
	return e.with(children...)
}

// changed are an element under another name, with its parts in another order or in its stead, with a part left out, and
// other values.
func (m *mutator) changed(e *Element) (all []*Element) {
	for _, names := range alike {
		for _, name := range names {
			if slices.Contains(names, e.Name) && name != e.Name {
				all = append(all, e.named(name))
			}
		}
	}
	if other := ticks[e.Name]; other != "" && m.isAboutBox(e) {
		all = append(all, negated(e.named(other)))
	}
	if opposite := opposites[e.Name]; opposite != "" {
		all = append(all, negated(e.named(opposite)))
	}
	if decided[e.Name] {
		all = append(all, negated(e))
	}
	switch {
	case e.Name == "gt", e.Name == "gte", e.Name == "lt", e.Name == "lte", e.Name == "sub", e.Name == "div":
		turned := slices.Clone(e.Children)
		slices.Reverse(turned)
		all = append(all, e.with(turned...))
	case e.Name == "value":
		all = append(all, m.otherValues(e.Trimmed())...)
	case e.Name == "question":
		all = append(all, m.otherQuestions(e.Trimmed())...)
	case e.Name == "not" && len(e.Children) == 1:
		all = append(all, e.Children[0])
	}
	if e.Name == "case" {
		all = append(all, e.otherCases()...)
	}
	if comparisons[e.Name] && len(e.Children) == 2 {
		all = slices.Concat(all, m.withoutFunctions(e), m.otherChoices(e), m.today(e))
	}
	if (comparisons[e.Name] || calculations[e.Name]) && e.calculates() {
		all = append(all, e.finer()...)
	}
	if calculations[e.Name] {
		all = append(all, e.withItself()...)
	}
	return slices.Concat(all, m.shorter(e), m.otherBlanks(e))
}

// otherBlanks are a comparison that holds as well where the answer to a question is blank, and one that two blanks do not meet.
func (m *mutator) otherBlanks(e *Element) (all []*Element) {
	if !comparisons[e.Name] && e.Name != "like" && e.Name != "checked" {
		return nil
	}
	for _, q := range m.read {
		if !e.compares(q) {
			continue
		}
		blank := &Element{Name: "blank", Children: []*Element{{Name: "question", Text: q.Name}}}
		all = append(all, &Element{Name: "or", Children: []*Element{e, blank}})
		if e.Name == "equals" {
			all = append(all, &Element{Name: "and", Children: []*Element{e, negated(blank)}})
		}
	}
	return all
}

// compares reports whether an element asks for the answer to a question, and not only whether it is hidden or disabled.
func (e *Element) compares(q *Question) bool {
	if e.Name == "disabled" || e.Name == "hidden" || foreignForms[e.Name] {
		return false
	}
	return e.Name == "question" && e.Trimmed() == q.Name || slices.ContainsFunc(e.Children, func(child *Element) bool { return child.compares(q) })
}

// withoutFunctions is a comparison of two operands that are rounded alike without that.
func (m *mutator) withoutFunctions(e *Element) []*Element {
	a, b := e.Children[0], e.Children[1]
	if a.Name != b.Name || a.Name != "floor" && a.Name != "trunc_date" || len(a.Children) != 1 || len(b.Children) != 1 {
		return nil
	}
	if m.isWhole(a.Children[0]) && m.isWhole(b.Children[0]) {
		return nil
	}
	return []*Element{e.with(a.Children[0], b.Children[0])}
}

// isAboutBox reports whether a condition is about the answer to a checkbox.
func (m *mutator) isAboutBox(e *Element) bool {
	q, ok := m.form.Question(e.Child("question").name())
	return ok && q.Kind() == imednet.FlagVariable
}

// today is a comparison of dates with the current date in the stead of a question.
func (m *mutator) today(e *Element) (all []*Element) {
	for i, child := range e.Children {
		if m.isAskedDate(child) && (m.isAskedDate(e.Children[1-i]) || e.Children[1-i].Name == "value") {
			all = append(all, e.withChild(i, &Element{Name: "current_date_only"}))
		}
	}
	return all
}

// isAskedDate reports whether an operand is the date that answers a question, or the day of it.
func (m *mutator) isAskedDate(e *Element) bool {
	if e.Name == "trunc_date" && len(e.Children) == 1 {
		e = e.Children[0]
	}
	q, ok := m.form.Question(e.Trimmed())
	return e.Name == "question" && ok && q.Kind() == imednet.DateVariable
}

// finer are a calculation, or a comparison of one, with constants that differ by less than answers do.
func (e *Element) finer() (all []*Element) {
	for i, child := range e.Children {
		n, ok := imednet.ParseNumber(child.Trimmed())
		exact, known := n.Rat()
		if child.Name != "value" || !ok || !known {
			continue
		}
		for decimals := min(max(0, n.Decimals()), maxDecimals-finerDecimals) + 1; decimals <= max(0, n.Decimals())+finerDecimals; decimals++ {
			for _, by := range []int64{-1, 1} {
				all = append(all, e.withChild(i, &Element{Name: "value", Text: gridNumber(exact, decimals, by)}))
			}
		}
	}
	return all
}

const finerDecimals = 2 // more than a constant has

// otherCases are a case without one of its conditions and what stands behind it, with two of them in the other order, and with what
// stands behind one behind another, in its stead or exchanged.
func (e *Element) otherCases() (all []*Element) {
	if len(e.Children)%2 != 0 {
		return nil
	}
	for i := 0; i < len(e.Children) && len(e.Children) > 2; i += 2 {
		all = append(all, e.with(slices.Delete(slices.Clone(e.Children), i, i+2)...))
		for j := 0; j < len(e.Children); j += 2 {
			if j == i {
				continue
			}
			all = append(all, e.withChild(i+1, e.Children[j+1]))
			if j < i {
				continue
			}
			all = append(all, e.withChild(i+1, e.Children[j+1]).withChild(j+1, e.Children[i+1]))
			turned := e.withChild(i, e.Children[j]).withChild(j, e.Children[i])
			all = append(all, turned.withChild(i+1, e.Children[j+1]).withChild(j+1, e.Children[i+1]))
		}
	}
	return all
}

// withItself is a calculation with a question and a constant, with the question in the constant's stead too.
func (e *Element) withItself() (all []*Element) {
	for i, child := range e.Children {
		for _, other := range e.Children {
			if child.Name == "value" && other.Name == "question" {
				all = append(all, e.withChild(i, other))
			}
		}
	}
	return all
}

func negated(e *Element) *Element { return &Element{Name: "not", Children: []*Element{e}} }

// shorter are what is left of an element without a part of it, or without itself.
func (m *mutator) shorter(e *Element) (all []*Element) {
	for i, child := range e.Children {
		switch {
		case len(e.Children) > 1 && decided[child.Name]:
			all = append(all, e.with(slices.Delete(slices.Clone(e.Children), i, i+1)...))
		case e.Name == "floor" && m.isWhole(child):
		case calculations[e.Name], e.Name == "trunc_date":
			all = append(all, child)
			if len(e.Children) > 2 {
				all = append(all, e.with(slices.Delete(slices.Clone(e.Children), i, i+1)...))
			}
		case e.Name == "case" && child.Name == "then" && len(child.Children) == 1:
			all = append(all, child.Children[0])
		case e.Name == "like" && i == 1 && child.Name == "value":
			for _, pattern := range patternsBeside(child.Trimmed()) {
				all = append(all, e.withChild(i, &Element{Name: "value", Text: pattern}))
			}
		}
	}
	return all
}

func patternsBeside(pattern string) []string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	return otherPatterns(pattern, parsed)
}

// wrapped are an operand that is calculated with in one more way: rounded down, taken with itself, one more, ten times as much, with the other
// sign, or without its time.
func (m *mutator) wrapped(parent, e *Element) (all []*Element) {
	if !comparisons[parent.Name] && !calculations[parent.Name] && parent.Name != "then" {
		return nil
	}
	q, _ := m.form.Question(e.Trimmed())
	asked := e.Name == "question" && q != nil
	number := calculations[e.Name] || asked && q.Kind().IsNumber()
	if number && parent.Name != "floor" && !m.isWhole(e) {
		all = append(all, &Element{Name: "floor", Children: []*Element{e}})
	}
	if number {
		all = append(all, &Element{Name: "mul", Children: []*Element{e, e}})
	}
	if number && parent.Name != "floor" {
		for _, by := range [][2]string{{"add", "1"}, {"mul", "10"}, {"mul", "-1"}} {
			all = append(all, &Element{Name: by[0], Children: []*Element{e, {Name: "value", Text: by[1]}}})
		}
	}
	if date := dates[e.Name] || asked && q.Kind() == imednet.DateVariable; date && e.Name != "trunc_date" && parent.Name != "trunc_date" {
		all = append(all, &Element{Name: "trunc_date", Children: []*Element{e}})
	}
	return all
}

// isWhole reports whether an operand is a whole number for all answers that its questions take, so that rounding it changes nothing.
func (m *mutator) isWhole(e *Element) bool {
	switch e.Name {
	case "question":
		q, ok := m.form.Question(e.Trimmed())
		return ok && q.Kind().IsNumber() && q.wholeOnly()
	case "value":
		n, ok := imednet.ParseNumber(e.Trimmed())
		exact, known := n.Rat()
		return ok && known && exact.IsInt()
	case "floor":
		return true
	case "add", "sub", "mul":
		return !slices.ContainsFunc(e.Children, func(child *Element) bool { return !m.isWhole(child) })
	}
	return false
}

// otherQuestions are those of the same kind that the rule reads too.
func (m *mutator) otherQuestions(name string) (all []*Element) {
	own, ok := m.form.Question(name)
	for _, q := range m.read {
		if ok && q != own && sameKind(q.Kind(), own.Kind()) {
			all = append(all, &Element{Name: "question", Text: q.Name})
		}
	}
	return all
}

// otherChoices are comparisons of a choice with each other one.
func (m *mutator) otherChoices(e *Element) (all []*Element) {
	for i, child := range e.Children {
		q, ok := m.form.Question(e.Children[1-i].Trimmed())
		if !ok || q.Kind() != imednet.ChoiceVariable || child.Name != "value" || e.Children[1-i].Name != "question" {
			continue
		}
		for _, text := range q.Texts() {
			if text != child.Trimmed() {
				all = append(all, e.withChild(i, &Element{Name: "value", Text: text}))
			}
		}
	}
	return all
}

// otherValues are what stands beside a number, day or minute, and beside the other constants of the rule, what is far from it, and
// other texts.
func (m *mutator) otherValues(text string) (all []*Element) {
	var others []string
	if n, ok := imednet.ParseNumber(text); ok {
		others = m.otherNumbers(n)
	} else {
		others = slices.Concat([]string{text + "x", otherCase(text), ""}, typos(text), m.otherMoments(text))
	}
	var seen []string
	for _, other := range others {
		if other != text && !slices.Contains(seen, other) {
			seen = append(seen, other)
			all = append(all, &Element{Name: "value", Text: other})
		}
	}
	return all
}

// typos are texts that are easily written in the stead of another: in the plural, and without the first or last letter.
func typos(text string) []string {
	letters := []rune(text)
	if len(letters) < 2 {
		return []string{text + "s"}
	}
	return []string{text + "s", string(letters[1:]), string(letters[:len(letters)-1])}
}

// otherMoments are the days, minutes or seconds beside a date or time and beside those of the rule that are written alike, and some
// far from it; none for another text.
func (m *mutator) otherMoments(text string) (all []string) {
	beside := func(text string) []string {
		return slices.Concat(daysBeside(text), minutesBeside(text), m.momentsBeside(text))
	}
	all = beside(text)
	if len(all) == 0 {
		return nil
	}
	for _, other := range m.constants {
		if moments := beside(other); len(moments) > 0 && len(other) == len(text) {
			all = append(append(all, other), moments...)
		}
	}
	return append(all, farMoments(text)...)
}

// otherNumbers are those beside a number that a question takes which the rule reads, and beside its other constants, one more and
// less, and some far from it.
func (m *mutator) otherNumbers(n imednet.Number) []string {
	exact, ok := n.Rat()
	if !ok {
		return nil
	}
	var all []string
	for _, other := range m.constants {
		if number, ok := imednet.ParseNumber(other); ok {
			all = append(all, number.Canonical())
			if place, ok := number.Rat(); ok {
				decimals := min(max(0, number.Decimals()), maxDecimals)
				all = append(all, gridNumber(place, decimals, 1), gridNumber(place, decimals, -1))
			}
		}
	}
	for _, q := range m.read {
		if q.Kind().IsNumber() {
			for _, text := range q.beside(exact) {
				all = appendNew(all, text)
			}
		}
	}
	for _, by := range []int64{1, -1, 10, -10, 100, -100} {
		all = appendNew(all, gridNumber(new(big.Rat).Add(exact, big.NewRat(by, 1)), min(n.Decimals(), maxDecimals), 0))
	}
	return slices.DeleteFunc(all, func(text string) bool { return text == n.Canonical() })
}

func (m *mutator) momentsBeside(text string) []string {
	if d, ok := wholeDate(text); ok {
		return momentsBeside(d)
	}
	return nil
}

// maxParts is how many elements the conditions of a rule may have for which cases are looked for: each part is changed
// in turn, in a copy of its own, so that time and memory grow with their square.
const maxParts = 2000

// parts is how many elements a rule's conditions have.
func (r *Rule) parts() (n int) {
	if conditions := r.conditions(); conditions != nil {
		conditions.All(func(*Element, *Element) { n++ })
	}
	return n
}

// rival is another build of a rule's conditions.
type rival struct {
	*Rule
	// early takes a day for its first moment, as a study may where the package leaves undecided what a day and a moment of it
	// are to each other.
	early bool
}

type rivals []rival

func (c *Checker) rivalsOf(form *Form, r *Rule, all chosen) (list rivals) {
	conditions := r.conditions()
	if conditions == nil {
		return nil
	}
	read, own, _ := c.readBy(form, r)
	m := &mutator{form, read[:own], suggestionsOf([]*Element{conditions}).constants}
	others := m.mutations(conditions)
	if all.flips != nil {
		others = append(others, conditions.flipped(all.flips)...)
	}
	for _, other := range others {
		built := &Rule{ID: r.ID, Form: r.Form, Logic: &Element{Name: r.Logic.Name, Children: []*Element{other}}}
		list = append(list, rival{built, false})
		if other.mentions(dates) || conditions.mentions(dates) {
			list = append(list, rival{built, true})
		}
	}
	return list
}

// mentions reports whether an element or one in it has one of some names.
func (e *Element) mentions(names map[string]bool) (found bool) {
	e.All(func(x, _ *Element) { found = found || names[x.Name] })
	return found
}

// flipped are builds of conditions in each of which one comparison is decided the other way for one answer.
func (e *Element) flipped(flips map[*Element][]flip) (all []*Element) {
	for _, f := range flips[e] {
		at := &Element{Name: "equals", Children: []*Element{{Name: "question", Text: f.question}, {Name: "value", Text: f.value}}}
		all = append(all, &Element{Name: "or", Children: []*Element{
			{Name: "and", Children: []*Element{e, negated(at)}}, {Name: "and", Children: []*Element{negated(e), at}},
		}})
	}
	for i, child := range e.Children {
		for _, other := range child.flipped(flips) {
			all = append(all, e.withChild(i, other))
		}
	}
	return all
}
