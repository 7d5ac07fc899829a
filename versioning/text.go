package versioning

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Text returns the readable changes, one per line, or "no change".
func (d *Diff) Text() string {
	if len(d.Changes) == 0 {
		return "no change\n"
	}
	var b strings.Builder
	for _, c := range d.Changes {
		b.WriteString(c.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// String returns one line, such as
//
//	changed mapping AE.aeTerm from form AE: sourceVariableName "AETERM" → "AETERM2"
func (c Change) String() string {
	s := string(c.Kind) + " " + c.Part
	if c.Kind == ChangeReordered {
		return s + "s"
	}
	s += " " + c.Name
	var fields []string
	for _, f := range c.Fields {
		fields = append(fields, f.text(c.Part != "setting" && c.Part != "term"))
	}
	if len(fields) > 0 {
		s += ": " + strings.Join(fields, ", ")
	}
	return s
}

// text returns the values, with the field's name if asked for.
func (f FieldChange) text(named bool) string {
	var s string
	switch {
	case f.Before == nil:
		s = readable(f.After)
	case f.After == nil:
		s = readable(f.Before)
	default:
		s = readable(f.Before) + " → " + readable(f.After)
	}
	if named {
		s = f.Name + " " + s
	}
	return s
}

// readable writes a canonical JSON text with its characters instead of escapes.
func readable(v jsontext.Value) string {
	out := v.Clone()
	if err := out.Format(jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(false), jsontext.SpaceAfterComma(true), jsontext.SpaceAfterColon(true)); err != nil {
		return string(v)
	}
	return string(out)
}

// text returns a string's characters, and any other node's JSON text.
func text(node any) string {
	if node == nil {
		return ""
	}
	raw := appendNode(nil, node)
	if s, err := jsontext.AppendUnquote(nil, raw); err == nil {
		return string(s)
	}
	return string(raw)
}
