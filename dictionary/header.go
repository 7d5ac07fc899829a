package dictionary

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/imednetgo/imednet/internal/answers"
)

// foldHeader is the form in which headers are compared: Form Key, FORM KEY, form_key and formKey are
// one.
func foldHeader(header string) string { return string(answers.AppendLetters(nil, header)) }

// camelHeader is the name that the Python toolkit gives to a column: words camel-cased, other marks and
// letters beyond ASCII dropped. A header of one word in mixed case keeps it but for its first letter.
func camelHeader(header string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '_' || r == '-' || r == '\t' || r == '\u00a0':
			return ' '
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return r
		}
		return -1
	}, header)
	words := strings.Fields(kept)
	if len(words) == 0 {
		return ""
	}
	if len(words) == 1 {
		return camelWord(words[0])
	}
	name := strings.ToLower(words[0])
	for _, word := range words[1:] {
		name += strings.ToUpper(word[:1]) + strings.ToLower(word[1:])
	}
	return name
}

func camelWord(word string) string {
	if word == strings.ToUpper(word) {
		return strings.ToLower(word)
	}
	return strings.ToLower(word[:1]) + word[1:]
}

// columns finds the columns of a table by their headers.
type columns struct {
	table *Table
	at    map[string][]int // by folded header
}

func newColumns(t *Table) columns {
	c := columns{table: t, at: map[string][]int{}}
	for i, header := range t.Header {
		key := foldHeader(header)
		c.at[key] = append(c.at[key], i)
	}
	return c
}

// text returns a cell by one of its column's names. Of a header that stands twice the first cell that
// is not blank counts.
func (c columns) text(r *Row, names ...string) string {
	text, _ := r.cell(c.find(r, names))
	return text
}

// find is the place of the cell that counts; -1 if there is none.
func (c columns) find(r *Row, names []string) int {
	for _, name := range names {
		for _, i := range c.at[name] {
			if text, ok := r.cell(i); ok && strings.TrimSpace(text) != "" {
				return i
			}
		}
	}
	return -1
}

// header names a column, also one beyond the header row.
func (c columns) header(i int) string {
	if i < len(c.table.Header) {
		return c.table.Header[i]
	}
	return fmt.Sprintf("column %d", i+1)
}

func (c columns) has(names ...string) bool {
	for _, name := range names {
		if len(c.at[name]) > 0 {
			return true
		}
	}
	return false
}
