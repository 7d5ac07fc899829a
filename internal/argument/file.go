package argument

import (
	"strings"

	"github.com/imednetgo/imednet"
)

// File is nil when a path names a file, and otherwise says why the argument of the function does not:
// it is blank, or a database would take it for memory or for a URI.
func File(function, name, path string) error {
	lower := strings.ToLower(path)
	switch {
	case imednet.IsBlank(path):
		return Invalid(function, name, "is blank")
	case strings.HasPrefix(lower, ":memory:"), strings.HasPrefix(lower, "file:"):
		return Invalid(function, name, "must name a file, not memory or a URI; put ./ before the name of a file that begins so")
	}
	return nil
}
