// Package errtext words the errors of all packages in one way. Each package has an error type of
// its own, with the fields that its callers need; only the text is made here.
package errtext

import (
	"strconv"
	"strings"
)

// Text is "workflows: submit records: study S, record 5: cause (hint)". Places are names and values
// in turn: what the error concerns. One without a value is left out, and so is an empty hint.
func Text(pkg, op, cause, hint string, places ...string) string {
	var b strings.Builder
	b.WriteString(pkg + ": " + op)
	separator := ": "
	for i := 0; i+1 < len(places); i += 2 {
		if places[i+1] != "" {
			b.WriteString(separator + places[i] + " " + places[i+1])
			separator = ", "
		}
	}
	b.WriteString(": " + cause)
	if hint != "" {
		b.WriteString(" (" + hint + ")")
	}
	return b.String()
}

// ID is the text of an id, "" for 0, which is none.
func ID(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
