package dictionary

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// maxDocument bounds a document that is read. The one of a real export has 4 MB.
const maxDocument = 512 << 20

// ReadToolkit reads a document of the Python toolkit. Members that neither tool knows are kept. The
// error is an *[imednet.DecodeError] with the place of the problem and never its value.
func ReadToolkit(r io.Reader) (*ToolkitDocument, error) {
	if err := argument.Required("dictionary.ReadToolkit", "r", r); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, failed("read the toolkit's document", "", err)
	}
	if len(raw) > maxDocument {
		return nil, failed("read the toolkit's document", "", ErrTooLarge)
	}
	d := &documentReader{}
	if d.checkText(raw); d.err != nil {
		return nil, failed("read the toolkit's document", "", d.err)
	}
	doc := d.document(raw, "")
	if d.err != nil {
		return nil, failed("read the toolkit's document", "", d.err)
	}
	return doc, nil
}

// documentReader keeps the first thing that does not fit, and the places of members that occur twice.
type documentReader struct {
	err      error
	repeated []string

	parts  map[string]int // how many forms, questions, choices and rules there are, by the member that lists them
	markup int            // how many elements and attributes their logic has
}

func (d *documentReader) problem(pointer, problem string) {
	if d.err == nil {
		d.err = &imednet.DecodeError{Type: "data dictionary", Pointer: pointer, Problem: problem}
	}
}

// fields is an object whose members are taken one by one.
type fields struct {
	d       *documentReader
	pointer string
	list    []Member
	taken   []bool
}

func (d *documentReader) object(raw jsontext.Value, pointer string) *fields {
	f := &fields{d: d, pointer: pointer}
	if raw.Kind() != '{' {
		d.problem(pointer, "must be an object")
		return f
	}
	f.list = membersOf(raw)
	f.taken = make([]bool, len(f.list))
	return f
}

// membersOf returns the members of a valid object in order.
func membersOf(raw jsontext.Value) []Member {
	dec := newDecoder(raw)
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	var list []Member
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return list
		}
		text := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return list
		}
		list = append(list, Member{text, value.Clone()})
	}
	return list
}

func (f *fields) take(name string) jsontext.Value {
	var found jsontext.Value
	times := 0
	for i, m := range f.list {
		if m.Name == name {
			f.taken[i], found = true, m.Value
			times++
		}
	}
	if times > 1 {
		f.d.repeated = append(f.d.repeated, f.at(name))
	}
	if found.Kind() == 'n' {
		return nil
	}
	return found
}

func (f *fields) at(name string) string { return f.pointer + "/" + name }

func (f *fields) text(name string) *string {
	v := f.take(name)
	if v == nil {
		return nil
	}
	if v.Kind() != '"' {
		f.d.problem(f.at(name), "must be text")
		return nil
	}
	return pointer(unquoted(v))
}

func (f *fields) needed(name string) string {
	s := f.text(name)
	if s == nil {
		f.d.problem(f.at(name), "is missing")
		return ""
	}
	return *s
}

// number takes a whole number, also as text or with a fraction of zero, as the toolkit does.
func (f *fields) number(name string) *int64 {
	v := f.take(name)
	if v == nil {
		return nil
	}
	n, ok := imednet.NewValue(v).Int64()
	if !ok {
		f.d.problem(f.at(name), "must be a whole number")
		return nil
	}
	return &n
}

// id takes text or a whole number, as it stands.
func (f *fields) id(name string) jsontext.Value {
	v := f.take(name)
	if v == nil || v.Kind() == '"' {
		return v
	}
	if _, ok := imednet.NewValue(v).Int64(); !ok || v.Kind() != '0' {
		f.d.problem(f.at(name), "must be text or a whole number")
		return nil
	}
	return v
}

func (f *fields) scalar(name string) jsontext.Value {
	if s := f.text(name); s != nil {
		return quoted(*s)
	}
	return nil
}

func (f *fields) object(name string) []Member {
	v := f.take(name)
	if v == nil {
		return nil
	}
	if v.Kind() != '{' {
		f.d.problem(f.at(name), "must be an object")
		return nil
	}
	return membersOf(v)
}

func (f *fields) unknown() []Member {
	var rest []Member
	for i, m := range f.list {
		if !f.taken[i] {
			rest = append(rest, m)
		}
	}
	return rest
}

// listOf takes a list and reads its items.
func listOf[T any](f *fields, name string, read func(raw jsontext.Value, pointer string) T) []T {
	v := f.take(name)
	if v == nil {
		return nil
	}
	var items []jsontext.Value
	if v.Kind() != '[' || json.Unmarshal(v, &items, jsontext.AllowDuplicateNames(true)) != nil {
		f.d.problem(f.at(name), "must be a list")
		return nil
	}
	if f.d.tooManyParts(name, len(items), f.at(name)) {
		return nil
	}
	all := make([]T, 0, len(items))
	for i, item := range items {
		if f.d.err != nil {
			return nil
		}
		all = append(all, read(item, f.at(name)+"/"+strconv.Itoa(i)))
	}
	return all
}

