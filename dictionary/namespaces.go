package dictionary

import "encoding/xml"

// namespaces are those that the open elements declare. The parser takes a prefix that nothing declares for the
// namespace itself, and one whose declaration is empty for none; both are errors.
type namespaces struct {
	declared [][]string
	open     map[string]int // by how many open elements each is declared
}

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// enter takes over the declarations of an element that begins, and says what is wrong with its names; "" for nothing.
func (n *namespaces) enter(e xml.StartElement) string {
	if n.open == nil {
		n.open = map[string]int{}
	}
	var own []string
	for _, a := range e.Attr {
		switch {
		case a.Name.Space == "xmlns" && (a.Name.Local == "xmlns" || a.Name.Local == "xml" && a.Value != xmlNamespace):
			return "reserved prefix must not be declared"
		case a.Name.Space == "xmlns" && a.Value == "":
			return "must not undeclare prefix"
		case isDeclaration(a):
			own = append(own, a.Value)
			n.open[a.Value]++
		}
	}
	n.declared = append(n.declared, own)
	if !n.bound(e.Name.Space) {
		return "unbound prefix"
	}
	seen := make(map[xml.Name]bool, len(e.Attr))
	for _, a := range e.Attr {
		if !isDeclaration(a) && !n.bound(a.Name.Space) {
			return "unbound prefix"
		}
		if seen[a.Name] {
			return "duplicate attribute"
		}
		seen[a.Name] = true
	}
	return ""
}

func (n *namespaces) leave() {
	last := len(n.declared) - 1
	for _, space := range n.declared[last] {
		n.open[space]--
	}
	n.declared = n.declared[:last]
}

func (n *namespaces) bound(space string) bool {
	return space == "" || space == xmlNamespace || n.open[space] > 0
}

// isDeclaration reports whether an attribute declares a namespace.
func isDeclaration(a xml.Attr) bool {
	return a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns"
}

// qualified is a name as the Python toolkit reads it: {namespace}name for one in a namespace.
func qualified(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return "{" + name.Space + "}" + name.Local
}
