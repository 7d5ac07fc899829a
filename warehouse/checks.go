package warehouse

import (
	"os"
	"regexp"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
)

// another is how DuckDB names a database that is no file: by the extension that opens it.
var another = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]+:`)

// checkPath refuses what DuckDB would take for something other than a file's name.
func checkPath(function, path string) error {
	switch {
	case strings.Contains(path, "?"):
		return argument.Invalid(function, "path", "must not contain a question mark: DuckDB reads it as the start of its settings")
	case another.MatchString(path):
		return argument.Invalid(function, "path", "must name a file, not a URI; put ./ before the name of a file that begins so")
	}
	return argument.File(function, "path", path)
}

// memorySize is a size as DuckDB reads it.
var memorySize = regexp.MustCompile(`(?i)^ *[0-9]+(\.[0-9]+)? *([kmgt]i?b) *$`)

// checkMemory refuses what is no size, or none at all.
func checkMemory(function, limit string) error {
	if !memorySize.MatchString(limit) || !strings.ContainsAny(limit, "123456789") {
		return argument.Invalid(function, "limit", `must be a positive number and a unit, such as "512MB" or "1.5GiB"`)
	}
	return nil
}

// checkTempDirectory refuses what exists and is no directory. DuckDB makes one that does not.
func checkTempDirectory(function, dir string) error {
	if err := argument.Named(function, "dir", dir); err != nil {
		return err
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return argument.Invalid(function, "dir", "is not a directory")
	}
	return nil
}
