package dictionary

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// ToolkitDocument is the document in which the Python toolkit stores a dictionary (schema
// data-dictionary-1.0.0). It holds less than a [Dictionary]: for example, it keeps one of several
// forms with the same key, and loses the order of elements in logic. It can be read and written so
// that both tools can share files.
type ToolkitDocument struct {
	Metadata   ToolkitMetadata
	Forms      []ToolkitForm
	Unassigned []ToolkitRule // rules that belong to no form
	Unknown    []Member

	repeated []string // members that occurred twice, by their pointers
}

// ToolkitMetadata describes the origin of a [ToolkitDocument].
type ToolkitMetadata struct {
	SchemaVersion string
	StudyKey      *string
	GeneratedAt   *string // MM-DD-YYYY HH:MM:SS, UTC
	Source        *string // csv or api
	Warnings      []string
	Extra         []Member
	Unknown       []Member
}

// ToolkitForm is a form in a [ToolkitDocument].
type ToolkitForm struct {
	Key            string
	Name, ID, Type jsontext.Value // text or null; an id may be a number
	Variables      []ToolkitVariable
	Rules          []ToolkitRule
	Extra          []Member
	Unknown        []Member
}

// ToolkitVariable is a question in a [ToolkitDocument].
type ToolkitVariable struct {
	Name        string
	Label, Type *string
	Sequence    *int64
	Required    *string
	Format      *string
	Precision   *string
	Choices     []ToolkitChoice
	Extra       []Member
	Unknown     []Member
}

// ToolkitChoice is a choice in a [ToolkitDocument].
type ToolkitChoice struct {
	Text, Value string
	Position    *int64
	Extra       []Member
	Unknown     []Member
}

// ToolkitRule is a rule in a [ToolkitDocument].
type ToolkitRule struct {
	ID                       jsontext.Value // text, a number or null
	Name, Type, Status, Form *string
	Sequence                 *int64
	Logic                    jsontext.Value // null if there is none
	XML                      *string
	Extra                    []Member
	Unknown                  []Member
}

// Member is a member of a JSON object, kept in order.
type Member struct {
	Name  string
	Value jsontext.Value
}

// ToolkitOptions configures [Dictionary.Toolkit].
type ToolkitOptions struct {
	// GeneratedAt dates the document; the zero time omits the date.
	GeneratedAt time.Time
	// WithoutXML omits the verbatim logic.
	WithoutXML bool
}

// Toolkit returns the dictionary as the Python toolkit would read it from the same export,
// including its warnings. 412 of the 483 warnings for a real export are false alarms about columns
// such as Key Date; they are included because both tools must write the same bytes. A dictionary that
// was made of a document returns that. The toolkit reads whole exports only; the document of one that was read without
// a file (see [ReadOptions.MayMiss]) says so among its warnings and, as filesNotRead, among the extra attributes of its
// metadata, so that a dictionary made of it [Dictionary.Lacks] the file too.
func (d *Dictionary) Toolkit(opts ToolkitOptions) *ToolkitDocument {
	if d.document != nil {
		return d.document.with(d.StudyKey, opts)
	}
	t := &toolkitReader{doc: &ToolkitDocument{}, opts: opts, forms: map[string]int{}, warned: map[string]bool{}}
	t.doc.Metadata = ToolkitMetadata{SchemaVersion: "1.0.0", Source: pointer("csv"), StudyKey: nonBlank(d.StudyKey), GeneratedAt: opts.date()}
	t.noteNotRead(d.notRead)
	t.eachRow(d.tables[FormsFile], t.form)
	t.eachRow(d.tables[QuestionsFile], t.question)
	t.eachRow(d.tables[ChoicesFile], t.choice)
	t.eachRow(d.tables[RulesFile], t.rule)
	t.checkTimestamps()
	return t.doc
}

// date is that of the document, nil for none.
func (o ToolkitOptions) date() *string {
	if o.GeneratedAt.IsZero() {
		return nil
	}
	return pointer(o.GeneratedAt.UTC().Format("01-02-2006 15:04:05"))
}

// with returns a copy with the options applied, and with the study unless it names one. Without another date it
// keeps its own.
func (t *ToolkitDocument) with(study string, opts ToolkitOptions) *ToolkitDocument {
	c := *t
	c.Metadata.StudyKey = cmp.Or(c.Metadata.StudyKey, nonBlank(study))
	c.Metadata.GeneratedAt = cmp.Or(opts.date(), c.Metadata.GeneratedAt)
	if !opts.WithoutXML {
		return &c
	}
	c.Forms, c.Unassigned = slices.Clone(t.Forms), withoutXML(t.Unassigned)
	for i := range c.Forms {
		c.Forms[i].Rules = withoutXML(c.Forms[i].Rules)
	}
	return &c
}

