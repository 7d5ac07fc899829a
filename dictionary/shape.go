package dictionary

import "slices"

// selectors are the words that say of what they ask by children, each of which stands there once at most.
// What else such a word holds is not known, and may select something else.
var selectors = map[string][]string{
	"hidden": {"question"}, "disabled": {"question"}, "field_changed": {"question"},
	"external":                    {"form", "question", "last", "parent"},
	"number_of_child_log_records": {"form"}, "number_of_sibling_records": {"form"},
	"keyword_status_record": {"keyword"}, "keyword_status_parent": {"keyword"}, "keyword_status_patient": {"keyword"},
	"keyword_status_child_log_record": {"keyword"}, "keyword_status_record_in_interval": {"keyword"},
}

// texts are the words that hold a text alone; words without anything are those that hold nothing.
var (
	texts           = map[string]bool{"question": true, "value": true, "form": true, "keyword": true}
	withoutAnything = map[string]bool{
		"true": true, "last": true, "parent": true, "new_record": true, "user_role": true, "role": true,
		"current_date": true, "current_date_only": true, "utctime": true, "current_record_status": true, "current_interval": true,
	}
)

// understood reports whether an element holds nothing beside what is known of its word. The children that are
// conditions and operands themselves are asked in their turn.
func (e *Element) understood() bool {
	bare := e.bare()
	switch {
	case len(e.attributes()) > 0 || e.inNamespace():
		return false
	case texts[e.Name]:
		return len(e.Children) == 0 && len(e.behind) == 0
	case withoutAnything[e.Name]:
		return bare && len(e.Children) == 0
	case selectors[e.Name] == nil:
		return bare
	}
	return e.selects(selectors[e.Name]) && (bare || len(e.Children) == 0)
}

// selects reports whether all children are of some words, and no two of the same.
func (e *Element) selects(words []string) bool {
	seen := map[string]bool{}
	return !slices.ContainsFunc(e.Children, func(c *Element) bool {
		twice := seen[c.Name]
		seen[c.Name] = true
		return twice || !slices.Contains(words, c.Name) || !c.understood()
	})
}

// understands notes why an element that is not understood decides nothing.
func (e *evaluation) understands(x *Element) bool {
	if !x.understood() {
		e.undecided("%s %s", x.local(), x.strangeness())
		return false
	}
	return true
}

// strangeness says why an element is not understood.
func (e *Element) strangeness() string {
	if e.inNamespace() {
		return "is in a namespace"
	}
	return "holds something that is not known"
}
