package versioning

import (
	"errors"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	errNoPlace   = errors.New("the document has no such place")
	errDiffers   = errors.New("the document has another value there")
	errOperation = errors.New("no operation of RFC 6902")
	errValue     = errors.New("the operation's value is not JSON")
	errIntoChild = errors.New("a value cannot move into itself")
)

func (o *Operation) apply(root any) (any, error) {
	path, err := tokens(o.Path)
	if err != nil {
		return nil, err
	}
	switch o.Op {
	case "remove":
		return edit(root, path, removeAt)
	case "move", "copy":
		return o.transfer(root, path)
	}
	value, err := parseNode(o.Value)
	if err != nil {
		return nil, errValue
	}
	switch o.Op {
	case "add":
		return edit(root, path, addAt(value))
	case "replace":
		return edit(root, path, replaceAt(value))
	case "test":
		have, err := find(root, path)
		if err == nil && !equalNodes(have, value) {
			err = errDiffers
		}
		return root, err
	}
	return nil, errOperation
}

// transfer moves or copies a value.
func (o *Operation) transfer(root any, path []string) (any, error) {
	from, err := tokens(o.From)
	if err != nil {
		return nil, err
	}
	value, err := find(root, from)
	if err != nil {
		return nil, err
	}
	// The value must not be shared between two places that later operations change.
	if value, err = parseNode(appendNode(nil, value)); err != nil {
		return nil, err
	}
	if o.Op == "move" {
		if len(path) > len(from) && slices.Equal(path[:len(from)], from) {
			return nil, errIntoChild
		}
		if root, err = edit(root, from, removeAt); err != nil {
			return nil, err
		}
	}
	return edit(root, path, addAt(value))
}

func tokens(path string) ([]string, error) {
	p := jsontext.Pointer(path)
	if !p.IsValid() {
		return nil, errNoPlace
	}
	return slices.Collect(p.Tokens()), nil
}

func find(node any, path []string) (any, error) {
	for _, token := range path {
		switch container := node.(type) {
		case map[string]any:
			child, ok := container[token]
			if !ok {
				return nil, errNoPlace
			}
			node = child
		case []any:
			i, ok := index(token, len(container)-1)
			if !ok {
				return nil, errNoPlace
			}
			node = container[i]
		default:
			return nil, errNoPlace
		}
	}
	return node, nil
}

// index reads an array index from 0 to last, written as RFC 6901 does.
func index(token string, last int) (int, bool) {
	i, err := strconv.Atoi(token)
	return i, err == nil && i >= 0 && i <= last && token == strconv.Itoa(i)
}

// A change works on the container that a path's last token is in, or on the whole document when
// token is nil, and returns what takes its place.
type treeChange func(container any, token *string) (any, error)

// edit applies a change at a path and returns the new root.
func edit(node any, path []string, change treeChange) (any, error) {
	switch len(path) {
	case 0:
		return change(node, nil)
	case 1:
		return change(node, &path[0])
	}
	child, err := find(node, path[:1])
	if err != nil {
		return nil, err
	}
	child, err = edit(child, path[1:], change)
	if err != nil {
		return nil, err
	}
	return replaceAt(child)(node, &path[0])
}

func addAt(value any) treeChange {
	return func(container any, token *string) (any, error) {
		if token == nil {
			return value, nil
		}
		switch c := container.(type) {
		case map[string]any:
			c[*token] = value
			return c, nil
		case []any:
			if *token == "-" {
				return append(c, value), nil
			}
			if i, ok := index(*token, len(c)); ok {
				return slices.Insert(c, i, value), nil
			}
		}
		return nil, errNoPlace
	}
}

func replaceAt(value any) treeChange {
	return func(container any, token *string) (any, error) {
		if token == nil {
			return value, nil
		}
		switch c := container.(type) {
		case map[string]any:
			if _, ok := c[*token]; ok {
				c[*token] = value
				return c, nil
			}
		case []any:
			if i, ok := index(*token, len(c)-1); ok {
				c[i] = value
				return c, nil
			}
		}
		return nil, errNoPlace
	}
}

func removeAt(container any, token *string) (any, error) {
	if token == nil {
		return scalar("null"), nil
	}
	switch c := container.(type) {
	case map[string]any:
		if _, ok := c[*token]; ok {
			delete(c, *token)
			return c, nil
		}
	case []any:
		if i, ok := index(*token, len(c)-1); ok {
			return slices.Delete(c, i, i+1), nil
		}
	}
	return nil, errNoPlace
}
