package imednet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/standardnames"
)

// ConfigurationOptions configures [ParseStudyConfiguration].
type ConfigurationOptions struct {
	// RefuseUnknown reports a member that this library does not know as a problem. By default it is
	// kept in Unknown.
	RefuseUnknown bool
}

// ParseStudyConfiguration reads and checks a configuration document. It accepts members in
// camelCase and in snake_case. Text is trimmed, a number given for text keeps its digits, optional
// text that is blank becomes nil, and isBaseline accepts the words of [ParseBool]. Domain is
// returned in upper case, ReportingProfile in lower case, and TargetField as its wire name. An
// absent or null member has its default. A list or object of the wrong kind is reported as a
// problem and never interpreted. A byte order mark before the document is skipped.
//
// The error is a *[ValidationError] with every problem and its JSON pointer. The configuration
// returned with it holds everything that could be read.
func ParseStudyConfiguration(data []byte, opts ConfigurationOptions) (StudyConfiguration, error) {
	c, problems := readConfiguration(data, opts)
	unread := slices.Clone(problems)
	for _, p := range c.problems() {
		follows := func(q Problem) bool { return p.Path == q.Path || strings.HasPrefix(p.Path, q.Path+"/") }
		if !slices.ContainsFunc(unread, follows) {
			problems = append(problems, p)
		}
	}
	if len(problems) > 0 {
		return c, &ValidationError{What: "study configuration", Problems: problems}
	}
	return c, nil
}