func withoutXML(rules []ToolkitRule) []ToolkitRule {
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].XML = nil
	}
	return rules
}

// toolkitReader reads tables as the Python toolkit does, its oddities included.
type toolkitReader struct {
	doc    *ToolkitDocument
	opts   ToolkitOptions
	forms  map[string]int
	warned map[string]bool
}

func (t *toolkitReader) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !t.warned[text] {
		t.warned[text] = true
		t.doc.Metadata.Warnings = append(t.doc.Metadata.Warnings, text)
	}
}

// toolkitRow is a row by the toolkit's names.
type toolkitRow struct {
	file   string
	number int
	raw    map[string]*string // verbatim; nil where the row is too short
	extra  []Member
	order  []string
}

// text returns a cell, trimmed, nil when it is blank.
func (r toolkitRow) text(names ...string) *string {
	for _, name := range names {
		if cell := r.raw[name]; cell != nil {
			if trimmed := pythonStrip(*cell); trimmed != "" {
				return &trimmed
			}
		}
	}
	return nil
}

// toolkitColumns are the columns that the toolkit knows, by its own names.
var toolkitColumns = map[string][]string{
	FormsFile:     {"form", "formKey", "formName", "formId", "formType"},
	QuestionsFile: {"form", "formKey", "variableName", "variableType", "label", "sequence", "required", "requiredField", "format", "precision"},
	ChoicesFile:   {"form", "formKey", "variableName", "variableType", "choiceText", "choiceValue", "position"},
	RulesFile:     {"type", "name", "status", "id", "form", "formKey", "sequence", "logic", "logicXml", "logicRawXml", "businessLogic", "ruleXml", "xml"},
}

func (t *toolkitReader) eachRow(table *Table, take func(r toolkitRow)) {
	if table == nil {
		return
	}
	camel := make([]string, len(table.Header))
	for i, header := range table.Header {
		camel[i] = camelHeader(header)
		if !slices.Contains(toolkitColumns[table.File], camel[i]) {
			t.warn("Unknown column '%s' (%s) encountered in %s", header, camel[i], table.File)
		}
	}
	for i := range table.Rows {
		take(newToolkitRow(table, &table.Rows[i], camel))
	}
}

func newToolkitRow(table *Table, r *Row, camel []string) toolkitRow {
	row := toolkitRow{file: table.File, number: r.Number, raw: map[string]*string{}}
	for i, name := range camel {
		var cell *string
		if text, ok := r.cell(i); ok {
			cell = &text
		}
		if _, twice := row.raw[name]; !twice {
			row.order = append(row.order, name)
		}
		row.raw[name] = cell
	}
	for _, name := range row.order {
		if !slices.Contains(toolkitColumns[table.File], name) {
			row.extra = append(row.extra, Member{name, textOrNull(row.text(name))})
		}
	}
	return row
}

func (t *toolkitReader) form(r toolkitRow) {
	key := r.text("formKey", "form")
	if key == nil {
		t.warn("Row %d in FORMS.csv missing formKey", r.number)
		return
	}
	f := ToolkitForm{
		Key: *key, Name: textOrNull(r.text("formName")), ID: textOrNull(r.text("formId")), Type: textOrNull(r.text("formType")), Extra: r.extra,
	}
	if i, twice := t.forms[*key]; twice {
		t.doc.Forms[i] = f // the last row wins
		return
	}
	t.forms[*key] = len(t.doc.Forms)
	t.doc.Forms = append(t.doc.Forms, f)
}

func (t *toolkitReader) question(r toolkitRow) {
	key, name := r.text("form", "formKey"), r.text("variableName")
	if key == nil || name == nil {
		t.warn("Row %d in QUESTIONS.csv missing formKey or variableName", r.number)
		return
	}
	i, known := t.forms[*key]
	if !known {
		t.warn("Question '%s' references undefined form '%s'", *name, *key)
		i = len(t.doc.Forms)
		t.forms[*key] = i
		t.doc.Forms = append(t.doc.Forms, ToolkitForm{Key: *key})
	}
	sequence := digits(r.text("sequence"))
	if sequence == nil {
		sequence = pointer(int64(r.number))
	}
	f := &t.doc.Forms[i]
	f.Variables = append(f.Variables, ToolkitVariable{
		Name: *name, Label: r.text("label"), Type: r.text("variableType"), Sequence: sequence, Required: r.text("required", "requiredField"),
		Format: r.text("format"), Precision: r.text("precision"), Extra: r.extra,
	})
}

