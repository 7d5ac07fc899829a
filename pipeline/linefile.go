package pipeline

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/workflows/tables"
)

// lineFile writes one JSON document a line. It exists only if there are any.
type lineFile struct {
	stage *stage
	name  string
	out   *stagedWriter
	file  File // zero while there are none
}

func (l *lineFile) add(v any) error {
	document, err := json.Marshal(v, jsontext.AllowInvalidUTF8(true), json.Deterministic(true))
	if err != nil {
		return err
	}
	if l.out == nil {
		if l.out, err = l.stage.create(l.name); err != nil {
			return err
		}
		l.file.Path = l.name
	}
	l.file.Rows++
	_, err = l.out.Write(append(document, '\n'))
	return err
}

func (l *lineFile) close() error {
	if l.out == nil {
		return nil
	}
	l.file.Bytes, l.file.SHA256 = l.out.size, l.out.digest()
	out := l.out
	l.out = nil
	return out.Close()
}

func (l *lineFile) abandon() {
	if l.out != nil {
		_ = l.out.file.Close()
	}
}

// rejectLine is a reject of a RecordMapper. json is the value as it arrived, as text; a value that
// is no valid Unicode, which no JSON file can hold, stands in base64 instead.
type rejectLine struct {
	RecordID int64         `json:"recordId"`
	FormKey  string        `json:"formKey"`
	Variable string        `json:"variable"`
	Reason   tables.Reason `json:"reason"`
	Value    string        `json:"value"`
	JSON     string        `json:"json,omitzero"`
	Base64   string        `json:"jsonBase64,omitzero"`
}

func newRejectLine(r tables.Reject) rejectLine {
	line := rejectLine{RecordID: r.RecordID, FormKey: r.FormKey, Variable: r.Variable, Reason: r.Reason, Value: r.Value(), JSON: string(r.Raw)}
	if !utf8.Valid(r.Raw) {
		line.JSON, line.Base64 = "", base64.StdEncoding.EncodeToString(r.Raw)
	}
	return line
}
