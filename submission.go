package imednet

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Submission is one item of a POST (API contract, section 6). The kind follows from its keys:
// form + site registers a subject, form + subject + interval updates a scheduled record,
// form + subject creates an unscheduled one. Zero fields are not sent.
type Submission struct {
	FormKey      string         `json:"formKey,omitzero"`
	FormID       int64          `json:"formId,omitzero"`
	Data         map[string]any `json:"data"` // variable name to string, number, bool or nil; see SubmissionData
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

// SubmitOptions are the settings of one POST. Zero values mean the server's defaults.
type SubmitOptions struct {
	// EmailNotify is sent as x-email-notify: an e-mail address, "true" or "false". Empty sends none.
	EmailNotify string
}

// ExactNumber wraps the decimal text of a number so that Submission.Data sends it digit by digit.
func ExactNumber(text string) (jsontext.Value, bool) {
	v := jsontext.Value(text)
	return v, v.IsValid() && v.Kind() == '0'
}

// EncodeSubmissions renders a batch as the body of the POST: a JSON array, variables in ascending
// name, numbers as they were given. It is what every client sends and every dry run shows.
func EncodeSubmissions(items []Submission) (jsontext.Value, error) {
	return json.Marshal(items, json.Deterministic(true))
}
