package dictionary

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// toolkitLogic turns logic into the toolkit's JSON: an element without children, text and attributes is
// true, one with text alone is the text, and anything else an object with its children by name. The
// order between children of different names is lost, which is why this library reads the XML.
func toolkitLogic(root *Element) jsontext.Value {
	value := logicValue(root)
	if unwrapped := slices.Contains([]string{"rule", "logic", "businesslogic", "business_logic", "root"}, lowerASCII(root.Name)); unwrapped && value.Kind() == '{' {
		return value
	}
	return object([]Member{{camelHeader(root.Name), value}})
}

func logicValue(e *Element) jsontext.Value {
	text := pythonStrip(e.Text)
	attributes := slices.DeleteFunc(slices.Clone(e.Attributes), isDeclaration)
	if len(e.Children) == 0 && len(attributes) == 0 {
		if text == "" {
			return jsontext.Value("true")
		}
		return quoted(text)
	}
	var members []Member
	for _, a := range attributes {
		members = append(members, Member{"@" + qualified(a.Name), quoted(a.Value)})
	}
	var names []string
	values := map[string][]jsontext.Value{}
	for _, c := range e.Children {
		name := camelHeader(c.Name)
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], logicValue(c))
	}
	for _, name := range names {
		if list := values[name]; len(list) > 1 {
			members = append(members, Member{name, array(list)})
		} else {
			members = append(members, Member{name, list[0]})
		}
	}
	if text != "" {
		members = append(members, Member{"#text", quoted(text)})
	}
	return object(members)
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func object(members []Member) jsontext.Value {
	b := jsontext.Value("{")
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, quoted(m.Name)...), ':'), m.Value...)
	}
	return append(b, '}')
}

func array(values []jsontext.Value) jsontext.Value {
	b := jsontext.Value("[")
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, v...)
	}
	return append(b, ']')
}
