package imednet

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// SubmissionKind is the kind of write that a [Submission] requests.
type SubmissionKind string

// The kinds of write that the API offers (API contract, section 6).
const (
	RegisterSubject SubmissionKind = "register subject" // form and site
	ScheduledRecord SubmissionKind = "scheduled record" // form, subject and interval
	NewRecord       SubmissionKind = "new record"       // form and subject: an unscheduled record
	ExistingRecord  SubmissionKind = "existing record"  // form and record
)

func (k SubmissionKind) known() bool {
	return slices.Contains([]SubmissionKind{RegisterSubject, ScheduledRecord, NewRecord, ExistingRecord}, k)
}

// Submission is one item of a POST (API contract, section 6). Fields with zero values are not sent.
type Submission struct {
	// Kind is the kind of write that the caller intends. It is not sent: the server infers the kind
	// from the keys, so that a visit with a blank name would create a new record. See
	// [Submission.KindOf].
	Kind SubmissionKind `json:"-"`
	// IntentKey identifies a write that must happen only once, such as the id of a row in another
	// system. It is not sent. Package submissions refuses to send the same intent twice.
	IntentKey string `json:"-"`
	// Line is the line number in the caller's input, for reports; 0 means unknown. It is not sent.
	Line int `json:"-"`

	FormKey      string         `json:"formKey,omitzero"`
	FormID       int64          `json:"formId,omitzero"`
	Data         map[string]any `json:"data"` // variable name to string, number, bool or nil
	SiteName     string         `json:"siteName,omitzero"`
	SiteID       int64          `json:"siteId,omitzero"`
	SubjectKey   string         `json:"subjectKey,omitzero"`
	SubjectID    int64          `json:"subjectId,omitzero"`
	SubjectOID   string         `json:"subjectOid,omitzero"`
	IntervalName string         `json:"intervalName,omitzero"`
	IntervalID   int64          `json:"intervalId,omitzero"`
	RecordID     int64          `json:"recordId,omitzero"`
	RecordOID    string         `json:"recordOid,omitzero"`
}

// KindOf returns the kind of write: that of the field Kind, or else the one that the keys imply. A
// subject without an interval implies nothing, because the interval may have been forgotten: a new
// record must be requested with Kind. Keys that are ambiguous or contradict Kind are a
// *[ValidationError].
func (s *Submission) KindOf() (SubmissionKind, error) {
	shown, problem := s.shownKind()
	switch {
	case problem != "":
	case s.Kind == "" && shown == NewRecord:
		problem = "names a subject and neither an interval nor a record: if a new unscheduled record is meant, Kind must be NewRecord"
	case s.Kind != "" && !s.Kind.known():
		problem = fmt.Sprintf("Kind is none of %s, %s, %s and %s", RegisterSubject, ScheduledRecord, NewRecord, ExistingRecord)
	case s.Kind != "" && s.Kind != shown:
		problem = "Kind is " + string(s.Kind) + ", but its keys make a " + string(shown)
	default:
		return shown, nil
	}
	return "", &ValidationError{What: "submission", Problems: []Problem{{Message: problem}}}
}

// shownKind derives the kind from the keys, as the server does.
func (s *Submission) shownKind() (kind SubmissionKind, problem string) {
	site := s.SiteName != "" || s.SiteID != 0
	subject := s.SubjectKey != "" || s.SubjectID != 0 || s.SubjectOID != ""
	interval := s.IntervalName != "" || s.IntervalID != 0
	record := s.RecordID != 0 || s.RecordOID != ""
	switch {
	case site && subject:
		return "", "a registration names a site and no subject: the server assigns the subject key, and with one the record would be an update"
	case site && (interval || record):
		return "", "a registration names a site and neither an interval nor a record"
	case site:
		return RegisterSubject, ""
	case interval && !subject:
		return "", "an interval needs a subject"
	case record:
		return ExistingRecord, ""
	case interval:
		return ScheduledRecord, ""
	case subject:
		return NewRecord, ""
	}
	return "", "names neither a site to register at, nor a subject, nor a record"
}

// SubmitOptions configures one POST. Zero values mean the server's defaults.
type SubmitOptions struct {
	// EmailNotify is sent as x-email-notify: one e-mail address, which is told when the job ends. If
	// it is empty, the header is not sent. Anything else is a *[ValidationError].
	EmailNotify string
	// RepeatRateLimited lets the client send the batch again after a 429 of the API itself, on the
	// assumption that the API answers 429 before it looks at a batch. If it ever does so afterwards,
	// the records are stored twice. Without it no POST is ever repeated.
	RepeatRateLimited bool
}

// ExactNumber wraps the decimal text of a number so that Submission.Data sends exactly its digits.
// It reports false if the text is not a number.
func ExactNumber(text string) (jsontext.Value, bool) {
	v := jsontext.Value(text)
	return v, v.IsValid() && v.Kind() == '0'
}

// EncodeSubmissions renders a batch as the body of the POST: a JSON array, with variables in
// ascending order of name and numbers as they were given. Every client sends exactly this text, and
// every dry run shows it. A number of package encoding/json that is no number is an error.
func EncodeSubmissions(items []Submission) (jsontext.Value, error) {
	return json.Marshal(items, json.Deterministic(true), plainNumbers)
}

// plainNumbers writes a number of package encoding/json, which would otherwise be text.
var plainNumbers = json.WithMarshalers(json.MarshalToFunc(func(enc *jsontext.Encoder, n stdjson.Number) error {
	number, ok := ExactNumber(string(n))
	if !ok {
		return errNotNumber
	}
	return enc.WriteValue(number)
}))

var errNotNumber = errors.New("imednet: a json.Number that is no JSON number")
