package main

import (
	"strings"

	"github.com/imednetgo/imednet/internal/shown"
)

// unknownName is an error about a name that a study or program does not have, with the names that come
// near to it.
func unknownName(kind, name string, known []string) error {
	near := shown.Near(name, known)
	if len(near) == 0 {
		return &notFoundError{kind, name, ""}
	}
	return &notFoundError{kind, name, "did you mean " + strings.Join(near, " or ") + "?"}
}

// notFoundError is something that was named and is not there.
type notFoundError struct{ kind, name, hint string }

func (e *notFoundError) Error() string { return "there is no " + e.kind + " " + quoted(e.name) }

func (e *notFoundError) Unwrap() error { return errNotFound }

func quoted(name string) string { return "'" + printable(name) + "'" }