// MarshalJSON writes the document in camelCase, including unknown members. It serves both
// encoding/json and encoding/json/v2.
func (c StudyConfiguration) MarshalJSON() ([]byte, error) {
	type plain StudyConfiguration
	return json.Marshal(plain(c), json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
}

// UnmarshalJSON reads the document as [ParseStudyConfiguration] does, without the checks of
// [StudyConfiguration.Validate].
func (c *StudyConfiguration) UnmarshalJSON(data []byte) error {
	read, problems := readConfiguration(data, ConfigurationOptions{})
	if len(problems) > 0 {
		return &ValidationError{What: "study configuration", Problems: problems}
	}
	*c = read
	return nil
}

func readConfiguration(data []byte, opts ConfigurationOptions) (StudyConfiguration, []Problem) {
	r := &documentReader{refuseUnknown: opts.RefuseUnknown}
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	if problem := notJSON(text); problem != "" {
		return StudyConfiguration{}, []Problem{{Message: problem}}
	}
	o := r.object("", bytes.Clone(bytes.TrimSpace(text)))
	c := StudyConfiguration{
		Version:          o.text("version", defaultConfigurationVersion),
		StudyKey:         o.text("studyKey", ""),
		ReportingProfile: strings.ToLower(o.text("reportingProfile", defaultReportingProfile)),
		PHIFields:        o.texts("phiFields"),
	}
	if c.ReportingProfile == "" {
		r.problems.add(o.pointer("reportingProfile"), reportingProfileMessage)
	}
	for i, m := range o.list("mappings") {
		c.Mappings = append(c.Mappings, readRule(r.object(o.pointer("mappings", i), m)))
	}
	for i, w := range o.list("widgets") {
		c.Widgets = append(c.Widgets, readWidget(r.object(o.pointer("widgets", i), w)))
	}
	c.TerminologyLookups = readLookups(r, o)
	c.Unknown = o.unknown()
	return c, r.problems
}

// notJSON says where a document stops being JSON, and nothing of what stands there; "" where it is JSON.
func notJSON(text []byte) string {
	var syntax *jsontext.SyntacticError
	err := json.Unmarshal(text, new(jsontext.Value), lenient)
	switch end := len(bytes.TrimSpace(text)); {
	case err == nil:
		return ""
	case end == 0:
		return "the document is empty"
	case bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")):
		return "the document is UTF-16: save it as UTF-8"
	case errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("the document is not JSON from line %d on", 1+bytes.Count(text[:syntax.ByteOffset], []byte("\n")))
	}
	return "the document ends before its JSON does"
}

func readRule(o *objectReader) MappingRule {
	m := MappingRule{
		Domain:             strings.ToUpper(o.text("domain", "")),
		TargetField:        o.text("targetField", ""),
		SourceFormKey:      o.text("sourceFormKey", ""),
		SourceVariableName: o.text("sourceVariableName", ""),
		FallbackValue:      o.optionalText("fallbackValue"),
		BusinessLogic:      o.optionalText("businessLogic"),
		IsBaseline:         o.boolean("isBaseline"),
		Choose:             strings.ToLower(o.text("choose", "")),
	}
	if field := canonicalField(m.Domain, m.TargetField); field != "" {
		m.TargetField = field
	}
	m.Unknown = o.unknown()
	return m
}

func readWidget(o *objectReader) WidgetConfig {
	return WidgetConfig{
		WidgetID:   o.text("widgetId", ""),
		Type:       o.text("type", ""),
		Title:      o.text("title", ""),
		Domain:     o.text("domain", ""),
		XAxis:      o.optionalText("xAxis"),
		YAxis:      o.optionalText("yAxis"),
		LayoutCols: o.columns("layoutCols"),
		Unknown:    o.unknown(),
	}
}

func readLookups(r *documentReader, o *objectReader) map[string]map[string]string {
	raw, ok := o.take("terminologyLookups")
	if !ok || raw.Kind() == 'n' {
		return nil
	}
	fields := r.object(o.pointer("terminologyLookups"), raw.Raw())
	lookups := make(map[string]map[string]string, len(fields.members))
	for _, field := range fields.members {
		terms := r.object(fields.pointer(field.name), field.value.Raw())
		table := make(map[string]string, len(terms.members))
		for _, term := range terms.members {
			table[term.name] = r.textOf(terms.pointer(term.name), term.value)
		}
		lookups[field.name] = table
	}
	return lookups
}

// documentReader collects what is wrong with a document while it is read.
type documentReader struct {
	refuseUnknown bool
	problems      problemList
}

// objectReader reads the members of one object by name.
type objectReader struct {
	doc     *documentReader
	at      string // JSON pointer of the object
	members []objectMember
}

type objectMember struct {
	name  string // trimmed
	value Value
	taken bool
}

// object opens the object at a pointer; anything else, and a name given twice, is a problem.
func (r *documentReader) object(at string, raw jsontext.Value) *objectReader {
	o := &objectReader{doc: r, at: at}
	if raw.Kind() != '{' {
		r.problems.add(at, fmt.Sprintf("must be an object, not %s", kindName(raw.Kind())))
		return o
	}
	for name, value := range (RecordData{raw}).All() {
		name = strings.TrimSpace(name)
		if slices.ContainsFunc(o.members, func(m objectMember) bool { return m.name == name }) {
			r.problems.add(o.pointer(name), "is given twice")
			continue
		}
		o.members = append(o.members, objectMember{name: name, value: value})
	}
	return o
}

// take returns a member by its wire or attribute name.
func (o *objectReader) take(name string) (Value, bool) {
	var found *objectMember
	for i := range o.members {
		m := &o.members[i]
		if m.name != name && m.name != standardnames.Snake(name) {
			continue
		}
		if found != nil && !m.taken {
			o.doc.problems.add(o.pointer(name), "is given twice, as "+found.name+" and "+m.name)
		}
		m.taken = true
		if found == nil {
			found = m
		}
	}
	if found == nil {
		return Value{}, false
	}
	return found.value, true
}

func (o *objectReader) text(name, absent string) string {
	v, ok := o.take(name)
	if !ok || v.Kind() == 'n' {
		return absent
	}
	return o.doc.textOf(o.pointer(name), v)
}

func (o *objectReader) optionalText(name string) *string {
	if s := o.text(name, ""); s != "" {
		return &s
	}
	return nil
}

func (o *objectReader) boolean(name string) bool {
	s := o.text(name, "")
	v, known := ParseBool(s)
	if !known && s != "" {
		o.doc.problems.add(o.pointer(name), "must be true or false")
	}
	return v
}

func (o *objectReader) columns(name string) int {
	s := o.text(name, "")
	if s == "" {
		return maxLayoutCols
	}
	n, ok := parseInteger(s)
	if !ok || n < 1 || n > maxLayoutCols {
		o.doc.problems.add(o.pointer(name), layoutColsMessage)
		return 0
	}
	return int(n)
}

func (o *objectReader) list(name string) []jsontext.Value {
	v, ok := o.take(name)
	if !ok || v.Kind() == 'n' {
		return nil
	}
	var items []jsontext.Value
	if v.Kind() != '[' {
		o.doc.problems.add(o.pointer(name), fmt.Sprintf("must be a list, not %s", kindName(v.Kind())))
	} else if err := json.Unmarshal(v.Raw(), &items, lenient); err != nil {
		o.doc.problems.add(o.pointer(name), "cannot be read")
	}
	return items
}

func (o *objectReader) texts(name string) []string {
	var texts []string
	for i, item := range o.list(name) {
		texts = append(texts, o.doc.textOf(o.pointer(name, i), NewValue(item)))
	}
	return texts
}

// textOf returns a scalar as trimmed text.
func (r *documentReader) textOf(at string, v Value) string {
	if v.Kind() == '{' || v.Kind() == '[' {
		r.problems.add(at, fmt.Sprintf("must be text, not %s", kindName(v.Kind())))
		return ""
	}
	return strings.TrimSpace(v.Text())
}

// unknown returns the members that were not read, as one object.
func (o *objectReader) unknown() jsontext.Value {
	var raw jsontext.Value
	for _, m := range o.members {
		if m.taken {
			continue
		}
		if o.doc.refuseUnknown {
			o.doc.problems.add(o.pointer(m.name), "is not known")
		}
		separator := byte(',')
		if raw == nil {
			separator = '{'
		}
		raw = append(raw, separator)
		raw, _ = jsontext.AppendQuote(raw, m.name)
		raw = append(append(raw, ':'), m.value.Raw()...)
	}
	if raw == nil {
		return nil
	}
	return append(raw, '}')
}

// pointer extends the object's JSON pointer (RFC 6901) by names and indexes.
func (o *objectReader) pointer(path ...any) string {
	p := jsontext.Pointer(o.at)
	for _, step := range path {
		p = p.AppendToken(fmt.Sprint(step))
	}
	return string(p)
}
