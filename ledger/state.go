package ledger

import (
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// LedgerState is a whole ledger: the content of the Python package's JSON file.
type LedgerState struct {
	Studies map[string]StudyState `json:"studies"`
	// Unknown holds members that this library does not know, as one JSON object.
	Unknown jsontext.Value `json:",embed"`

	base map[Key]StreamState // what ReadState read, for WriteState to compare with
}

// StudyState holds the streams of one study.
type StudyState struct {
	Streams map[string]StreamState `json:"streams"`
	Unknown jsontext.Value         `json:",embed"`
}

// Key identifies one entry of a ledger: one stream of one study.
type Key struct{ StudyKey, Stream string }

// Status is the outcome of a run.
type Status string

// The outcomes of a run. A file written by another program may contain others; they are preserved
// when read and rejected when set.
const (
	StatusSuccess Status = "success"
	StatusFailed  Status = "failed"
)

// StreamState is one entry: how far a stream has been processed, and how its last run ended.
//
// LastTimestamp, RecordsProcessed and Metadata belong to the run that set the mark; a failed run
// does not change them. LastRunStatus and ErrorMessage belong to the last run.
type StreamState struct {
	LastTimestamp    time.Time // the mark, in microseconds; a finer fraction is truncated
	RecordsProcessed int64
	LastRunStatus    Status
	ErrorMessage     *string // nil if the last run succeeded
	Metadata         Metadata
	// LastSuccess and LastAttempt are nil in an entry that only the Python package has written. In
	// the file they are under metadata._imednet, the only place where the Python package preserves
	// unknown members.
	LastSuccess, LastAttempt *Attempt
	Unknown                  jsontext.Value // members that this library does not know
}

// Attempt is a summary of one run; [Run] is its full record.
type Attempt struct {
	StartedAt time.Time      `json:"started_at"`
	EndedAt   time.Time      `json:"ended_at"`
	Status    Status         `json:"status"`
	Records   int64          `json:"records_processed"`
	Error     string         `json:"error_message,omitempty"`
	By        *Author        `json:"by,omitempty"` // who ran it, as claimed; nil if not stated
	Unknown   jsontext.Value `json:",embed"`
}

// Metadata holds what a caller stores with a mark: JSON values by name, kept exactly as written.
// The name "_imednet" is reserved.
type Metadata map[string]jsontext.Value

// Set stores v as JSON under name.
func (m Metadata) Set(name string, v any) error {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	m[name] = b
	return nil
}

// Get reads the value under name into v, and reports whether there is one.
func (m Metadata) Get(name string, v any) (bool, error) {
	raw, ok := m[name]
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal(raw, v)
}

func (m Metadata) clone() Metadata {
	c := make(Metadata, len(m))
	for name, v := range m {
		c[name] = slices.Clone(v)
	}
	return c
}

// Equal reports whether both entries are stored identically. Stores use it for comparison.
func (s StreamState) Equal(o StreamState) bool {
	a, errA := s.MarshalJSON()
	b, errB := o.MarshalJSON()
	return errA == nil && errB == nil && string(a) == string(b)
}

// Clone returns a deep copy.
func (s StreamState) Clone() StreamState {
	s.Metadata = s.Metadata.clone()
	s.ErrorMessage = cloned(s.ErrorMessage)
	s.LastSuccess, s.LastAttempt = cloned(s.LastSuccess), cloned(s.LastAttempt)
	s.Unknown = slices.Clone(s.Unknown)
	return s
}

func cloned[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// Entry returns one entry, and whether there is one.
func (s LedgerState) Entry(k Key) (StreamState, bool) {
	e, ok := s.Studies[k.StudyKey].Streams[k.Stream]
	return e, ok
}

// Keys returns the keys of all entries, sorted.
func (s LedgerState) Keys() []Key {
	var keys []Key
	for _, study := range slices.Sorted(maps.Keys(s.Studies)) {
		for _, stream := range slices.Sorted(maps.Keys(s.Studies[study].Streams)) {
			keys = append(keys, Key{study, stream})
		}
	}
	return keys
}

// Put sets one entry.
func (s *LedgerState) Put(k Key, e StreamState) {
	if s.Studies == nil {
		s.Studies = map[string]StudyState{}
	}
	study := s.Studies[k.StudyKey]
	if study.Streams == nil {
		study.Streams = map[string]StreamState{}
	}
	study.Streams[k.Stream] = e
	s.Studies[k.StudyKey] = study
}

// Remove removes one entry. With its last entry it also removes the study, unless that has unknown
// members.
func (s *LedgerState) Remove(k Key) {
	study := s.Studies[k.StudyKey]
	delete(study.Streams, k.Stream)
	if len(study.Streams) == 0 && len(study.Unknown) == 0 {
		delete(s.Studies, k.StudyKey)
	}
}

// Clone returns a deep copy.
func (s LedgerState) Clone() LedgerState {
	c := LedgerState{Studies: make(map[string]StudyState, len(s.Studies)), Unknown: slices.Clone(s.Unknown), base: s.base}
	for name, study := range s.Studies {
		streams := make(map[string]StreamState, len(study.Streams))
		for stream, e := range study.Streams {
			streams[stream] = e.Clone()
		}
		c.Studies[name] = StudyState{Streams: streams, Unknown: slices.Clone(study.Unknown)}
	}
	return c
}
