package csvfile

import (
	"strings"

	"github.com/imednetgo/imednet"
)

// guardFormula puts an apostrophe before text that a spreadsheet would run, and before text that begins with
// one, so that the way back is to take one off wherever there is one.
func guardFormula(text string) string {
	if strings.HasPrefix(text, "'") || isFormula(text) {
		return "'" + text
	}
	return text
}

// isFormula reports whether a spreadsheet would run a text: one whose first character that is no
// blank is = + - @, also full-width, or that begins with a tab or a carriage return. Numbers, as
// [imednet.ParseNumber] reads them, and the bare results + and - are none.
func isFormula(text string) bool {
	start := strings.TrimLeft(text, " \u00a0")
	if !strings.HasPrefix(start, "\t") && !strings.HasPrefix(start, "\r") {
		start = strings.TrimSpace(start)
	}
	if start == "+" || start == "-" {
		return false
	}
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"} {
		if strings.HasPrefix(start, sign) {
			_, number := imednet.ParseNumber(text)
			return !number
		}
	}
	return false
}
