package submissions

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// likeness says how a record compares with what an item asked for.
type likeness int

const (
	elsewhere likeness = iota // another form, subject, site, interval or record
	differs                   // the place, with other values
	contains                  // the values, and others that were not sent
	equals                    // the values and no others
)

// recordBuckets are the names under which items look for a record. White space around a key makes no other one.
func recordBuckets(r *imednet.Record) []string {
	keys := []string{"record " + strconv.FormatInt(r.RecordID, 10), "any"}
	for prefix, name := range map[string]imednet.Opt[string]{"subject key ": r.SubjectKey, "subject oid ": r.SubjectOID, "record oid ": r.RecordOID} {
		if !imednet.IsMissing(name.Or("")) {
			keys = append(keys, prefix+answers.TrimSpace(name.Or("")))
		}
	}
	if id := r.SubjectID.Or(0); id != 0 {
		keys = append(keys, "subject "+strconv.FormatInt(id, 10))
	}
	return keys
}

// bucketOf is the name under which an item looks for its record: that of the record, or else of its subject.
func bucketOf(s *imednet.Submission) string { return bucketsOf(s)[0] }

// bucketsOf are all the names that a record must have to be what an item asked for.
func bucketsOf(s *imednet.Submission) (names []string) {
	if s.RecordID != 0 {
		names = append(names, "record "+strconv.FormatInt(s.RecordID, 10))
	}
	if s.RecordOID != "" {
		names = append(names, "record oid "+answers.TrimSpace(s.RecordOID))
	}
	if s.SubjectKey != "" {
		names = append(names, "subject key "+answers.TrimSpace(s.SubjectKey))
	}
	if s.SubjectID != 0 {
		names = append(names, "subject "+strconv.FormatInt(s.SubjectID, 10))
	}
	if s.SubjectOID != "" {
		names = append(names, "subject oid "+answers.TrimSpace(s.SubjectOID))
	}
	return append(names, "any")
}

// of returns the candidates among which an item can be.
func (e *evidence) of(item *Item) []*candidate {
	asked, err := decodeItems([]Item{*item})
	if err != nil {
		return nil
	}
	return e.bySubject[bucketOf(&asked[0])]
}

// compare compares a record with what was asked for.
func (e *evidence) compare(kind imednet.SubmissionKind, asked *imednet.Submission, c *candidate) likeness {
	foreign := func(name string) bool { return !slices.Contains(c.buckets, name) }
	if !e.samePlace(kind, asked, c) || slices.ContainsFunc(bucketsOf(asked), foreign) {
		return elsewhere
	}
	return e.values(asked, c)
}

// values compares the answers alone, of a record of the form that was asked for.
func (e *evidence) values(asked *imednet.Submission, c *candidate) likeness {
	if c.record.IsDeleted() || c.answers == nil {
		return differs
	}
	for name, value := range asked.Data {
		sent, ok := value.(jsontext.Value)
		if !ok || !storedAs(c.kindOf(name), sent, c.answers.Find(name)) {
			return differs
		}
	}
	for _, name := range c.answers.Names() {
		if !answers.Missing(c.answers.Exactly(name).Raw) && !c.isAsked(asked.Data, name) {
			return contains
		}
	}
	return equals
}

// kindOf says what the answers to a variable of the record's form are.
func (c *candidate) kindOf(name string) imednet.VariableKind {
	if v, _ := c.form.Variable(name); v != nil {
		return v.Kind()
	}
	return imednet.OtherVariable
}

// isAsked reports whether a key of the record is that of a variable that was sent.
func (c *candidate) isAsked(data map[string]any, name string) bool {
	if _, ok := data[name]; ok {
		return true
	}
	for known := range data {
		if c.answers.Declared.Same(known, name) {
			return true
		}
	}
	return false
}

// samePlace compares form, site, interval, and the record or else its subject: a record that is named may
// have come to another subject since, and is still the one that an update changes.
func (e *evidence) samePlace(kind imednet.SubmissionKind, asked *imednet.Submission, c *candidate) bool {
	if !e.sameForm(asked, c) || !slices.Contains(c.buckets, bucketOf(asked)) {
		return false
	}
	at := func(id int64, name string, ids map[string][]int64, got imednet.Opt[int64]) bool {
		switch {
		case id != 0:
			return id == got.Or(0)
		case name != "":
			return slices.Contains(ids[answers.TrimSpace(name)], got.Or(0))
		}
		return true
	}
	if kind == imednet.NewRecord && c.record.IntervalID.Or(0) != 0 {
		return false
	}
	return at(asked.SiteID, asked.SiteName, e.places.sites, c.record.SiteID) &&
		at(asked.IntervalID, asked.IntervalName, e.places.intervals, c.record.IntervalID)
}

func (e *evidence) sameForm(asked *imednet.Submission, c *candidate) bool {
	form, _ := e.schema.index.Of(formOf(asked).id, formOf(asked).key)
	return form != nil && form == c.form
}

// storedAs compares one value that was sent with the answer that stands, as servers store it: numbers
// and booleans as text, null as a missing answer. White space around a text makes no other one.
func storedAs(kind imednet.VariableKind, sent jsontext.Value, found answers.Found) bool {
	if found.Ambiguous() {
		return false
	}
	if answers.Missing(sent) {
		return answers.Missing(found.Raw)
	}
	if answers.Missing(found.Raw) {
		return false
	}
	text, isUnicode := answers.Unquote(found.Raw, nil)
	if !isUnicode {
		return false
	}
	switch sent.Kind() {
	case 't', 'f':
		flag, known := answers.Bool(text)
		return known && flag == (sent.Kind() == 't')
	case '0':
		want, ok := imednet.ParseNumber(string(sent))
		got, isNumber := imednet.ParseNumber(string(text))
		return ok && isNumber && want.Equal(got)
	}
	want, _ := answers.Unquote(sent, nil)
	return plain(string(want)) == plain(string(text)) || sameDate(kind, string(want), string(text))
}

func plain(text string) string {
	return strings.ReplaceAll(answers.TrimSpace(text), "\r\n", "\n")
}

// dateReaders read what the answers to variables of these kinds mean.
var dateReaders = map[imednet.VariableKind]func(string) (imednet.PartialDate, error){
	imednet.DateVariable: imednet.ParsePartialDate[string],
	imednet.TimeVariable: imednet.ParseTimeOfDay,
}

// sameDate reports whether both texts are the same date or time of day, known to the same part, where the
// answers to a variable are such.
func sameDate(kind imednet.VariableKind, want, got string) bool {
	read := dateReaders[kind]
	if read == nil {
		return false
	}
	a, err := read(want)
	b, otherErr := read(got)
	return err == nil && otherErr == nil && a == b
}
