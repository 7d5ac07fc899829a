package policy

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/imednetgo/imednet/internal/shown"
)

// shape is what may stand at a place of a policy: an object of known members, one with names of the author's,
// a list of texts, or a text.
type shape struct {
	members map[string]shape
	named   *shape
	texts   bool
}

var (
	aText    = shape{}
	aList    = shape{texts: true}
	theShape = shape{members: map[string]shape{
		"roles":      {named: &aList},
		"users":      {named: &shape{members: map[string]shape{"roles": aList, "publicKey": aText, "subject": aText}}},
		"claimed":    aList,
		"twoPersons": {named: &aText},
		"signatures": {named: &aText},
		"oidc":       {members: map[string]shape{"issuer": aText, "audience": aText, "keys": aText}},
	}}
)

// misplaced says where a policy first has something else than its shape; "" if nowhere. It shows no word of the
// policy that is not one of the format's.
func (s shape) misplaced(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!null" || s.members == nil && s.named == nil && !s.texts && n.Value == ""):
		return fmt.Sprintf("line %d has null or an empty text, as if a value had been forgotten", n.Line)
	case s.texts:
		return s.misplacedInList(n)
	case s.members == nil && s.named == nil:
		if n.Kind != yaml.ScalarNode {
			return fmt.Sprintf("line %d has something else than one text", n.Line)
		}
		return ""
	case n.Kind != yaml.MappingNode:
		return fmt.Sprintf("line %d has something else than members with names", n.Line)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		of, known := s.members[name.Value]
		switch {
		case seen[name.Value]:
			return fmt.Sprintf("line %d has a member that was there before", name.Line)
		case s.named != nil:
			of = *s.named
		case !known:
			return fmt.Sprintf("line %d has a member that is not known there%s", name.Line, s.meant(name.Value))
		}
		seen[name.Value] = true
		if where := of.misplaced(value); where != "" {
			return where
		}
	}
	return ""
}

func (s shape) misplacedInList(n *yaml.Node) string {
	if n.Kind != yaml.SequenceNode {
		return fmt.Sprintf("line %d has something else than a list", n.Line)
	}
	for _, item := range n.Content {
		if where := aText.misplaced(item); where != "" {
			return where
		}
	}
	return ""
}

// meant says which member may be meant by a name.
func (s shape) meant(name string) string {
	var names []string
	for known := range s.members {
		names = append(names, known)
	}
	if near := shown.Near(name, names); len(near) > 0 {
		return " (did you mean " + near[0] + "?)"
	}
	return ""
}

// misplacedError is that something stands at a place of a policy which has no meaning there.
type misplacedError struct {
	path []string // names of members, and numbers of items
	says string
}

func (e *misplacedError) Error() string { return e.says }

// at gives an error its place.
func at(says string, path ...string) error { return &misplacedError{path, says} }

// lineOf is the line of a place, or of the last part of it that there is.
func lineOf(n *yaml.Node, path []string) int {
	line := n.Line
	for _, part := range path {
		next := child(n, part)
		if next == nil {
			break
		}
		n, line = next, next.Line
	}
	return line
}

// child is a member of an object, by its name, or an item of a list, by its number. A member stands where its
// name does, unless its value is a text.
func child(n *yaml.Node, part string) *yaml.Node {
	for i := range n.Content {
		if n.Kind == yaml.SequenceNode && fmt.Sprint(i) == part {
			return n.Content[i]
		}
		if n.Kind == yaml.MappingNode && i%2 == 0 && n.Content[i].Value == part {
			found := *n.Content[i+1]
			found.Line = n.Content[i].Line
			return &found
		}
	}
	return nil
}
