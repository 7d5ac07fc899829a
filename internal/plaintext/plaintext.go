// Package plaintext shows texts that somebody else wrote, without what acts on a terminal or a page.
package plaintext

import (
	"strings"
	"unicode"
)

// Line replaces what could move the cursor, colour the screen, turn the direction of writing or break the
// line. The joiners that make one sign of several stay.
func Line(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r == '\u200c' || r == '\u200d':
			return r
		case !unicode.IsPrint(r):
			return '·'
		}
		return r
	}, text)
}

// Lines is [Line] of each line of a text.
func Lines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = Line(lines[i])
	}
	return strings.Join(lines, "\n")
}
