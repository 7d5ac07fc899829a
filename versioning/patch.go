package versioning

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Operation is one step of a JSON Patch (RFC 6902).
type Operation struct {
	Op    string         `json:"op"`   // test, add, remove, replace, move or copy
	Path  string         `json:"path"` // JSON pointer (RFC 6901)
	From  string         `json:"from,omitempty"`
	Value jsontext.Value `json:"value,omitempty"`
}

// Patch is a JSON Patch (RFC 6902). The patches of this package test every value before they remove
// or replace it: they fail on a document for which they were not made, and can be inverted.
type Patch []Operation

// appendPatch adds the operations that turn a into b at a pointer.
func appendPatch(p Patch, at jsontext.Pointer, a, b any) Patch {
	if equalNodes(a, b) {
		return p
	}
	switch from := a.(type) {
	case map[string]any:
		if to, ok := b.(map[string]any); ok {
			return appendObjectPatch(p, at, from, to)
		}
	case []any:
		if to, ok := b.([]any); ok {
			return appendArrayPatch(p, at, from, to)
		}
	}
	return append(p, testOperation(at, a), Operation{Op: "replace", Path: string(at), Value: appendNode(nil, b)})
}

func testOperation(at jsontext.Pointer, node any) Operation {
	return Operation{Op: "test", Path: string(at), Value: appendNode(nil, node)}
}

func appendObjectPatch(p Patch, at jsontext.Pointer, a, b map[string]any) Patch {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if _, ok := b[name]; !ok {
			p = append(p, testOperation(at.AppendToken(name), a[name]), Operation{Op: "remove", Path: string(at.AppendToken(name))})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		child := at.AppendToken(name)
		if old, ok := a[name]; ok {
			p = appendPatch(p, child, old, b[name])
			continue
		}
		p = append(p, Operation{Op: "add", Path: string(child), Value: appendNode(nil, b[name])})
	}
	return p
}

// appendArrayPatch keeps the longest common subsequence. Between two kept elements, old and new
// ones are paired in order and changed in place; what is left over is removed or added.
func appendArrayPatch(p Patch, at jsontext.Pointer, a, b []any) Patch {
	position := 0
	element := func() jsontext.Pointer { return at.AppendToken(strconv.Itoa(position)) }
	kept := append(commonElements(a, b), [2]int{len(a), len(b)})
	i, j := 0, 0
	for _, k := range kept {
		for ; i < k[0] && j < k[1]; i, j = i+1, j+1 {
			p = appendPatch(p, element(), a[i], b[j])
			position++
		}
		for ; i < k[0]; i++ {
			p = append(p, testOperation(element(), a[i]), Operation{Op: "remove", Path: string(element())})
		}
		for ; j < k[1]; j++ {
			p = append(p, Operation{Op: "add", Path: string(element()), Value: appendNode(nil, b[j])})
			position++
		}
		i, j, position = k[0]+1, k[1]+1, position+1
	}
	return p
}

// Invert returns the patch that undoes p. Only patches that test what they remove or replace, and
// neither move nor copy, can be inverted.
func (p Patch) Invert() (Patch, error) {
	var inverse Patch
	for i := len(p) - 1; i >= 0; i-- {
		o := p[i]
		tested := i > 0 && p[i-1].Op == "test" && p[i-1].Path == o.Path
		switch {
		case o.Op == "test":
			inverse = append(inverse, o)
			continue
		case o.Op == "add":
			inverse = append(inverse, Operation{Op: "test", Path: o.Path, Value: o.Value}, Operation{Op: "remove", Path: o.Path})
			continue
		case o.Op == "remove" && tested:
			inverse = append(inverse, Operation{Op: "add", Path: o.Path, Value: p[i-1].Value})
		case o.Op == "replace" && tested:
			inverse = append(inverse, Operation{Op: "test", Path: o.Path, Value: o.Value}, Operation{Op: "replace", Path: o.Path, Value: p[i-1].Value})
		default:
			return nil, wrap("invert patch", "", "", fmt.Errorf("operation %d: %w", i, errNotInvertible))
		}
		i-- // its test is used up
	}
	return inverse, nil
}

var errNotInvertible = errors.New("only add, and remove and replace after a test of the same path, can be inverted")

// Apply applies the patch to a JSON document and returns the result in the canonical form of this
// package. It supports all operations of RFC 6902; test compares numbers by their digits. If an
// operation fails, only the error is returned.
func (p Patch) Apply(document []byte) ([]byte, error) {
	root, err := parseNode(document)
	if err != nil {
		return nil, wrap("apply patch", "", "", errors.New("the document is not JSON, or has a name twice in an object"))
	}
	for i, o := range p {
		if root, err = o.apply(root); err != nil {
			return nil, wrap("apply patch", "", "", fmt.Errorf("operation %d (%s): %w", i, o.Op, err))
		}
	}
	return appendNode(nil, root), nil
}