func (d *documentReader) document(raw jsontext.Value, at string) *ToolkitDocument {
	f := d.object(raw, at)
	doc := &ToolkitDocument{Metadata: ToolkitMetadata{SchemaVersion: "1.0.0"}}
	if v := f.take("metadata"); v != nil {
		doc.Metadata = d.metadata(v, f.at("metadata"))
	}
	doc.Forms = listOf(f, "forms", d.form)
	doc.Unassigned = listOf(f, "unassignedBusinessLogic", d.rule)
	doc.Unknown, doc.repeated = f.unknown(), d.repeated
	return doc
}

func (d *documentReader) metadata(raw jsontext.Value, at string) ToolkitMetadata {
	f := d.object(raw, at)
	m := ToolkitMetadata{SchemaVersion: "1.0.0", StudyKey: f.text("studyKey"), GeneratedAt: f.text("generatedAt"), Source: f.text("source")}
	if version := f.text("schemaVersion"); version != nil {
		m.SchemaVersion = *version
	}
	m.Warnings = listOf(f, "validationWarnings", func(raw jsontext.Value, at string) string {
		if raw.Kind() != '"' {
			d.problem(at, "must be text")
			return ""
		}
		return unquoted(raw)
	})
	m.Extra = f.object("extraAttributes")
	m.Unknown = f.unknown()
	return m
}

func (d *documentReader) form(raw jsontext.Value, at string) ToolkitForm {
	f := d.object(raw, at)
	form := ToolkitForm{Key: f.needed("formKey"), Name: f.scalar("formName"), ID: f.id("formId"), Type: f.scalar("formType")}
	form.Variables = listOf(f, "variables", d.variable)
	form.Rules = listOf(f, "businessLogic", d.rule)
	form.Extra, form.Unknown = f.object("extraAttributes"), f.unknown()
	return form
}

func (d *documentReader) variable(raw jsontext.Value, at string) ToolkitVariable {
	f := d.object(raw, at)
	v := ToolkitVariable{
		Name: f.needed("variableName"), Label: f.text("label"), Type: f.text("variableType"), Sequence: f.number("sequence"),
		Required: f.text("required"), Format: f.text("format"), Precision: f.text("precision"),
	}
	v.Choices = listOf(f, "choices", d.choice)
	v.Extra, v.Unknown = f.object("extraAttributes"), f.unknown()
	return v
}

func (d *documentReader) choice(raw jsontext.Value, at string) ToolkitChoice {
	f := d.object(raw, at)
	c := ToolkitChoice{Text: f.needed("choiceText"), Value: f.needed("choiceValue"), Position: f.number("position")}
	c.Extra, c.Unknown = f.object("extraAttributes"), f.unknown()
	return c
}

func (d *documentReader) rule(raw jsontext.Value, at string) ToolkitRule {
	f := d.object(raw, at)
	r := ToolkitRule{
		ID: f.id("id"), Name: f.text("name"), Type: f.text("type"), Status: f.text("status"), Form: f.text("form"), Sequence: f.number("sequence"),
		Logic: f.take("logic"), XML: f.text("logicRawXml"),
	}
	d.boundLogic(r, f)
	r.Extra, r.Unknown = f.object("extraAttributes"), f.unknown()
	return r
}

// Dictionary returns the document as a dictionary without tables, which lacks the files that the document lacks. The logic of rules without verbatim
// logic is made again from what the document holds of it; a [LogicLost] finding reports this. If no rule
// of the document has verbatim logic, active rules without any are taken to have lost theirs.
func (t *ToolkitDocument) Dictionary() *Dictionary {
	d := &Dictionary{StudyKey: orEmpty(t.Metadata.StudyKey), Forms: []*Form{}, Rules: []*Rule{}, tables: map[string]*Table{}, notRead: t.notRead(), document: t}
	find := &findings{}
	t.noteUnknown(find)
	for _, f := range t.Forms {
		form := &Form{Key: f.Key, ID: idText(f.ID), Name: idText(f.Name), Type: idText(f.Type), Listed: true, Questions: []*Question{}, Options: optionsOf(f.Extra, f.Unknown)}
		form.Title, form.Description = option(form.Options, "Title"), option(form.Options, "Description")
		for _, v := range f.Variables {
			form.Questions = append(form.Questions, v.question(f.Key))
		}
		d.Forms = append(d.Forms, form)
		for _, r := range f.Rules {
			d.Rules = append(d.Rules, r.in(f.Key).rule(find))
		}
	}
	for _, r := range t.Unassigned {
		d.Rules = append(d.Rules, r.rule(find))
	}
	noteLost(d.Rules, find)
	d.Findings = validate(d, find.list)
	return d
}

