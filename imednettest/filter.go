package imednettest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The server's own reading of the filter grammar of API contract section 7.1. It is written
// apart from imednet.Filter, which writes the grammar, so that each checks the other. Where the
// contract leaves something open, the strict reading is taken: what this parser accepts is safe
// to send.

// comparison is one criterion of a filter.
type comparison struct {
	attribute string
	op        string
	text      string // the value without quotes
	kind      kind
	number    int64          // of an int; Unix seconds of a time
	pattern   *regexp.Regexp // of =~
	afterOr   bool           // the connector before it is OR
	asText    bool           // < and > compare text, also of numbers
}

// filter is a parsed filter parameter. The zero value selects everything.
type filter struct {
	terms []comparison
	or    bool // some connector is OR
	mixed bool // and another is AND
}

// filterError says what is wrong with a filter; it holds no value.
type filterError struct{ problem string }

func (e *filterError) Error() string { return e.problem }

func badFilter(format string, args ...any) error {
	return &filterError{problem: fmt.Sprintf(format, args...)}
}

// parseFilter reads the filter parameter of a listing whose rows have these attributes.
func parseFilter(text string, kinds map[string]kind, settings Settings) (filter, error) {
	return parse(text, settings, func(c *comparison, quoted bool) error {
		k, ok := kinds[c.attribute]
		if !ok {
			return badFilter("unknown attribute %s", c.attribute)
		}
		if c.op == "=~" {
			return badFilter("operator =~ works in recordDataFilter only")
		}
		c.kind = k
		return c.checkValue(quoted, settings)
	})
}

// parseDataFilter reads a recordDataFilter; its attributes are variable names.
func parseDataFilter(text string, settings Settings) (filter, error) {
	settings.MixConnectors = false // documented as refused
	return parse(text, settings, func(c *comparison, quoted bool) error {
		c.kind, c.asText = textKind, settings.DataFilterAsText
		if c.op != "=~" {
			if quoted || bareText(c.text) {
				return nil
			}
			return badFilter("the value of %s needs double quotes", c.attribute)
		}
		pattern, err := regexp.Compile("(?i)" + c.text)
		if err != nil {
			return badFilter("the value of %s is not a regular expression", c.attribute)
		}
		c.pattern = pattern
		return nil
	})
}

func parse(text string, settings Settings, check func(c *comparison, quoted bool) error) (filter, error) {
	var f filter
	if text == "" {
		return f, nil
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return f, badFilter("it holds a control character or is not UTF-8")
	}
	connector := ""
	for {
		c, quoted, rest, err := parseComparison(text, settings.QuoteAnything)
		if err != nil {
			return filter{}, err
		}
		if err := check(&c, quoted); err != nil {
			return filter{}, err
		}
		c.afterOr = connector == ","
		if !settings.RepeatAttributes && slices.ContainsFunc(f.terms, func(t comparison) bool { return t.attribute == c.attribute }) {
			return filter{}, badFilter("attribute %s occurs twice; a unique attribute is required", c.attribute)
		}
		f.terms = append(f.terms, c)
		if rest == "" {
			return f, nil
		}
		found, after := cutConnector(rest, settings.ConnectorWords)
		if found == "" {
			return filter{}, badFilter("a connector is expected after the value of %s", c.attribute)
		}
		if connector != "" && connector != found {
			if !settings.MixConnectors {
				return filter{}, badFilter("AND and OR are mixed")
			}
			f.mixed = true
		}
		f.or = f.or || found == ","
		connector, text = found, after
	}
}

// cutConnector takes ; or , or, with words, what they mean in words off the front, and names them ";"
// or ",".
func cutConnector(text string, words bool) (connector, rest string) {
	for _, c := range []struct {
		written, means string
		word           bool
	}{{";", ";", false}, {",", ",", false}, {" and ", ";", true}, {" or ", ",", true}} {
		if after, ok := strings.CutPrefix(text, c.written); ok && (words || !c.word) {
			return c.means, after
		}
	}
	return "", text
}

var operators = []string{"<=", ">=", "==", "!=", "=~", "<", ">"}

func parseComparison(text string, escapes bool) (c comparison, quoted bool, rest string, err error) {
	n := 0
	for n < len(text) && isNameByte(text[n]) {
		n++
	}
	c.attribute = text[:n]
	if n == 0 {
		return c, false, "", badFilter("an attribute is expected")
	}
	after := text[n:]
	for _, op := range operators {
		if strings.HasPrefix(after, op) {
			c.op = op
			break
		}
	}
	if c.op == "" {
		return c, false, "", badFilter("an operator is expected right after %s", c.attribute)
	}
	after = after[len(c.op):]
	if strings.HasPrefix(after, `"`) {
		value, rest, ok := cutQuoted(after[1:], escapes)
		if !ok || value == "" || !escapes && strings.Contains(value, `\`) {
			return c, true, "", badFilter("the quoted value of %s is empty, open or holds a backslash", c.attribute)
		}
		c.text = value
		return c, true, rest, nil
	}
	end := bareEnd(after)
	c.text = after[:end]
	if end == 0 {
		return c, false, "", badFilter("a value is expected right after %s%s", c.attribute, c.op)
	}
	return c, false, after[end:], nil
}

// cutQuoted takes a value up to its closing quote off the front; with escapes, a backslash takes the
// character after it as it is.
func cutQuoted(text string, escapes bool) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:], true
		case escapes && text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}

// bareEnd returns where a value without quotes ends: at a blank, or a character that only quotes
// protect.
func bareEnd(text string) int {
	if i := strings.IndexAny(text, " ;,()=<>!~'\""); i >= 0 {
		return i
	}
	return len(text)
}

func isNameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '.' || b == '-'
}

func bareText(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return true
}

// filterInstants are the two forms in which a filter may give an instant (contract section 5).
var filterInstants = []string{"2006-01-02T15:04:05Z", "2006-01-02T15:04:05-07:00"}

func (c *comparison) checkValue(quoted bool, settings Settings) error {
	switch {
	case c.kind == textKind:
		if !quoted && !bareText(c.text) {
			return badFilter("the value of %s needs double quotes", c.attribute)
		}
		return nil
	case quoted && !settings.QuoteAnything:
		return badFilter("the value of %s stands without quotes", c.attribute)
	}
	switch c.kind {
	case intKind:
		n, err := strconv.ParseInt(c.text, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != c.text {
			return badFilter("the value of %s is not a whole number", c.attribute)
		}
		c.number = n
	case boolKind:
		if c.text != "true" && c.text != "false" {
			return badFilter("the value of %s is neither true nor false", c.attribute)
		}
		if c.op != "==" && c.op != "!=" {
			return badFilter("%s has no order", c.attribute)
		}
	case dateKind:
		if _, ok := readDate(c.text, time.DateOnly); !ok {
			return badFilter("the value of %s is not a date of the form 2006-01-02", c.attribute)
		}
	case timeKind:
		at, ok := readDate(c.text, filterInstants...)
		if !ok {
			return badFilter("the value of %s is not an instant of the form 2006-01-02T15:04:05Z", c.attribute)
		}
		c.number = at.Unix()
	}
	return nil
}
