package versioning

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
)

// A node is a JSON value: map[string]any, []any, or a scalar.

// scalar is the canonical text of a string, number, boolean or null.
type scalar string

// parseNode reads one JSON value. Names that are there twice are an error. Text that has no UTF-8
// form, such as half a surrogate pair, keeps its escapes.
func parseNode(data []byte) (any, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowInvalidUTF8(true))
	node, err := readNode(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the JSON value")
	}
	return node, nil
}

func readNode(dec *jsontext.Decoder) (any, error) {
	switch dec.PeekKind() {
	case '{':
		return readObject(dec)
	case '[':
		return readArray(dec)
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return nil, err
	}
	return canonicalScalar(raw), nil
}

func readObject(dec *jsontext.Decoder) (any, error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	object := map[string]any{}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		if object[key], err = readNode(dec); err != nil {
			return nil, err
		}
	}
	_, err := dec.ReadToken()
	return object, err
}

func readArray(dec *jsontext.Decoder) (any, error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	array := []any{}
	for dec.PeekKind() != ']' {
		element, err := readNode(dec)
		if err != nil {
			return nil, err
		}
		array = append(array, element)
	}
	_, err := dec.ReadToken()
	return array, err
}

func canonicalScalar(raw jsontext.Value) scalar {
	if raw.Kind() != '"' {
		return scalar(raw)
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return scalar(raw)
	}
	return scalar(appendQuoted(nil, string(text)))
}

// appendNode writes a node in canonical form.
func appendNode(dst []byte, node any) []byte {
	switch node := node.(type) {
	case map[string]any:
		dst = append(dst, '{')
		// Byte order of UTF-8 is the order of code points, which the Python package sorts by.
		for i, name := range slices.Sorted(maps.Keys(node)) {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(appendQuoted(dst, name), ": "...)
			dst = appendNode(dst, node[name])
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for i, element := range node {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendNode(dst, element)
		}
		return append(dst, ']')
	}
	return append(dst, node.(scalar)...)
}

// appendQuoted writes a JSON string in which everything but printable ASCII is escaped: the short
// escapes where JSON has one, otherwise \uXXXX, surrogate pairs above U+FFFF.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r >= ' ' && r <= '~':
			dst = append(dst, byte(r))
		case r == '\b':
			dst = append(dst, `\b`...)
		case r == '\f':
			dst = append(dst, `\f`...)
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
	}
	return append(dst, '"')
}

// equalNodes compares two nodes by their canonical texts.
func equalNodes(a, b any) bool {
	x, xScalar := a.(scalar)
	y, yScalar := b.(scalar)
	if xScalar || yScalar {
		return xScalar && yScalar && x == y
	}
	return bytes.Equal(appendNode(nil, a), appendNode(nil, b))
}
