package imednet

import (
	"strconv"
	"strings"
)

// Error reports what failed, on which study, record or other place, and what to do about it. Every
// package of this library wraps its failures in one, so a caller needs a single errors.As. What
// there is to branch on stands beneath it: the sentinels and typed errors of the packages.
//
// Its text holds no subject data. Err may, in fields, as [APIError] does.
type Error struct {
	Package  string // that failed, such as "queries"
	Op       string // what was being done, such as "query state counts"
	StudyKey string // "" when no study is concerned
	RecordID int64  // 0 when no single record is concerned
	Place    string // whatever else is concerned, such as "stream records" or "file study.db"
	Err      error
	Hint     string // what to do; "" when there is nothing to add
}

// Error reads "queries: list: study S, record 5, stream records: cause (hint)".
func (e *Error) Error() string {
	var places []string
	if e.StudyKey != "" {
		places = append(places, "study "+e.StudyKey)
	}
	if e.RecordID != 0 {
		places = append(places, "record "+strconv.FormatInt(e.RecordID, 10))
	}
	if e.Place != "" {
		places = append(places, e.Place)
	}
	text := e.Package + ": " + e.Op
	if len(places) > 0 {
		text += ": " + strings.Join(places, ", ")
	}
	text += ": " + e.Err.Error()
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
