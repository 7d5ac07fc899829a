package cdisc

import (
	"bufio"
	"io"
	"strings"
)

// xmlWriter writes XML with elements and attributes in the order of its calls. encoding/xml neither
// keeps prefixes nor reports characters that XML cannot hold; those are refused by the surveys.
type xmlWriter struct {
	out   *bufio.Writer
	stack []string
	bare  bool // the start tag is not closed yet
	err   error
}

func newXMLWriter(w io.Writer) *xmlWriter {
	x := &xmlWriter{out: bufio.NewWriterSize(w, 1<<16)}
	x.raw(`<?xml version="1.0" encoding="UTF-8"?>`, "\n")
	return x
}

func (x *xmlWriter) raw(parts ...string) {
	for _, part := range parts {
		if x.err == nil {
			_, x.err = x.out.WriteString(part)
		}
	}
}

// start opens an element. Attributes are names and values in turn.
func (x *xmlWriter) start(name string, attributes ...string) {
	x.closeTag()
	if len(x.stack) <= 5 { // a line for everything but the smallest parts
		x.raw("\n")
	}
	x.raw("<", name)
	for i := 0; i+1 < len(attributes); i += 2 {
		x.raw(" ", attributes[i], `="`)
		x.escaped(attributes[i+1])
		x.raw(`"`)
	}
	x.stack, x.bare = append(x.stack, name), true
}

func (x *xmlWriter) closeTag() {
	if x.bare {
		x.raw(">")
		x.bare = false
	}
}

func (x *xmlWriter) end() {
	name := x.stack[len(x.stack)-1]
	x.stack = x.stack[:len(x.stack)-1]
	if x.bare {
		x.raw("/>")
		x.bare = false
		return
	}
	x.raw("</", name, ">")
}

// leaf writes an element without content.
func (x *xmlWriter) leaf(name string, attributes ...string) {
	x.start(name, attributes...)
	x.end()
}

// text writes an element with a text in it.
func (x *xmlWriter) text(name, text string, attributes ...string) {
	x.start(name, attributes...)
	x.closeTag()
	x.escaped(text)
	x.end()
}

// escaped writes text for content and attributes alike. Tabs and line ends are written as numbers:
// readers make blanks of them in attributes.
func (x *xmlWriter) escaped(text string) {
	plain := 0
	for i := range len(text) {
		var code string
		switch text[i] {
		case '&':
			code = "&amp;"
		case '<':
			code = "&lt;"
		case '>':
			code = "&gt;"
		case '"':
			code = "&quot;"
		case '\t':
			code = "&#x9;"
		case '\n':
			code = "&#xA;"
		case '\r':
			code = "&#xD;"
		default:
			continue
		}
		x.raw(text[plain:i], code)
		plain = i + 1
	}
	x.raw(text[plain:])
}

func (x *xmlWriter) finish() error {
	x.raw("\n")
	if x.err != nil {
		return x.err
	}
	return x.out.Flush()
}

// some leaves out attributes without a value.
func some(attributes ...string) []string {
	var list []string
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			list = append(list, attributes[i], attributes[i+1])
		}
	}
	return list
}

// isXMLText reports whether XML can hold a text.
func isXMLText(text string) bool {
	return validText(text) && !strings.ContainsFunc(text, isForbiddenInXML)
}

func isForbiddenInXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
}
