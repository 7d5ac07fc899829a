package extraction

import "github.com/imednetgo/imednet/internal/errtext"

// Error says what failed, on which study and record, and what to do about it. Its text
// holds no subject data; Err may, in fields, as APIError does.
type Error struct {
	Op       string // what was being done, such as "extract"
	StudyKey string
	RecordID int64 // 0 when no single record is concerned
	Err      error
	Hint     string // what to do; "" when there is nothing to add
}

// Error names operation, study and record, then the cause and the hint.
func (e *Error) Error() string {
	return errtext.Text("extraction", e.Op, e.Err.Error(), e.Hint, "study", e.StudyKey, "record", errtext.ID(e.RecordID))
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
