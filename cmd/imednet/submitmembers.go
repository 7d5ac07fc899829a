package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
)

// textMembers and idMembers are what names something in a record of the input. What is named must not be
// blank: without its interval, the server would make a new record of an update.
var (
	textMembers = []string{"formKey", "siteName", "subjectKey", "subjectOid", "intervalName", "recordOid"}
	idMembers   = []string{"formId", "siteId", "subjectId", "intervalId", "recordId"}
)

// ownMembers are texts that are not sent.
var ownMembers = []string{"intentKey", "kind"}

// knownMembers are all members of a record of the input.
var knownMembers = slices.Concat([]string{"data"}, ownMembers, textMembers, idMembers)

// inputRecord is a record with what is not sent.
type inputRecord struct {
	imednet.Submission `json:",inline"`
	IntentKey          *string `json:"intentKey"`
	Kind               *string `json:"kind"`
}

// readSubmission reads one record, and says what is wrong with it, and at which offset.
func readSubmission(raw jsontext.Value) (item imednet.Submission, at int, problem string) {
	members := map[string]jsontext.Value{}
	if raw.Kind() != '{' {
		return item, 0, "not an object"
	}
	for m := range membersOf(raw) {
		if problem := problemOf(m, members); problem != "" {
			return item, m.at, problem
		}
		members[m.name] = m.value
	}
	if members["data"] == nil {
		return item, 0, "member data is missing"
	}
	data, begin, _ := member(raw, "data")
	if at, problem := twice(data); problem != "" {
		return item, begin + at, problem
	}
	var record inputRecord
	if json.Unmarshal(raw, &record, exactNumbers) != nil {
		return item, 0, "a member has a value of the wrong type"
	}
	item = record.Submission
	if record.IntentKey != nil {
		item.IntentKey = *record.IntentKey
	}
	item.Kind = kindOfInput(record.Kind, members)
	return item, 0, ""
}

// problemOf is what is wrong with a member of a record that has others before it.
func problemOf(m namedMember, before map[string]jsontext.Value) string {
	switch {
	case !slices.Contains(knownMembers, m.name):
		return fmt.Sprintf("member %d of the record is unknown%s", len(before)+1, shown.DidYouMean(m.name, knownMembers))
	case before[m.name] != nil:
		return "member " + m.name + " is given twice"
	case m.name == "data" && m.value.Kind() != '{':
		return "data is not an object"
	case m.name == "data":
		return ""
	case blankMember(m.value):
		return "member " + m.name + " is blank: omit it, or give its value"
	case slices.Contains(idMembers, m.name) && !isID(m.value):
		return "member " + m.name + " is not a whole number above 0"
	case !slices.Contains(idMembers, m.name) && m.value.Kind() != '"':
		return "member " + m.name + " is not a text"
	}
	return ""
}

// isID reports whether a value is a number as ids are written.
func isID(value jsontext.Value) bool {
	id, err := strconv.ParseInt(string(value), 10, 64)
	return err == nil && id > 0
}

// twice finds a variable that data gives a second time.
func twice(data jsontext.Value) (at int, problem string) {
	seen := map[string]int{}
	n := 0
	for m := range membersOf(data) {
		n++
		if first := seen[m.name]; first > 0 {
			return m.at, fmt.Sprintf("member %d of data has the name of member %d", n, first)
		}
		seen[m.name] = n
	}
	return 0, ""
}

// kindOfInput takes the kind from its member, or from the members that are there.
func kindOfInput(kind *string, members map[string]jsontext.Value) imednet.SubmissionKind {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return members[name] != nil })
	}
	switch {
	case kind != nil:
		return imednet.SubmissionKind(*kind)
	case has("subjectKey", "subjectId", "subjectOid") && !has("intervalName", "intervalId", "recordId", "recordOid", "siteName", "siteId"):
		return imednet.NewRecord
	}
	return ""
}

// blankMember reports whether what should name something is null, 0, or text of which nothing can be seen.
func blankMember(value jsontext.Value) bool {
	v := imednet.NewValue(value)
	id, isID := v.Int64()
	return v.Missing() || value.Kind() == '"' && imednet.IsBlank(v.Text()) || value.Kind() == '0' && isID && id == 0
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
