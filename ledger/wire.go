package ledger

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// reserved is the member of an entry's metadata that is ours.
const reserved = "_imednet"

// wireEntry is an entry as the file has it, in the Python package's order.
type wireEntry struct {
	LastTimestamp    *string        `json:"last_timestamp"`
	RecordsProcessed *int64         `json:"records_processed"`
	LastRunStatus    *Status        `json:"last_run_status"`
	ErrorMessage     *string        `json:"error_message"`
	Metadata         Metadata       `json:"metadata"`
	Unknown          jsontext.Value `json:",embed"`
}

// wireOurs is what stands under metadata._imednet.
type wireOurs struct {
	LastSuccess *Attempt `json:"last_success,omitempty"`
	LastAttempt *Attempt `json:"last_attempt,omitempty"`
}

// MarshalJSON returns the entry in the format of the Python package.
func (s StreamState) MarshalJSON() ([]byte, error) {
	mark := formatTime(s.LastTimestamp)
	w := wireEntry{LastTimestamp: &mark, RecordsProcessed: &s.RecordsProcessed, LastRunStatus: &s.LastRunStatus,
		ErrorMessage: s.ErrorMessage, Metadata: s.Metadata, Unknown: s.Unknown}
	if w.Metadata == nil {
		w.Metadata = Metadata{}
	}
	if s.LastSuccess != nil || s.LastAttempt != nil {
		w.Metadata = w.Metadata.clone()
		if err := w.Metadata.Set(reserved, wireOurs{s.LastSuccess, s.LastAttempt}); err != nil {
			return nil, err
		}
	}
	return json.Marshal(w, json.Deterministic(true))
}

// UnmarshalJSON reads an entry. As in the Python package, everything except the mark may be
// missing; a missing mark is an error and never replaced by another time.
func (s *StreamState) UnmarshalJSON(b []byte) error {
	var w wireEntry
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	if w.LastTimestamp == nil {
		return errors.New("last_timestamp is missing or null")
	}
	mark, err := parseTime(*w.LastTimestamp)
	if err != nil {
		return fmt.Errorf("last_timestamp: %w", err)
	}
	*s = StreamState{LastTimestamp: mark, LastRunStatus: StatusSuccess, ErrorMessage: w.ErrorMessage, Metadata: Metadata{}, Unknown: slices.Clone(w.Unknown)}
	if w.RecordsProcessed != nil {
		s.RecordsProcessed = *w.RecordsProcessed
	}
	if w.LastRunStatus != nil {
		s.LastRunStatus = *w.LastRunStatus
	}
	return s.readMetadata(w.Metadata)
}

// readMetadata takes our own member out. Values lose the file's indentation, nothing else.
func (s *StreamState) readMetadata(m Metadata) error {
	for name, raw := range m {
		if name != reserved {
			v := slices.Clone(raw)
			if err := v.Compact(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(true)); err != nil {
				return err
			}
			s.Metadata[name] = v
			continue
		}
		var ours wireOurs
		if err := json.Unmarshal(raw, &ours); err != nil {
			return fmt.Errorf("metadata.%s: %w", reserved, err)
		}
		s.LastSuccess, s.LastAttempt = ours.LastSuccess, ours.LastAttempt
	}
	return nil
}

// encodeState writes the file's text: two blanks of indentation, no newline at the end.
func encodeState(s LedgerState) ([]byte, error) {
	if s.Studies == nil {
		s.Studies = map[string]StudyState{}
	}
	return json.Marshal(s, json.Deterministic(true), jsontext.WithIndent("  "))
}

func decodeState(b []byte) (LedgerState, error) {
	var s LedgerState
	if len(b) == 0 {
		return s, errors.New("the file is empty")
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return LedgerState{}, err
	}
	if s.Studies == nil && len(s.Unknown) > 0 {
		return LedgerState{}, errors.New("it has members, but not studies: the file is of another kind")
	}
	if s.Studies == nil {
		s.Studies = map[string]StudyState{}
	}
	return s, nil
}

// parseTime keeps the offset, reads a missing one as UTC, and does not repeat the text on error.
func parseTime(s string) (time.Time, error) {
	t, err := imednet.ParseInstant(s)
	return t.Truncate(time.Microsecond), err
}

// formatTime writes Z for UTC, another offset as it is, and six digits of fraction only when they
// are not zero.
func formatTime(t time.Time) string {
	t = t.Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05Z07:00")
	}
	return t.Format("2006-01-02T15:04:05.000000Z07:00")
}
