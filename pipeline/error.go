package pipeline

import (
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
)

// Error says what the pipeline was doing, for which study and file. Its text holds no subject
// data; Err may, in fields.
type Error struct {
	Op       string // "write parquet", "write csv", "write ndjson", "read manifest" or "verify"
	StudyKey string
	Path     string // the file or directory
	Err      error
	Hint     string
}

// Error names the operation, the study, the file and the cause.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "pipeline: %s", e.Op)
	if e.StudyKey != "" {
		fmt.Fprintf(&b, ": study %s", e.StudyKey)
	}
	if e.Path != "" {
		fmt.Fprintf(&b, ": %s", e.Path)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.Hint != "" {
		fmt.Fprintf(&b, " (%s)", e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func invalid(path, message string) error {
	return &imednet.ValidationError{What: "pipeline argument", Problems: []imednet.Problem{{Path: path, Message: message}}}
}
