package structure

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// compare lists the differences of two parts that belong together.
func (c *comparison) compare(before, after *part) {
	if before.name != after.name || c.forms[before.form] != after.form {
		c.report(after.change(PartRenamed, nameMember[after.part], before.path(), after.path()))
	}
	old, now := before.members(), after.members()
	for _, m := range append(now.names, old.unknown(now)...) {
		was, is := old.texts[m], now.texts[m]
		if was == is || after.part == VariablePart && follows(before.form, after.form, m, was, is) {
			continue
		}
		switch kind := kindOf(before, after, m); kind {
		case PartRetired, PartRestored:
			c.report(after.change(kind, m, "", ""))
		default:
			c.report(after.change(kind, m, was, is))
		}
	}
	if after.part == IntervalPart {
		c.assignments(before, after)
	}
}

// nameMember is the member that names a part; comparing names is the matching's work.
var nameMember = map[Part]string{FormPart: "formKey", VariablePart: "variableName", IntervalPart: "intervalName"}

// notCompared are the members that say nothing about the design.
var notCompared = []string{"studyKey", "dateCreated", "dateModified"}

// kindOf says what the change of one member means.
func kindOf(before, after *part, member string) ChangeKind {
	switch member {
	case "formType", "variableType":
		return TypeChanged
	case "revision":
		return RevisionChanged
	case "sequence", "intervalSequence":
		return PartMoved
	case "disabled", "deleted":
		switch was, is := before.retired(), after.retired(); {
		case is && !was:
			return PartRetired
		case was && !is:
			return PartRestored
		}
	}
	return MemberChanged
}

func (p *part) retired() bool {
	switch p.part {
	case FormPart:
		return p.form.Form.Disabled.Or(false)
	case VariablePart:
		return p.variable.Retired()
	}
	return p.interval.Interval.Disabled.Or(false)
}

// follows reports whether a member that repeats what a form says only followed a change of the
// form's own.
func follows(before, after *Form, member, was, is string) bool {
	return before != nil && after != nil && slices.Contains([]string{"formId", "formKey", "formName"}, member) &&
		formMember(before, member) == was && formMember(after, member) == is
}

func formMember(f *Form, member string) string {
	switch member {
	case "formId":
		return idText(f.Form.FormID)
	case "formKey":
		return f.Form.FormKey.Or("")
	}
	return f.Form.FormName.Or("")
}

func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// memberTexts are the scalar members of a row by wire name, and those that this library does not
// know, each as text.
type memberTexts struct {
	names []string
	texts map[string]string
}

func (p *part) members() memberTexts {
	switch p.part {
	case FormPart:
		return membersOf(FormPart, &p.form.Form, p.form.Form.Unknown)
	case VariablePart:
		return membersOf(VariablePart, p.variable, p.variable.Unknown)
	}
	return membersOf(IntervalPart, &p.interval.Interval, p.interval.Interval.Unknown)
}

func membersOf(kind Part, row any, unknown jsontext.Value) memberTexts {
	m := memberTexts{texts: map[string]string{}}
	value := reflect.ValueOf(row).Elem()
	for i := range value.NumField() {
		wire, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		text, scalar := scalarText(value.Field(i).Interface())
		if wire == "" || !scalar || wire == nameMember[kind] || slices.Contains(notCompared, wire) {
			continue
		}
		m.names, m.texts[wire] = append(m.names, wire), text
	}
	others := unknownTexts(unknown)
	for _, name := range slices.Sorted(maps.Keys(others)) {
		m.names, m.texts[name] = append(m.names, name), others[name]
	}
	return m
}

// unknown are the members that a later row lacks; only members that this library does not know can.
func (m memberTexts) unknown(later memberTexts) []string {
	return slices.DeleteFunc(slices.Clone(m.names), func(name string) bool {
		_, there := later.texts[name]
		return there
	})
}

// scalarText is the text of a member that is a scalar, "" for none.
func scalarText(member any) (string, bool) {
	switch m := member.(type) {
	case int64:
		return idText(m), true
	case imednet.Opt[string]:
		return m.String(), true
	case imednet.Opt[int64]:
		return m.String(), true
	case imednet.Opt[bool]:
		return m.String(), true
	case imednet.Opt[imednet.Time]:
		return m.String(), true
	}
	return "", false
}

// unknownTexts are the members of an object in canonical JSON; null is no value.
func unknownTexts(object jsontext.Value) map[string]string {
	var raw map[string]jsontext.Value
	if len(object) == 0 || json.Unmarshal(object, &raw, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		return nil
	}
	texts := map[string]string{}
	for name, value := range raw {
		if value.Kind() == 'n' {
			continue
		}
		text := value.Clone()
		_ = text.Canonicalize() // what has no canonical form is compared as it stands
		texts[name] = string(text)
	}
	return texts
}
