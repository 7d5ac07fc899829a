package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// submissionMembers are what names something in a record of the input. What is named must not be
// blank: without its interval, the server would make a new record of an update.
var submissionMembers = []string{"formKey", "formId", "siteName", "siteId", "subjectKey", "subjectId", "subjectOid", "intervalName", "intervalId", "recordId", "recordOid"}

// readSubmissions reads a JSON array of records. Members that are not known, names that come twice,
// members that are blank, and anything behind the array are errors; numbers keep their text. What
// kind of write a record is follows from the members that are there, or member kind says it.
func readSubmissions(path string) ([]imednet.Submission, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	noArray := &invalidError{path + " is no JSON array of records with the members data, intentKey, kind, " + strings.Join(submissionMembers, ", ")}
	if trimmed := bytes.TrimSpace(text); !jsontext.Value(trimmed).IsValid() || trimmed[0] != '[' {
		return nil, noArray
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.ReadToken(); err != nil {
		return nil, noArray
	}
	items := []imednet.Submission{}
	for decoder.PeekKind() != ']' {
		raw, err := decoder.ReadValue()
		if err != nil {
			return nil, noArray
		}
		before := text[:decoder.InputOffset()-int64(len(raw))]
		line := 1 + bytes.Count(before, []byte("\n"))
		item, problem := readSubmission(raw)
		if problem != "" {
			return nil, &invalidError{fmt.Sprintf("%s: line %d: %s", path, line, problem)}
		}
		item.Line = line
		items = append(items, item)
	}
	return items, nil
}

// inputRecord is a record with what is not sent.
type inputRecord struct {
	imednet.Submission `json:",inline"`
	IntentKey          *string `json:"intentKey"`
	Kind               *string `json:"kind"`
}

func readSubmission(raw jsontext.Value) (item imednet.Submission, problem string) {
	members := map[string]jsontext.Value{}
	var record inputRecord
	if raw.Kind() != '{' || json.Unmarshal(raw, &members) != nil {
		return item, "is no object"
	}
	for name, value := range members {
		if !slices.Contains(submissionMembers, name) && name != "data" && name != "intentKey" && name != "kind" {
			return item, "member " + name + " is not known"
		}
		if name != "data" && blankMember(value) {
			return item, "member " + name + " is blank: leave it out, or give its value"
		}
	}
	if data, ok := members["data"]; ok && data.Kind() != '{' {
		return item, "data is no object"
	}
	if json.Unmarshal(raw, &record, exactNumbers) != nil {
		return item, "a member has a value of a wrong kind"
	}
	item = record.Submission
	if record.IntentKey != nil {
		item.IntentKey = *record.IntentKey
	}
	return item, kindOfInput(&item, record.Kind, members)
}

// kindOfInput takes the kind from its member, or from the members that are there.
func kindOfInput(item *imednet.Submission, kind *string, members map[string]jsontext.Value) (problem string) {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return members[name] != nil })
	}
	switch {
	case kind != nil:
		item.Kind = imednet.SubmissionKind(*kind)
	case has("subjectKey", "subjectId", "subjectOid") && !has("intervalName", "intervalId", "recordId", "recordOid", "siteName", "siteId"):
		item.Kind = imednet.NewRecord
	}
	return ""
}

// blankMember reports whether what should name something is null, 0, or text of white space.
func blankMember(value jsontext.Value) bool {
	v := imednet.NewValue(value)
	id, isID := v.Int64()
	return v.Missing() || value.Kind() == '0' && isID && id == 0
}

// exactNumbers keeps the text of numbers in data.
var exactNumbers = json.WithUnmarshalers(json.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if raw.Kind() == 'n' {
		*v = nil
		return nil
	}
	*v = raw.Clone()
	return nil
}))
