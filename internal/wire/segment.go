package wire

import "github.com/imednetgo/imednet"

// CheckSegment refuses a study key or batch id that cannot be a segment of a path: it would name
// another resource.
func CheckSegment(s string) error {
	if !imednet.IsBlank(s) && s != "." && s != ".." {
		return nil
	}
	return &imednet.ValidationError{What: "request", Problems: []imednet.Problem{
		{Message: "a study key or batch id is blank, or is . or .."},
	}}
}
