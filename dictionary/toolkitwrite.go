package dictionary

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/argument"
)

// WriteTo writes the document as the Python toolkit does, byte for byte, with forms ordered by key,
// questions by sequence and name, choices by position and code, and rules by sequence and id.
func (t *ToolkitDocument) WriteTo(w io.Writer) (int64, error) {
	if err := argument.Required("dictionary.ToolkitDocument.WriteTo", "w", w); err != nil {
		return 0, err
	}
	value := t.value()
	if err := value.Format(jsontext.WithIndent("  "), jsontext.AllowDuplicateNames(true)); err != nil {
		return 0, failed("write the toolkit's document", "", err)
	}
	n, err := w.Write(append(value, '\n'))
	return int64(n), err
}

func (t *ToolkitDocument) value() jsontext.Value {
	forms := slices.Clone(t.Forms)
	slices.SortStableFunc(forms, func(a, b ToolkitForm) int { return cmp.Compare(a.Key, b.Key) })
	o := members{}
	o.add("metadata", t.Metadata.value())
	o.add("forms", arrayOf(forms, ToolkitForm.value))
	o.add("unassignedBusinessLogic", rulesValue(t.Unassigned))
	return o.with(nil, t.Unknown)
}

func (m ToolkitMetadata) value() jsontext.Value {
	o := members{}
	o.add("schemaVersion", quoted(m.SchemaVersion))
	o.text("studyKey", m.StudyKey)
	o.text("generatedAt", m.GeneratedAt)
	o.text("source", m.Source)
	o.add("validationWarnings", arrayOf(m.Warnings, quoted))
	return o.with(m.Extra, m.Unknown)
}

func (f ToolkitForm) value() jsontext.Value {
	variables := slices.Clone(f.Variables)
	slices.SortStableFunc(variables, func(a, b ToolkitVariable) int {
		return cmp.Or(compareNumber(a.Sequence, b.Sequence), cmp.Compare(a.Name, b.Name))
	})
	o := members{}
	o.add("formKey", quoted(f.Key))
	o.value("formName", f.Name)
	o.value("formId", f.ID)
	o.value("formType", f.Type)
	o.add("variables", arrayOf(variables, ToolkitVariable.value))
	o.add("businessLogic", rulesValue(f.Rules))
	return o.with(f.Extra, f.Unknown)
}

func (v ToolkitVariable) value() jsontext.Value {
	choices := slices.Clone(v.Choices)
	slices.SortStableFunc(choices, func(a, b ToolkitChoice) int {
		return cmp.Or(compareNumber(a.Position, b.Position), cmp.Compare(a.Value, b.Value))
	})
	o := members{}
	o.add("variableName", quoted(v.Name))
	o.text("label", v.Label)
	o.text("variableType", v.Type)
	o.number("sequence", v.Sequence)
	o.text("required", v.Required)
	o.text("format", v.Format)
	o.text("precision", v.Precision)
	o.add("choices", arrayOf(choices, ToolkitChoice.value))
	return o.with(v.Extra, v.Unknown)
}

func (c ToolkitChoice) value() jsontext.Value {
	o := members{}
	o.add("choiceText", quoted(c.Text))
	o.add("choiceValue", quoted(c.Value))
	o.number("position", c.Position)
	return o.with(c.Extra, c.Unknown)
}

func rulesValue(rules []ToolkitRule) jsontext.Value {
	sorted := slices.Clone(rules)
	slices.SortStableFunc(sorted, func(a, b ToolkitRule) int {
		return cmp.Or(compareNumber(a.Sequence, b.Sequence), cmp.Compare(idText(a.ID), idText(b.ID)))
	})
	return arrayOf(sorted, ToolkitRule.value)
}

// idText is an id as text, whichever kind it is; "" if there is none.
func idText(id jsontext.Value) string {
	switch id.Kind() {
	case '"':
		return unquoted(id)
	case 'n':
		return ""
	}
	return string(id)
}

func (r ToolkitRule) value() jsontext.Value {
	o := members{}
	o.value("id", r.ID)
	o.text("name", r.Name)
	o.text("type", r.Type)
	o.text("status", r.Status)
	o.text("form", r.Form)
	o.number("sequence", r.Sequence)
	o.value("logic", r.Logic)
	o.text("logicRawXml", r.XML)
	return o.with(r.Extra, r.Unknown)
}

// compareNumber orders numbers, a missing one last.
func compareNumber(a, b *int64) int { return cmp.Compare(orLast(a), orLast(b)) }

func orLast(n *int64) int64 {
	if n == nil {
		return math.MaxInt64
	}
	return *n
}

// members is an object that is being written. What is null is left out.
type members []Member

func (o *members) add(name string, v jsontext.Value) { *o = append(*o, Member{name, v}) }

func (o *members) value(name string, v jsontext.Value) {
	if len(v) > 0 && v.Kind() != 'n' {
		o.add(name, v)
	}
}

func (o *members) text(name string, s *string) {
	if s != nil {
		o.add(name, quoted(*s))
	}
}

func (o *members) number(name string, n *int64) {
	if n != nil {
		o.add(name, jsontext.Value(strconv.FormatInt(*n, 10)))
	}
}

// with ends the object: its extra attributes, in which nulls stay, and the members that nobody knows.
func (o members) with(extra, unknown []Member) jsontext.Value {
	if len(extra) > 0 {
		o.add("extraAttributes", object(extra))
	}
	for _, m := range unknown {
		o.value(m.Name, m.Value)
	}
	return object(o)
}

func arrayOf[T any](list []T, value func(T) jsontext.Value) jsontext.Value {
	values := make([]jsontext.Value, len(list))
	for i, v := range list {
		values[i] = value(v)
	}
	return array(values)
}
