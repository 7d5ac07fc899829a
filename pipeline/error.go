package pipeline

import (
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/errtext"
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
	return errtext.Text("pipeline", e.Op, e.Err.Error(), e.Hint, "study", e.StudyKey, "path", e.Path)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func invalid(path, message string) error {
	return &imednet.ValidationError{What: "pipeline argument", Problems: []imednet.Problem{{Path: path, Message: message}}}
}
