package datasets

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/imednetgo/imednet/cdisc"
)

// recordColumn is a column about the record itself under its name in an export.
type recordColumn struct{ source, name, label string }

// recordColumns are the columns about the record in their order. subjectKey is among them; USUBJID
// comes from it.
var recordColumns = []recordColumn{
	{"recordId", "RECID", "Record Identifier"},
	{"subjectKey", "SUBJID", "Subject Identifier for the Study"},
	{"visitId", "VISITID", "Visit Identifier"},
	{"formId", "FORMID", "Form Identifier"},
	{"recordStatus", "RECSTAT", "Record Status"},
	{"dateCreated", "RECCRDTM", "Date Created"},
	{"siteId", "SITEID", "Study Site Identifier"},
	{"intervalId", "INTVLID", "Interval Identifier"},
	{"subjectId", "IMNSUBID", "Subject Identifier of the EDC System"},
	{"subjectOid", "SUBJOID", "Subject OID"},
	{"recordOid", "RECOID", "Record OID"},
	{"recordType", "RECTYPE", "Record Type"},
	{"parentRecordId", "PARRECID", "Parent Record Identifier"},
	{"deleted", "RECDEL", "Record Deleted"},
	{"dateModified", "RECMDDTM", "Date Modified"},
}

// Sources of variables that no column of a table is.
const (
	sourceStudy    = "@STUDYID"
	sourceSubject  = "@USUBJID"
	sourceDomain   = "@DOMAIN"
	sourceSequence = "@SEQ"
)

var assigned = cdisc.Origin{Type: "Assigned", Source: "Sponsor"}

// form lays out the table of a form.
func (s *Set) form(t *table) *source {
	out := &source{table: t, dataset: cdisc.Dataset{
		Name: strings.ToUpper(t.name), Source: t.name, Label: s.formName(t), Structure: "One record per " + t.name + " record", Purpose: "Tabulation", Records: t.rows,
	}}
	s.addStudyAndSubject(out)
	for _, c := range recordColumns {
		at := t.index(c.source)
		if at < 0 {
			continue
		}
		v := cdisc.Variable{Name: c.name, Label: c.label, Source: c.source, Origin: assigned}
		if c.source == "recordId" {
			v.Key, v.Mandatory = 3, true
		}
		out.addColumn(v, at, t.schema.Field(at))
	}
	known := map[string]bool{}
	for _, c := range recordColumns {
		known[c.source] = true
	}
	for at, field := range t.schema.Fields() {
		if !known[field.Name] {
			s.addAnswer(out, at, field)
		}
	}
	return out
}

func (s *Set) formName(t *table) string {
	if name, ok := t.schema.Metadata().GetValue("formName"); ok {
		return name
	}
	var plan formNames
	if json.Unmarshal(s.Manifest.Plan, &plan) == nil {
		for _, f := range plan.Forms {
			if f.FormKey == t.name {
				return f.FormName
			}
		}
	}
	return t.name
}

// addStudyAndSubject adds the identifiers that every dataset of a submission has.
func (s *Set) addStudyAndSubject(out *source) {
	out.add(cdisc.Variable{Name: "STUDYID", Label: "Study Identifier", Type: cdisc.Character, Key: 1, Mandatory: true, Source: sourceStudy, Origin: cdisc.Origin{Type: "Protocol", Source: "Sponsor"}},
		column{at: -1, value: cdisc.Text(s.Manifest.StudyKey)})
	v := cdisc.Variable{Name: "USUBJID", Label: "Unique Subject Identifier", Type: cdisc.Character, Key: 2, Source: sourceSubject, Origin: cdisc.Origin{Type: "Derived", Source: "Sponsor"}, Method: "The study key, a hyphen and the subject key."}
	if at := out.table.index("USUBJID"); at >= 0 && metadataOf(out.table.schema.Field(at))["kind"] != "" {
		v.Source, v.Method = "USUBJID", "The template of the study configuration."
		out.addColumn(v, at, out.table.schema.Field(at))
		return
	}
	if s.Manifest.Deidentified {
		v.Method = "The study key, a hyphen and the pseudonym of the subject."
	}
	at := out.table.index("subjectKey")
	_, _, read, _ := reading(arrow.BinaryTypes.String)
	out.add(v, column{at: at, read: read, prefix: s.Manifest.StudyKey + "-"})
}

// addColumn adds a column as its Arrow type says.
func (s *source) addColumn(v cdisc.Variable, at int, field arrow.Field) {
	typ, format, read, err := reading(field.Type)
	if err != nil {
		read = func(arrow.Array, int) cdisc.Value { return cdisc.Value{} }
	}
	v.Type, v.Format = typ, format // type 0 is a problem of the survey
	if zoned, ok := field.Type.(*arrow.TimestampType); ok && zoned.TimeZone != "" {
		v.Label += utcLabel
	}
	s.add(v, column{at: at, read: read})
}

// addAnswer adds the answers to a question.
func (s *Set) addAnswer(out *source, at int, field arrow.Field) {
	meta := metadataOf(field)
	name := orElse(meta["name"], field.Name)
	v := cdisc.Variable{Name: strings.ToUpper(name), Label: orElse(meta["label"], name), Source: field.Name, Origin: cdisc.Origin{Type: "Collected", Source: "Investigator"}}
	v.Codelist = s.codelist(out.table.name, name, meta["codelist"])
	switch meta["part"] {
	case "entered":
		out.addColumn(v, at, field)
		out.dataset.Variables[len(out.dataset.Variables)-1].Type = cdisc.ISODate
		return
	case "day":
		if !s.NumericDates {
			return // the text says it
		}
		v.Name = dayName(v.Name)
		v.Origin, v.Method, v.Codelist = cdisc.Origin{Type: "Derived", Source: "Sponsor"}, "The day of "+strings.ToUpper(name)+" where year, month and day are known.", nil
	case "precision":
		return // the text says it
	}
	out.addColumn(v, at, field)
}

// dayName is the name of the numeric date beside a date as text: AESTDT beside AESTDTC.
func dayName(name string) string {
	if stem, ok := strings.CutSuffix(name, "DTC"); ok {
		return stem + "DT"
	}
	return name + "DT"
}

// codelist is the choices of a variable, as the caller or the data set gives them.
func (s *Set) codelist(form, name, document string) *cdisc.Codelist {
	if given := s.Codelists[form+"."+name]; given != nil {
		return given
	}
	var choices map[string]string
	if document == "" || json.Unmarshal([]byte(document), &choices) != nil {
		return nil
	}
	list := &cdisc.Codelist{OID: "CL." + form + "." + name, Name: form + "." + name}
	for _, code := range slices.Sorted(maps.Keys(choices)) {
		list.Items = append(list.Items, cdisc.CodelistItem{Code: code, Decode: choices[code]})
	}
	return list
}

func metadataOf(field arrow.Field) map[string]string {
	meta := map[string]string{}
	for i, key := range field.Metadata.Keys() {
		meta[key] = field.Metadata.Values()[i]
	}
	return meta
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
