package imednet

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet/internal/shown"
)

// Error reports what failed, for which study, record or other place, and what to do about it. Every
// package of this library wraps its failures in one, so that a caller needs a single errors.As. It
// wraps the sentinels and typed errors that a caller can branch on.
//
// Its text holds no subject data. Fields of Err may, as those of [APIError] do.
type Error struct {
	Package  string // package that failed, such as "queries"
	Op       string // operation, such as "query state counts"
	StudyKey string // "" if no study is involved
	RecordID int64  // 0 if no single record is involved
	Place    string // anything else involved, such as "stream records" or "file study.db"
	Err      error
	Hint     string // what to do; "" if there is nothing to add
}

// Error returns text such as "queries: list: study S, record 5, stream records: cause (hint)".
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
	text := cmp.Or(e.Package, "imednet")
	if e.Op != "" {
		text += ": " + e.Op
	}
	if len(places) > 0 {
		text += ": " + strings.Join(places, ", ")
	}
	text += ": " + shown.Cause(e.Err)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
