package workflows

import (
	"errors"
	"fmt"
	"strings"
)

// ErrRejected means that a strict run met a value that does not fit; the MapError has the Reject.
var ErrRejected = errors.New("value does not fit its column")

// MapError says where mapping failed. Its text holds no subject data; Reject may.
type MapError struct {
	Op       string // "plan", "infer", "map" or "hierarchy"
	StudyKey string
	RecordID int64   // 0 when no record is concerned
	Reject   *Reject // what a strict run stopped at
	Hint     string  // what to do about it
	Err      error
}

func (e *MapError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "workflows: %s", e.Op)
	if e.StudyKey != "" {
		fmt.Fprintf(&b, " study %s", e.StudyKey)
	}
	if e.RecordID != 0 {
		fmt.Fprintf(&b, " record %d", e.RecordID)
	}
	if e.Reject != nil {
		fmt.Fprintf(&b, " form %s variable %q (%s)", e.Reject.FormKey, e.Reject.Variable, e.Reject.Reason)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.Hint != "" {
		fmt.Fprintf(&b, " (%s)", e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *MapError) Unwrap() error { return e.Err }
