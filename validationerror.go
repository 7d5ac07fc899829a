package imednet

import (
	"cmp"
	"slices"
	"strings"
)

// Problem is one thing wrong with a document or an argument.
type Problem struct {
	Path    string // a JSON pointer, or the name of the argument
	Message string // what is wrong and what to do; holds no subject data
	// NotFound means that what was named does not exist.
	NotFound bool `json:"-"`
}

// ValidationError reports every problem with what the caller passed. It is returned before anything
// is sent or stored. It is [ErrNotFound] as well if something was named that does not exist.
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

// Is makes an error about something that does not exist [ErrNotFound].
func (e *ValidationError) Is(target error) bool {
	return target == ErrNotFound && slices.ContainsFunc(e.Problems, func(p Problem) bool { return p.NotFound })
}
