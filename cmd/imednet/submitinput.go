package main

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// submissionMembers are what names something in a record of the input. What is named must not be
// blank: without its interval, the server would make a new record of an update.
var submissionMembers = []string{"formKey", "formId", "siteName", "siteId", "subjectKey", "subjectId", "subjectOid", "intervalName", "intervalId", "recordId", "recordOid"}

// knownMembers are all members of a record of the input.
var knownMembers = append([]string{"data", "intentKey", "kind"}, submissionMembers...)

// input is a file of records, with the places of everything in it.
type input struct {
	path  string
	text  []byte
	items []imednet.Submission
	raws  []jsontext.Value
	at    []int // where each record begins in text
}

// readSubmissions reads a JSON array of records. Members that are not known, names that come twice,
// members that are blank, and anything behind the array are errors; numbers keep their text. What
// kind of write a record is follows from the members that are there, or member kind says it.
//
// A name that is not known may be data of a subject in a wrong place: errors say where it stands.
func readSubmissions(path string) (*input, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	noArray := &invalidError{path + " is not a JSON array of records with the members data, intentKey, kind, " + strings.Join(submissionMembers, ", ")}
	if trimmed := bytes.TrimSpace(text); !jsontext.Value(trimmed).IsValid() || trimmed[0] != '[' {
		return nil, noArray
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.ReadToken(); err != nil {
		return nil, noArray
	}
	in := &input{path: path, text: text, items: []imednet.Submission{}}
	for decoder.PeekKind() != ']' {
		raw, err := decoder.ReadValue()
		if err != nil {
			return nil, noArray
		}
		at := int(decoder.InputOffset()) - len(raw)
		item, problem := readSubmission(raw)
		if problem != "" {
			return nil, &invalidError{fmt.Sprintf("%s: line %d: %s", path, in.line(at), problem)}
		}
		item.Line = in.line(at)
		in.items, in.raws, in.at = append(in.items, item), append(in.raws, in.text[at:at+len(raw)]), append(in.at, at)
	}
	return in, nil
}

// line is the line of a place in the file.
func (in *input) line(at int) int { return 1 + bytes.Count(in.text[:at], []byte("\n")) }

// placed makes an error about records say where in the file stands what the study does not know.
func (in *input) placed(err error) error {
	var invalid *submissions.InvalidRecordsError
	if !errors.As(err, &invalid) {
		return err
	}
	for i := range invalid.Problems {
		p := &invalid.Problems[i]
		if p.Unknown == "" || p.Index >= len(in.raws) {
			continue
		}
		if n, at, ok := memberAt(in.raws[p.Index], p.Unknown); ok {
			p.Place = fmt.Sprintf("member %d of data, on line %d", n, in.line(in.at[p.Index]+at))
		}
	}
	return err
}

// memberAt is where a member of data stands in a record: its number from 1, and its offset.
func memberAt(record jsontext.Value, name string) (n, at int, ok bool) {
	data, begin, ok := member(record, "data")
	if !ok {
		return 0, 0, false
	}
	for m := range membersOf(data) {
		if n++; m.name == name {
			return n, begin + m.at, true
		}
	}
	return 0, 0, false
}

// member finds a member of an object, and where its value begins.
func member(object jsontext.Value, name string) (value jsontext.Value, at int, ok bool) {
	for m := range membersOf(object) {
		if m.name == name {
			return m.value, m.end - len(m.value), true
		}
	}
	return nil, 0, false
}

// namedMember is a member of an object: its value, and where its name begins and its value ends.
type namedMember struct {
	name    string
	value   jsontext.Value
	at, end int
}

// membersOf yields the members of a valid object in their order; of anything else none.
func membersOf(object jsontext.Value) iter.Seq[namedMember] {
	return func(yield func(namedMember) bool) {
		decoder := jsontext.NewDecoder(bytes.NewReader(object))
		if first, err := decoder.ReadToken(); err != nil || first.Kind() != '{' {
			return
		}
		for decoder.PeekKind() == '"' {
			quoted, err := decoder.ReadValue()
			if err != nil {
				return
			}
			m := namedMember{name: imednet.NewValue(quoted.Clone()).Text(), at: int(decoder.InputOffset()) - len(quoted)}
			value, err := decoder.ReadValue()
			m.value, m.end = value.Clone(), int(decoder.InputOffset())
			if err != nil || !yield(m) {
				return
			}
		}
	}
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
	if raw.Kind() != '{' {
		return item, "not an object"
	}
	for m := range membersOf(raw) {
		if !slices.Contains(knownMembers, m.name) {
			return item, fmt.Sprintf("member %d of the record is unknown%s", len(members)+1, shown.DidYouMean(m.name, knownMembers))
		}
		if m.name != "data" && blankMember(m.value) {
			return item, "member " + m.name + " is blank: omit it, or give its value"
		}
		members[m.name] = m.value
	}
	if data, ok := members["data"]; ok && data.Kind() != '{' {
		return item, "data is not an object"
	}
	if json.Unmarshal(raw, &record, exactNumbers) != nil {
		return item, "a member has a value of the wrong type"
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
