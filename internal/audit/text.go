package audit

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// timeLayout is the form in which the Python package writes an instant, always with its six digits, so
// that text sorts as time does.
const timeLayout = "2006-01-02T15:04:05.000000+00:00"

// FormatTime returns the stored form of an instant.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// ParseTime reads a stored instant, the Python package's forms included. A missing zone means UTC.
func ParseTime(s string) (time.Time, bool) {
	t, err := imednet.ParseTime(s)
	return t.Time, err == nil
}

const (
	maxName    = 200
	maxComment = 20000
)

// Checker collects what is wrong with the arguments of a call.
type Checker struct{ problems []imednet.Problem }

// Add notes a problem with an argument.
func (c *Checker) Add(path, message string) {
	c.problems = append(c.problems, imednet.Problem{Path: path, Message: message})
}

// ID demands a valid id.
func (c *Checker) ID(path, id string) {
	if !argument.ValidID(id) {
		c.Add(path, argument.IDRule)
	}
}

// Name returns one line of trimmed text, such as a user's id, and demands that it is not blank.
func (c *Checker) Name(path, s string) string {
	s = strings.TrimSpace(s)
	switch {
	case Blank(s):
		c.Add(path, "must not be blank")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		c.Add(path, "must be one line of valid UTF-8")
	case len(s) > maxName:
		c.Add(path, "must have at most 200 bytes")
	}
	return s
}

// reserved are names that no user may have: older logs have them where no person acted.
var reserved = []string{"import"}

// User is Name for the id of somebody who acts.
func (c *Checker) User(path, s string) string {
	s = c.Name(path, s)
	if slices.ContainsFunc(reserved, func(name string) bool { return SamePerson(name, s) }) {
		c.Add(path, "is a reserved name: give the name of who acts")
	}
	return s
}

// OptionalName is Name for text that may be blank.
func (c *Checker) OptionalName(path, s string) string {
	if Blank(s) {
		return ""
	}
	return c.Name(path, s)
}

// Comment returns trimmed text of any number of lines; none if nobody sees anything of it.
func (c *Checker) Comment(path, s string) string {
	if s = strings.TrimSpace(s); Blank(s) {
		return ""
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		c.Add(path, "must be valid UTF-8 without NUL")
	}
	if len(s) > maxComment {
		c.Add(path, "must have at most 20000 bytes")
	}
	return s
}

// RequiredComment is Comment for text that must not be blank.
func (c *Checker) RequiredComment(path, s string) string {
	s = c.Comment(path, s)
	if s == "" {
		c.Add(path, "must not be blank")
	}
	return s
}

// Err returns a *imednet.ValidationError with every problem, or nil.
func (c *Checker) Err(what string) error {
	if len(c.problems) == 0 {
		return nil
	}
	return &imednet.ValidationError{What: what, Problems: c.problems}
}

// Problems returns what was noted.
func (c *Checker) Problems() []imednet.Problem { return c.problems }
