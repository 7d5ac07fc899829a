package extraction

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// recordFields are the scalar members of a record that a rule or an expression can name, by wire
// name. What is absent, null or blank is null, so that a missing id never hides an answer of the
// same name.
var recordFields = map[string]func(*imednet.Record) CanonicalValue{
	"studyKey":       func(r *imednet.Record) CanonicalValue { return optText(r.StudyKey) },
	"intervalId":     func(r *imednet.Record) CanonicalValue { return optInt(r.IntervalID) },
	"formId":         func(r *imednet.Record) CanonicalValue { return optInt(r.FormID) },
	"formKey":        func(r *imednet.Record) CanonicalValue { return optText(r.FormKey) },
	"siteId":         func(r *imednet.Record) CanonicalValue { return optInt(r.SiteID) },
	"recordId":       func(r *imednet.Record) CanonicalValue { return intValue(r.RecordID) },
	"recordOid":      func(r *imednet.Record) CanonicalValue { return optText(r.RecordOID) },
	"recordType":     func(r *imednet.Record) CanonicalValue { return optText(r.RecordType) },
	"recordStatus":   func(r *imednet.Record) CanonicalValue { return optText(r.RecordStatus) },
	"deleted":        func(r *imednet.Record) CanonicalValue { return optFlag(r.Deleted) },
	"dateCreated":    func(r *imednet.Record) CanonicalValue { return optTime(r.DateCreated) },
	"dateModified":   func(r *imednet.Record) CanonicalValue { return optTime(r.DateModified) },
	"subjectId":      func(r *imednet.Record) CanonicalValue { return optInt(r.SubjectID) },
	"subjectOid":     func(r *imednet.Record) CanonicalValue { return optText(r.SubjectOID) },
	"subjectKey":     func(r *imednet.Record) CanonicalValue { return optText(r.SubjectKey) },
	"visitId":        func(r *imednet.Record) CanonicalValue { return optInt(r.VisitID) },
	"parentRecordId": func(r *imednet.Record) CanonicalValue { return optInt(r.ParentRecordID) },
}

// intervalNameField names the record's interval, found in the study's structure. The API's records
// do not carry it.
const intervalNameField = "intervalName"

func optText(o imednet.Opt[string]) CanonicalValue {
	if s, ok := o.Get(); ok {
		return TextValue(s)
	}
	return CanonicalValue{}
}

func intValue(i int64) CanonicalValue { return CanonicalValue{KindNumber, strconv.FormatInt(i, 10)} }

func optInt(o imednet.Opt[int64]) CanonicalValue {
	if i, ok := o.Get(); ok {
		return intValue(i)
	}
	return CanonicalValue{}
}

func optFlag(o imednet.Opt[bool]) CanonicalValue {
	if b, ok := o.Get(); ok {
		return FlagValue(TriOf(b))
	}
	return CanonicalValue{}
}

func optTime(o imednet.Opt[imednet.Time]) CanonicalValue {
	if t, ok := o.Get(); ok {
		return DateValue(DateOf(t))
	}
	return CanonicalValue{}
}

// wireName turns an attribute name of the Python package into the wire name: record_id to recordId.
func wireName(name string) string {
	if !strings.Contains(name, "_") {
		return name
	}
	parts := strings.Split(name, "_")
	for i, part := range parts[1:] {
		if part == "" {
			return name
		}
		parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
	}
	return strings.Join(parts, "")
}

// source is where a rule reads: a member of the record, a path in its answers, or both in turn.
type source struct {
	field string   // wire name of a member of the record; "" for none
	path  []string // inside recordData; nil for none
}

// parseSource reads a sourceVariableName: "recordData.X" and "record_data.X" are answers only; any
// other name is a member of the record if there is one and it has a value, otherwise, unless it
// has a dot, an answer.
func parseSource(name string) source {
	if imednet.IsMissing(name) {
		return source{}
	}
	for _, prefix := range []string{"recordData.", "record_data."} {
		if path, ok := strings.CutPrefix(name, prefix); ok {
			return source{path: strings.Split(path, ".")}
		}
	}
	var s source
	field := wireName(name)
	if _, ok := recordFields[field]; ok || field == intervalNameField {
		s.field = field
	}
	if !strings.Contains(name, ".") {
		s.path = []string{name}
	}
	return s
}

// answers gives the answers of one record by name. Of a repeated name the last one counts; a name
// that differs only in case is found when it is the only one.
type answers struct {
	exact  map[string]imednet.Value
	folded map[string][]string // lower case to the names as written
	order  []string
}

func newAnswers(data imednet.RecordData) *answers {
	a := &answers{exact: map[string]imednet.Value{}}
	for name, v := range data.All() {
		if _, again := a.exact[name]; !again {
			a.order = append(a.order, name)
		}
		a.exact[name] = v
	}
	return a
}

// get finds an answer. err is an ambiguous name, which is never decided by chance, or text that is
// no Unicode, which no table can hold.
func (a *answers) get(name string) (v imednet.Value, found bool, err error) {
	v, found, err = a.find(name)
	if err == nil && found && !isUnicode(v) {
		return v, false, errors.New("the answer is not valid Unicode text")
	}
	return v, found, err
}

// isUnicode reports whether the text of an answer is what arrived. Reading JSON that is not valid Unicode
// puts U+FFFD in its place, which can have arrived as well.
func isUnicode(v imednet.Value) bool {
	return !strings.ContainsRune(v.Text(), utf8.RuneError) || v.Raw().IsValid(jsontext.AllowDuplicateNames(true))
}

func (a *answers) find(name string) (v imednet.Value, found bool, err error) {
	if v, found = a.exact[name]; found {
		return v, true, nil
	}
	if a.folded == nil {
		a.folded = make(map[string][]string, len(a.order))
		for _, written := range a.order {
			key := strings.ToLower(written)
			a.folded[key] = append(a.folded[key], written)
		}
	}
	names := a.folded[strings.ToLower(name)]
	switch len(names) {
	case 0:
		return v, false, nil
	case 1:
		return a.exact[names[0]], true, nil
	}
	return v, false, fmt.Errorf("%d answers differ from %s only in case", len(names), name)
}

// read finds a rule's source value in a record.
func (s source) read(view *recordView) (CanonicalValue, error) {
	if s.field == intervalNameField {
		if name := view.intervalName(); name != "" {
			return TextValue(name), nil
		}
	} else if s.field != "" {
		if v := recordFields[s.field](view.record); !v.IsNull() {
			return v, nil
		}
	}
	if s.path == nil {
		return CanonicalValue{}, nil
	}
	v, found, err := view.answers.get(s.path[0])
	for _, step := range s.path[1:] {
		if err != nil || !found || v.Kind() != '{' {
			return CanonicalValue{}, err // a path through anything but an object leads nowhere
		}
		data, bad := imednet.NewRecordData(v.Raw())
		if bad != nil {
			return CanonicalValue{}, bad
		}
		v, found, err = newAnswers(data).get(step)
	}
	if err != nil || !found {
		return CanonicalValue{}, err
	}
	return valueOf(v), nil
}

// recordView is one record as the rules see it.
type recordView struct {
	record    *imednet.Record
	answers   *answers
	intervals map[int64]string
	origin    *Origin
}

func (v *recordView) intervalName() string {
	id, _ := v.record.IntervalID.Get()
	return v.intervals[id]
}