func (t *toolkitReader) choice(r toolkitRow) {
	key, name := r.text("form", "formKey"), r.text("variableName")
	choice := ToolkitChoice{Text: orEmpty(r.text("choiceText")), Value: orEmpty(r.text("choiceValue")), Position: digits(r.text("position")), Extra: r.extra}
	if i, known := t.forms[orEmpty(key)]; known {
		for j, v := range slices.Backward(t.doc.Forms[i].Variables) {
			if v.Name == orEmpty(name) {
				v := &t.doc.Forms[i].Variables[j]
				v.Choices = append(v.Choices, choice)
				return
			}
		}
	}
	t.warn("Choice '%s' references undefined variable '%s' on form '%s'", choice.Value, orEmpty(name), orEmpty(key))
}

var logicColumns = []string{"logic", "logicXml", "logicRawXml", "businessLogic", "ruleXml", "xml"}

func (t *toolkitReader) rule(r toolkitRow) {
	rule := ToolkitRule{
		ID: textOrNull(r.text("id")), Name: r.text("name"), Type: r.text("type"), Status: r.text("status"), Form: r.text("form", "formKey"),
		Sequence: digits(r.text("sequence")), Extra: r.extra,
	}
	if rule.Sequence == nil {
		rule.Sequence = pointer(int64(r.number))
	}
	if raw := r.logic(); raw != nil {
		logic, err := parseLogic(*raw)
		if err != nil {
			t.warn("Malformed XML in business logic row %d: Malformed business logic XML: %s", r.number, err)
		} else {
			rule.Logic = toolkitLogic(logic)
		}
		if !t.opts.WithoutXML {
			rule.XML = raw
		}
	}
	if rule.Form != nil && rule.Type != nil && strings.EqualFold(*rule.Type, "form") {
		if i, known := t.forms[*rule.Form]; known {
			t.doc.Forms[i].Rules = append(t.doc.Forms[i].Rules, rule)
			return
		}
	}
	t.doc.Unassigned = append(t.doc.Unassigned, rule)
}

// logic returns the cell that the toolkit takes for the logic: the first whose header says so or whose
// text looks like XML.
func (r toolkitRow) logic() *string {
	for _, name := range r.order {
		cell := r.raw[name]
		if cell == nil {
			continue
		}
		trimmed := pythonStrip(*cell)
		if trimmed == "" {
			continue
		}
		if slices.Contains(logicColumns, name) || strings.HasPrefix(trimmed, "<") && strings.HasSuffix(trimmed, ">") {
			return cell
		}
	}
	return nil
}

var toolkitTimestamp = regexp.MustCompile(`^\d{2}-\d{2}-\d{4}([ T]\d{2}:\d{2}:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$`)

// checkTimestamps warns of every attribute whose name speaks of a date or time and whose text is none.
func (t *toolkitReader) checkTimestamps() {
	for _, f := range t.doc.Forms {
		t.checkExtra(fmt.Sprintf("Form '%s'", f.Key), f.Extra)
		for _, v := range f.Variables {
			t.checkExtra(fmt.Sprintf("Variable '%s' on form '%s'", v.Name, f.Key), v.Extra)
			for _, c := range v.Choices {
				t.checkExtra(fmt.Sprintf("Choice '%s' of variable '%s' on form '%s'", c.Value, v.Name, f.Key), c.Extra)
			}
		}
		for _, r := range f.Rules {
			t.checkExtra(fmt.Sprintf("Rule '%s' on form '%s'", orEmpty(r.Name), f.Key), r.Extra)
		}
	}
	for _, r := range t.doc.Unassigned {
		t.checkExtra(fmt.Sprintf("Unassigned rule '%s'", orEmpty(r.Name)), r.Extra)
	}
}

func (t *toolkitReader) checkExtra(whose string, extra []Member) {
	for _, m := range extra {
		lower := strings.ToLower(m.Name)
		if m.Value.Kind() != '"' || !strings.Contains(lower, "date") && !strings.Contains(lower, "time") {
			continue
		}
		var text string
		if text = unquoted(m.Value); !toolkitTimestamp.MatchString(text) {
			t.warn("%s attribute '%s': Invalid timestamp '%s': timestamps must adhere to MM-DD-YYYY format", whose, m.Name, text)
		}
	}
}

// pythonStrip trims what Python's str.strip does: Unicode white space, and U+001C to U+001F.
func pythonStrip(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f })
}

// digits returns the number of a text of digits alone.
func digits(text *string) *int64 {
	if text == nil || strings.TrimFunc(*text, func(r rune) bool { return r >= '0' && r <= '9' }) != "" {
		return nil
	}
	n, err := strconv.ParseInt(*text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

func pointer[T any](v T) *T { return &v }

func nonBlank(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func textOrNull(s *string) jsontext.Value {
	if s == nil {
		return jsontext.Value("null")
	}
	return quoted(*s)
}

func quoted(s string) jsontext.Value {
	raw, err := jsontext.AppendQuote(nil, s)
	if err != nil { // only for what is no UTF-8, which no table holds
		return jsontext.Value(`""`)
	}
	return raw
}

func unquoted(v jsontext.Value) string {
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(text)
}