// noteUnknown reports members that neither tool knows. Those of the document and its metadata have no place
// in a dictionary; those of its parts are kept among their options.
func (t *ToolkitDocument) noteUnknown(find *findings) {
	note := func(at Finding, where string, unknown []Member) {
		for _, m := range unknown {
			at.Column = where + m.Name
			find.add(at.with(MemberUnknown, Note, "a member that neither tool knows; it is kept in the document"))
		}
	}
	for _, pointer := range t.repeated {
		find.add(Finding{Code: MemberUnknown, Severity: Warning, Column: pointer, Message: "the member occurs twice; the last one counts, as for the toolkit, and the others are lost"})
	}
	note(Finding{}, "", t.Unknown)
	note(Finding{}, "metadata.", t.Metadata.Unknown)
	note(Finding{}, "metadata.extraAttributes.", slices.DeleteFunc(slices.Clone(t.Metadata.Extra), func(m Member) bool {
		_, understood := t.namedNotRead()
		return m.Name == notReadMember && understood
	}))
	rules := func(form string, all []ToolkitRule) {
		for _, r := range all {
			note(Finding{Form: form, Rule: idText(r.ID)}, "", r.Unknown)
		}
	}
	for _, f := range t.Forms {
		note(Finding{Form: f.Key}, "", f.Unknown)
		for _, v := range f.Variables {
			note(Finding{Form: f.Key, Question: v.Name}, "", v.Unknown)
			for _, c := range v.Choices {
				note(Finding{Form: f.Key, Question: v.Name}, "choices.", c.Unknown)
			}
		}
		rules(f.Key, f.Rules)
	}
	rules("", t.Unassigned)
}

func (v ToolkitVariable) question(form string) *Question {
	q := &Question{Form: form, Name: v.Name, Type: orEmpty(v.Type), Label: orEmpty(v.Label), Sequence: numberText(v.Sequence), Required: Required(orEmpty(v.Required))}
	q.Options = optionsOf([]Member{{"format", textOrNull(v.Format)}, {"precision", textOrNull(v.Precision)}}, v.Extra, v.Unknown)
	for _, c := range v.Choices {
		q.Choices = append(q.Choices, &Choice{Text: c.Text, Code: c.Value, Position: numberText(c.Position), Options: optionsOf(c.Extra, c.Unknown)})
	}
	return q
}

// in is the rule of a form, which need not say that it is one.
func (r ToolkitRule) in(form string) ToolkitRule {
	if strings.TrimSpace(orEmpty(r.Form)) == "" {
		r.Form = &form
	}
	if strings.TrimSpace(orEmpty(r.Type)) == "" {
		r.Type = pointer("Form")
	}
	return r
}

func (r ToolkitRule) rule(find *findings) *Rule {
	rule := &Rule{
		ID: idText(r.ID), Type: orEmpty(r.Type), Name: orEmpty(r.Name), Status: orEmpty(r.Status), Form: orEmpty(r.Form), Sequence: numberText(r.Sequence),
		XML: orEmpty(r.XML), Options: optionsOf(r.Extra, r.Unknown),
	}
	at := Finding{Form: rule.Form, Rule: rule.ID}
	switch {
	case strings.TrimSpace(rule.XML) != "":
		logic, err := parseLogic(rule.XML)
		if err != nil {
			find.add(at.with(LogicBroken, Warning, fmt.Sprintf("the logic is not XML: %v", err)))
		}
		rule.Logic = logic
	case len(r.Logic) > 0:
		logic, ok := logicTree(r.Logic)
		if !ok {
			rule.lost = true
			find.add(at.with(LogicLost, Warning, "the document holds the logic in a form that cannot be read, and not its XML"))
			return rule
		}
		rule.Logic = logic
		find.add(at.with(LogicLost, Warning, "the document holds the logic without its XML; it is evaluated as far as the order of its elements is known"))
	}
	return rule
}

// noteLost marks the rules that may have lost their logic: those without any, in a document that was written
// without the XML of its rules.
func noteLost(rules []*Rule, find *findings) {
	if slices.ContainsFunc(rules, func(r *Rule) bool { return strings.TrimSpace(r.XML) != "" }) {
		return
	}
	for _, r := range rules {
		if r.Active() && foldHeader(r.Type) == "form" && !r.hasLogic() {
			r.lost = true
			find.add(Finding{Code: LogicLost, Severity: Warning, Form: r.Form, Rule: r.ID, Message: "the document was written without the XML of its rules, and holds no logic of this one"})
		}
	}
}

func numberText(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// optionsOf returns the attributes that hold something, under the toolkit's names.
func optionsOf(lists ...[]Member) []Option {
	var options []Option
	for _, m := range slices.Concat(lists...) {
		if text := idText(m.Value); m.Value.Kind() != 'n' && text != "" {
			options = append(options, Option{m.Name, text})
		}
	}
	return options
}
