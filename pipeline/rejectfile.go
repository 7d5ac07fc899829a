package pipeline

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/workflows"
)

// rejectFile writes rejects as one JSON object a line. It exists only if there are any.
type rejectFile struct {
	stage *stage
	name  string
	next  func(workflows.Reject) error // the caller's own
	file  *stagedWriter
	count int64
}

// rejectLine is a line of the file. json is the value as it arrived, as text; a value that is no
// valid Unicode, which no JSON file can hold, stands in base64 instead.
type rejectLine struct {
	RecordID int64            `json:"recordId"`
	FormKey  string           `json:"formKey"`
	Variable string           `json:"variable"`
	Reason   workflows.Reason `json:"reason"`
	Value    string           `json:"value"`
	JSON     string           `json:"json,omitzero"`
	Base64   string           `json:"jsonBase64,omitzero"`
}

func (r *rejectFile) add(reject workflows.Reject) error {
	if r.file == nil {
		file, err := r.stage.create(r.name)
		if err != nil {
			return err
		}
		r.file = file
	}
	r.count++
	line := rejectLine{
		RecordID: reject.RecordID, FormKey: reject.FormKey, Variable: reject.Variable,
		Reason: reject.Reason, Value: reject.Value(), JSON: string(reject.Raw),
	}
	if !utf8.Valid(reject.Raw) {
		line.JSON, line.Base64 = "", base64.StdEncoding.EncodeToString(reject.Raw)
	}
	document, err := json.Marshal(line, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return err
	}
	if _, err := r.file.Write(append(document, '\n')); err != nil {
		return err
	}
	if r.next != nil {
		return r.next(reject)
	}
	return nil
}

func (r *rejectFile) close() error {
	if r.file == nil {
		return nil
	}
	file := r.file
	r.file = nil
	return file.Close()
}

func (r *rejectFile) abandon() {
	if r.file != nil {
		_ = r.file.file.Close()
	}
}

// written returns the name of the file, or "" when there is none.
func (r *rejectFile) written() string {
	if r.count == 0 {
		return ""
	}
	return r.name
}
