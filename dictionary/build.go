package dictionary

import (
	"fmt"
	"slices"
	"strings"
)

// columnNames lists the columns that have fields of their own, by their folded headers. The first name
// of a list is the one that is said when the column is missing.
var columnNames = map[string]map[string][]string{
	FormsFile: {
		"Form Key": {"formkey", "form"}, "Form ID": {"formid"}, "Form Name": {"formname"}, "Form Type": {"formtype"},
		"Title": {"title"}, "Description": {"description"},
	},
	QuestionsFile: {
		"Form": {"form", "formkey"}, "Variable Name": {"variablename"}, "Variable Type": {"variabletype"}, "Label": {"label"},
		"Sequence": {"sequence"}, "Required Field": {"requiredfield", "required"},
	},
	ChoicesFile: {
		"Form": {"form", "formkey"}, "Variable Name": {"variablename"}, "Variable Type": {"variabletype"}, "Choice Text": {"choicetext"},
		"Choice Value": {"choicevalue"}, "Position": {"position"},
	},
	RulesFile: {
		"Type": {"type"}, "Name": {"name"}, "Status": {"status"}, "ID": {"id"}, "Form": {"form", "formkey"}, "Sequence": {"sequence"},
		"Logic": {"logic", "logicxml", "logicrawxml", "businesslogic", "rulexml", "xml"},
	},
}

// needed lists the columns without which a file says nothing.
var needed = map[string][]string{
	FormsFile: {"Form Key"}, QuestionsFile: {"Form", "Variable Name"}, ChoicesFile: {"Form", "Variable Name", "Choice Text"}, RulesFile: {"Type"},
}

// builder makes the model from the tables.
type builder struct {
	d     *Dictionary
	find  *findings
	forms map[string]*Form // the last of each key

	read *lookup // once the forms and questions are read
}

func build(studyKey string, tables map[string]*Table, find *findings) *Dictionary {
	d := &Dictionary{StudyKey: studyKey, tables: tables, Forms: []*Form{}, Rules: []*Rule{}}
	b := &builder{d: d, find: find, forms: map[string]*Form{}}
	for _, name := range exportFiles {
		if t := tables[name]; t != nil {
			b.checkColumns(t)
		}
	}
	b.eachRow(FormsFile, b.form)
	b.eachRow(QuestionsFile, b.question)
	b.read = newLookup(d)
	b.eachRow(ChoicesFile, b.choice)
	b.eachRow(RulesFile, b.rule)
	return d
}

func (b *builder) checkColumns(t *Table) {
	if len(t.Header) == 0 {
		return // the file could not be read, which is reported
	}
	c := newColumns(t)
	for _, name := range needed[t.File] {
		if !c.has(columnNames[t.File][name]...) {
			b.find.add(Finding{Code: ColumnMissing, Severity: Error, File: t.File, Column: name, Message: "the file has no such column"})
		}
	}
	seen := map[string]bool{}
	for _, header := range t.Header {
		key := foldHeader(header)
		if seen[key] {
			b.find.add(Finding{Code: ColumnTwice, Severity: Warning, File: t.File, Column: header, Message: "the column occurs twice; the first cell that is not blank counts"})
		}
		seen[key] = true
		if !knownHeader(t.File, key) {
			b.find.add(Finding{Code: ColumnUnknown, Severity: Note, File: t.File, Column: header, Message: "a column that real exports do not have; it is kept"})
		}
	}
}

// eachRow hands over the rows of a file, after a look at their length.
func (b *builder) eachRow(file string, take func(c columns, r *Row)) {
	t := b.d.tables[file]
	if t == nil {
		return
	}
	c := newColumns(t)
	for i := range t.Rows {
		r := &t.Rows[i]
		if len(r.Cells) > len(t.Header) {
			b.find.add(Finding{Code: RowTooLong, Severity: Warning, File: file, Row: r.Number, Message: fmt.Sprintf("the row has %d cells more than the header; they are kept", len(r.Cells)-len(t.Header))})
		}
		take(c, r)
	}
}

// named returns a cell of a column with a field of its own, as it is written.
func (c columns) named(r *Row, column string) string {
	return c.text(r, columnNames[c.table.File][column]...)
}

// key is a cell by which something is found, without white space around.
func (c columns) key(r *Row, column string) string { return strings.TrimSpace(c.named(r, column)) }

