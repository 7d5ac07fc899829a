package triage

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// FindingsOptions configures [ReadFindings].
type FindingsOptions struct {
	StudyKey     string // required
	Severity     string // of findings without one
	KeepResolved bool   // see Finding
}

// fileFinding is a finding as it stands in a document.
type fileFinding struct {
	Code        string             `json:"code"`
	Domain      string             `json:"domain"`
	Severity    string             `json:"severity"`
	RecordID    int64              `json:"recordId"`
	RevisionID  imednet.RevisionID `json:"revisionId"`
	FormKey     string             `json:"formKey"`
	SubjectKey  string             `json:"subjectKey"`
	Field       string             `json:"field"`
	Message     string             `json:"message"`
	Fingerprint string             `json:"fingerprint"`
	Values      jsontext.Value     `json:"values"` // stay with the data
}

// ReadFindings reads the findings of a check from a JSON document, for
// [TriageStore.ReportFindings]. The document is an array of findings or, as package extraction
// writes its result, an object whose member findings is such an array. Other members are ignored,
// but a studyKey must equal that of the options.
//
// A finding has the members code (required), domain, severity, recordId, revisionId, formKey,
// subjectKey, field, message, fingerprint and values; any other member is an error. The rule is
// domain.code, and the summary consists of field and message. The summary of a finding without a
// record names its subject, because nothing else identifies it. The default fingerprint covers all
// of these, so that a check with two findings on one record gives two items. The error is an
// *[imednet.ValidationError] that quotes nothing of the document.
func ReadFindings(r io.Reader, o FindingsOptions) ([]Finding, error) {
	const op = "read findings"
	c := &audit.Checker{}
	o.StudyKey = c.Name("StudyKey", o.StudyKey)
	if err := c.Err(op); err != nil {
		return nil, wrap(op, "", "", err)
	}
	d := findingReader{dec: jsontext.NewDecoder(r), options: o}
	if err := d.document(); err != nil {
		return nil, wrap(op, o.StudyKey, "", err)
	}
	return d.found, nil
}

type findingReader struct {
	dec     *jsontext.Decoder
	options FindingsOptions
	found   []Finding
}

func (d *findingReader) document() error {
	read := d.array
	if d.dec.PeekKind() == '{' {
		read = d.object
	}
	if err := read(); err != nil {
		return err
	}
	if _, err := d.dec.ReadToken(); err != io.EOF {
		return unlikeFindings("", "something stands behind the end", err)
	}
	return nil
}

// unlikeFindings is the error for a document of another kind, unless the reader failed.
func unlikeFindings(path, message string, err error) error {
	ofJSON := errors.As(err, new(*jsontext.SyntacticError)) || errors.As(err, new(*json.SemanticError)) || err == io.ErrUnexpectedEOF
	if err != nil && err != io.EOF && !ofJSON {
		return err
	}
	return &imednet.ValidationError{What: "findings", Problems: []imednet.Problem{{Path: path, Message: message}}}
}

func (d *findingReader) object() error {
	seen := false
	_, err := d.dec.ReadToken()
	for err == nil && d.dec.PeekKind() == '"' {
		var name string
		if err = json.UnmarshalDecode(d.dec, &name); err != nil {
			break
		}
		switch name {
		case "findings":
			seen = true
			err = d.array()
		case "studyKey":
			err = d.sameStudy()
		default:
			err = d.dec.SkipValue()
		}
	}
	if err == nil {
		_, err = d.dec.ReadToken()
	}
	switch {
	case errors.As(err, new(*imednet.ValidationError)):
		return err
	case err != nil:
		return unlikeFindings("", "the document is cut short or not JSON", err)
	case !seen:
		return unlikeFindings("findings", "is missing", nil)
	}
	return nil
}

func (d *findingReader) sameStudy() error {
	var key string
	if err := json.UnmarshalDecode(d.dec, &key); err != nil {
		return unlikeFindings("studyKey", "is cut short or not text", err)
	}
	if key != d.options.StudyKey {
		return unlikeFindings("studyKey", "is that of another study", nil)
	}
	return nil
}

func (d *findingReader) array() error {
	if d.dec.PeekKind() != '[' {
		_, err := d.dec.ReadToken()
		return unlikeFindings("findings", "must be an array of findings, or an object that has one", err)
	}
	_, err := d.dec.ReadToken()
	for i := 0; err == nil && d.dec.PeekKind() != ']'; i++ {
		at := fmt.Sprintf("findings[%d]", i)
		var found fileFinding
		if err := json.UnmarshalDecode(d.dec, &found, json.RejectUnknownMembers(true)); err != nil {
			return unlikeFindings(at, "is cut short or has other members than code, domain, severity, recordId, revisionId, formKey, subjectKey, field, message, fingerprint and values", err)
		}
		if found.Code == "" {
			return unlikeFindings(at+".code", "must not be blank", nil)
		}
		d.found = append(d.found, found.finding(d.options))
	}
	if err == nil {
		_, err = d.dec.ReadToken()
	}
	if err != nil {
		return unlikeFindings("findings", "the array is cut short", err)
	}
	return nil
}

func (f fileFinding) finding(o FindingsOptions) Finding {
	rule, summary := f.Code, f.Message
	if f.Domain != "" {
		rule = f.Domain + "." + f.Code
	}
	if f.Field != "" {
		summary = f.Field + ": " + summary
	}
	if f.RecordID == 0 && f.SubjectKey != "" {
		summary = f.SubjectKey + ": " + summary
	}
	found := Finding{StudyKey: o.StudyKey, Fingerprint: f.Fingerprint, Severity: f.Severity, Summary: summary, KeepResolved: o.KeepResolved,
		Link: Link{RecordID: f.RecordID, RevisionID: f.RevisionID, FormKey: f.FormKey, Variable: f.Field, Rule: rule}}
	if found.Severity == "" {
		found.Severity = o.Severity
	}
	if found.Fingerprint == "" {
		found.Fingerprint = audit.Hash("imednet/triage/finding-document/v1",
			o.StudyKey, rule, f.FormKey, strconv.FormatInt(f.RecordID, 10), f.SubjectKey, f.Field, f.Message)
	}
	return found
}
