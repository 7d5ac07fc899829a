package imednet

import (
	"cmp"
	"strings"
)

// Problem is one thing wrong with a document or an argument.
type Problem struct {
	Path    string // a JSON pointer, or the name of the argument
	Message string // what is wrong and what to do; holds no subject data
}

// ValidationError reports every problem with what the caller passed. It is returned before anything
// is sent or stored.
type ValidationError struct {
	What     string // what was checked, such as "filter" or "study configuration"
	Problems []Problem
}

// Error lists every problem with its place.
func (e *ValidationError) Error() string {
	var b strings.Builder
	b.WriteString("imednet: invalid " + cmp.Or(e.What, "argument"))
	for i, p := range e.Problems {
		b.WriteString([]string{": ", "; "}[min(i, 1)])
		if p.Path != "" {
			b.WriteString(p.Path + ": ")
		}
		b.WriteString(p.Message)
	}
	return b.String()
}
