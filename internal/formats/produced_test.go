package formats

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// observation gathers what the members of one kind of object are, over all objects of that kind.
type observation struct {
	objects int
	order   []string
	kinds   map[string]map[string]int // member → JSON kind → how often
}

// observe reads objects out of a written document. A path of names leads to them; * stands for
// every member or element.
func observe(t *testing.T, document []byte, path ...string) *observation {
	var root any
	require.NoError(t, json.Unmarshal(document, &root))
	o := &observation{kinds: map[string]map[string]int{}}
	o.walk(root, path)
	require.Positive(t, o.objects, "the document has nothing at %v", path)
	return o
}

func (o *observation) walk(node any, path []string) {
	if len(path) == 0 {
		if object, ok := node.(map[string]any); ok {
			o.add(object)
		}
		return
	}
	switch node := node.(type) {
	case map[string]any:
		for name, child := range node {
			if path[0] == "*" || path[0] == name {
				o.walk(child, path[1:])
			}
		}
	case []any:
		for _, child := range node {
			o.walk(child, path[1:])
		}
	}
}

func (o *observation) add(object map[string]any) {
	o.objects++
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if o.kinds[name] == nil {
			o.kinds[name] = map[string]int{}
			o.order = append(o.order, name)
		}
		o.kinds[name][kindOf(object[name])]++
	}
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

// checkProduced holds a table of members against what was observed: the same members, and of each
// member the kinds that its described type allows, all of them.
func checkProduced(d *document, s *section, o *observation) {
	d.t.Helper()
	said := map[string]string{}
	for _, row := range s.rows {
		said[plain(row[0])] = plain(row[1])
	}
	for _, name := range o.order {
		typ, known := said[name]
		if !known {
			d.t.Errorf("%s: member %s is written and not described", s, name)
			continue
		}
		delete(said, name)
		want, optional := kindsOf(typ)
		have := slices.Sorted(maps.Keys(o.kinds[name]))
		if !slices.Equal(want, have) {
			d.t.Errorf("%s: member %s is described as %q and is %v", s, name, typ, have)
		}
		times := 0
		for _, n := range o.kinds[name] {
			times += n
		}
		if optional != (times < o.objects) {
			d.t.Errorf("%s: member %s is described as %q and stands in %d of %d objects", s, name, typ, times, o.objects)
		}
	}
	for name := range said {
		d.t.Errorf("%s: member %s is described and was not written", s, name)
	}
}

// kindsOf reads a described type: which JSON kinds it can be, and whether it can be left out.
func kindsOf(typ string) (kinds []string, optional bool) {
	typ, optional = strings.CutSuffix(typ, ", optional")
	for word := range strings.SplitSeq(typ, " or ") {
		switch {
		case word == "time":
			word = "string"
		case word == "integer":
			word = "number"
		case strings.HasPrefix(word, "array of "):
			word = "array"
		case strings.HasPrefix(word, "object of ") || word == strings.ToUpper(word[:1])+word[1:]:
			word = "object"
		}
		kinds = append(kinds, word)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), optional
}