// options returns the cells that are not blank and that no field holds: those of other columns, of columns that come
// again, beyond the header, and of the columns that are named.
func (c columns) options(r *Row, free ...string) []Option {
	var held []int
	for column, names := range columnNames[c.table.File] {
		if !slices.Contains(free, column) {
			held = append(held, c.find(r, names))
		}
	}
	var all []Option
	for i, text := range r.Cells {
		if strings.TrimSpace(text) != "" && !slices.Contains(held, i) {
			all = append(all, Option{c.header(i), text})
		}
	}
	return all
}

func (b *builder) form(c columns, r *Row) {
	f := &Form{
		Key: c.key(r, "Form Key"), ID: c.key(r, "Form ID"), Name: c.named(r, "Form Name"), Type: c.named(r, "Form Type"),
		Title: c.named(r, "Title"), Description: c.named(r, "Description"), Listed: true, Questions: []*Question{}, Options: c.options(r), Row: r.Number,
	}
	if f.Key == "" {
		b.find.add(Finding{Code: FormWithoutKey, Severity: Warning, File: FormsFile, Row: r.Number, Message: "the form has no key; nothing can belong to it"})
	}
	b.d.Forms = append(b.d.Forms, f)
	b.forms[f.Key] = f
}

func (b *builder) question(c columns, r *Row) {
	q := &Question{
		Form: c.key(r, "Form"), Name: c.key(r, "Variable Name"), Type: c.named(r, "Variable Type"), Label: c.named(r, "Label"),
		Sequence: c.key(r, "Sequence"), Required: Required(strings.TrimSpace(c.named(r, "Required Field"))), Options: c.options(r), Row: r.Number,
	}
	if q.Form == "" || q.Name == "" {
		b.find.add(Finding{Code: QuestionWithoutName, Severity: Warning, File: QuestionsFile, Row: r.Number, Form: q.Form, Question: q.Name, Message: "the question has no form or no name; it is kept in the table only"})
		return
	}
	f := b.forms[q.Form]
	if f == nil {
		if b.d.Known(FormsFile) {
			b.find.add(Finding{Code: FormUnknown, Severity: Warning, File: QuestionsFile, Row: r.Number, Form: q.Form, Question: q.Name, Message: "FORMS.csv has no such form"})
		}
		f = &Form{Key: q.Form, Questions: []*Question{}}
		b.d.Forms = append(b.d.Forms, f)
		b.forms[q.Form] = f
	}
	f.Questions = append(f.Questions, q)
}

func (b *builder) choice(c columns, r *Row) {
	form, name := c.key(r, "Form"), c.key(r, "Variable Name")
	choice := &Choice{Text: c.named(r, "Choice Text"), Code: c.named(r, "Choice Value"), Position: c.key(r, "Position"), Row: r.Number}
	var q *Question
	if f := b.forms[form]; f != nil {
		q, _ = b.read.question(f, name)
	}
	if q == nil {
		if b.d.Known(QuestionsFile) {
			b.find.add(Finding{Code: QuestionUnknown, Severity: Warning, File: ChoicesFile, Row: r.Number, Form: form, Question: name, Message: "QUESTIONS.csv has no such question; the choice is kept in the table only"})
		}
		return
	}
	if typ := c.key(r, "Variable Type"); typ != "" && !strings.EqualFold(typ, strings.TrimSpace(q.Type)) {
		b.find.add(Finding{Code: ChoiceType, Severity: Warning, File: ChoicesFile, Row: r.Number, Form: form, Question: name, Message: "the choice gives the question another type than QUESTIONS.csv"})
	}
	if choice.Options = c.options(r); c.named(r, "Variable Type") != q.Type {
		choice.Options = c.options(r, "Variable Type") // no field holds it
	}
	q.Choices = append(q.Choices, choice)
}

func (b *builder) rule(c columns, r *Row) {
	rule := &Rule{
		ID: c.key(r, "ID"), Type: c.named(r, "Type"), Name: c.named(r, "Name"), Status: c.named(r, "Status"), Form: c.key(r, "Form"),
		Sequence: c.key(r, "Sequence"), XML: c.named(r, "Logic"), Options: c.options(r), Row: r.Number,
	}
	if strings.TrimSpace(rule.XML) != "" {
		logic, err := parseLogic(rule.XML)
		if err != nil {
			b.find.add(Finding{Code: LogicBroken, Severity: Warning, File: RulesFile, Row: r.Number, Form: rule.Form, Rule: rule.ID, Message: "the logic is not XML: " + err.Error()})
		}
		rule.Logic = logic
	}
	b.d.Rules = append(b.d.Rules, rule)
}
