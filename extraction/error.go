package extraction

import (
	"fmt"
	"strings"
)

// Error says what failed, on which study and record, and what to do about it. Its text
// holds no subject data; Err may, in fields, as APIError does.
type Error struct {
	Op       string // what was being done, such as "records by criteria"
	StudyKey string
	RecordID int64 // 0 when no single record is concerned
	Err      error
	Hint     string // what to do; "" when there is nothing to add
}

// Error names operation, study and record, then the cause and the hint.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "extraction: %s", e.Op)
	if e.StudyKey != "" {
		fmt.Fprintf(&b, ": study %s", e.StudyKey)
	}
	if e.RecordID != 0 {
		fmt.Fprintf(&b, ", record %d", e.RecordID)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.Hint != "" {
		fmt.Fprintf(&b, " (%s)", e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
