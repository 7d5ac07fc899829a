package extraction

import (
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
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
		return FlagValue(imednet.YesNoOf(b))
	}
	return CanonicalValue{}
}

func optTime(o imednet.Opt[imednet.Time]) CanonicalValue {
	if t, ok := o.Get(); ok {
		d, err := imednet.PartialDateOfTime(t)
		if err == nil {
			return DateValue(d)
		}
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
	field  string        // wire name of a member of the record; "" for none
	path   []string      // inside recordData; nil for none
	coding *codingSource // of an answer; nil for none
}

// parseSource reads a sourceVariableName: "recordData.X" and "record_data.X" are answers only; any
// other name is a member of the record if there is one and it has a value, otherwise, unless it
// has a dot, an answer. "coding.X.code" is the term that a coder chose for answer X.
func parseSource(name string) source {
	if imednet.IsBlank(name) {
		return source{}
	}
	if coding := parseCoding(name); coding != nil {
		return source{coding: coding}
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

// plain is the name of the answer that a source is, where it is nothing else; "" for any other.
func (s source) plain() string {
	if s.field != "" || s.coding != nil || len(s.path) != 1 {
		return ""
	}
	return s.path[0]
}

// read finds a rule's source value in a record. notice is told of what is found in each object on the way, and
// its path.
func (s source) read(view *recordView, notice func(in *answers.Index, found answers.Found, path []string)) (CanonicalValue, error) {
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
	answer := view.answer(s.path[0])
	notice(view.answers, answer.found, s.path[:1])
	if len(s.path) == 1 || answer.err != nil {
		return answer.value, answer.err
	}
	v, found, err := imednet.NewValue(answer.found.Raw), answer.counts, error(nil)
	for i, step := range s.path[1:] {
		if err != nil || !found || v.Kind() != '{' {
			return CanonicalValue{}, err // a path through anything but an object leads nowhere
		}
		inner, ok := answers.NewIndex(v.Raw())
		if !ok {
			return CanonicalValue{}, errUnreadable
		}
		f := inner.Find(step)
		notice(inner, f, s.path[:i+2])
		v, found, err = decided(f, step)
	}
	if err != nil || !found {
		return CanonicalValue{}, err
	}
	return valueOf(v), nil
}

// recordView is one record as the rules see it.
type recordView struct {
	record    *imednet.Record
	answers   *answers.Index // as rules read them
	held      *answers.Index // as the record has them, where Options.Translate shows others; nil for none
	form      string         // key of the form that the record is of
	intervals map[int64]string
	codings   []imednet.Coding
	origin    *Origin
	repeated  []string // paths of answers of which it was found that the record gives them more than once
	known     *recordAnswers
}

// heldBehind is what the record itself holds where rules read its translation; null where they read the record.
func (v *recordView) heldBehind(read CanonicalValue, find func(in *recordView) (CanonicalValue, error)) CanonicalValue {
	if v.held == nil {
		return CanonicalValue{}
	}
	own := *v
	own.answers, own.held, own.known = v.held, nil, &recordAnswers{}
	held, err := find(&own)
	if err != nil || held == read {
		return CanonicalValue{}
	}
	return held
}

func (v *recordView) intervalName() string {
	id, _ := v.record.IntervalID.Get()
	return v.intervals[id]
}
