package datasets

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/internal/standardnames"
)

// domain is what is known of a canonical domain.
type domain struct {
	name, label, structure, class, subClass, purpose string
	code                                             string // of SDTM
	sequence                                         bool   // ASEQ is in the key
	required                                         []string
	start                                            string // the date by which records of a subject are numbered
}

var domains = map[string]domain{
	"AE": {name: "AE", label: "Adverse Events", structure: "One record per adverse event", class: "EVENTS", purpose: "Tabulation", code: "AE",
		required: []string{"aeTerm", "aeSeverity"}, start: "aeStartDate"},
	"PD": {name: "DV", label: "Protocol Deviations", structure: "One record per protocol deviation", class: "EVENTS", purpose: "Tabulation", code: "DV",
		required: []string{"dvTerm", "dvCategory", "dvSeverity", "dvDate"}, start: "dvDate"},
	"DD": {name: "DE", label: "Device Deficiencies", structure: "One record per device deficiency", class: "EVENTS", purpose: "Tabulation", code: "DE",
		required: []string{"ddTerm", "ddCategory", "ddDate"}, start: "ddDate"},
	"ADSL": {name: "ADSL", label: "Subject-Level Analysis", structure: "One record per subject", class: "SUBJECT LEVEL ANALYSIS DATASET", purpose: "Analysis"},
	"ADAE": {name: "ADAE", label: "Adverse Events Analysis", structure: "One record per adverse event per subject", class: "OCCURRENCE DATA STRUCTURE", subClass: "ADVERSE EVENT", purpose: "Analysis", sequence: true},
	"ADLB": {name: "ADLB", label: "Laboratory Test Results Analysis", structure: "One record per result per subject", class: "BASIC DATA STRUCTURE", purpose: "Analysis", sequence: true},
}

// derivations are how the analysis makes its fields.
var derivations = map[string]string{
	"ASTDY": "ASTDT minus TRTSDT, plus one day from TRTSDT on; there is no day 0.", "AENDY": "AENDT minus TRTSDT, plus one day from TRTSDT on; there is no day 0.",
	"ADY": "ADT minus TRTSDT, plus one day from TRTSDT on; there is no day 0.", "TRTEMFL": "Y where the event began on treatment, N where it did not, and missing where that is not certain.",
	"ASEQ": "Number of the record within the subject.", "BASE": "AVAL of the baseline record of the subject and parameter.", "CHG": "AVAL minus BASE.", "PCHG": "CHG as a percentage of BASE.",
	"ABLFL": "Y on the baseline record of the subject and parameter.",
}

// daySuffix ends the name of the column with the day of a date.
const daySuffix = "_date"

// textSuffix ends the name of the column with the text of a value: the digits of a number, and what a
// field's kind cannot hold.
const textSuffix = "_text"

// canonical lays out a table of canonical data.
func (s *Set) canonical(t *table) *source {
	d, known := domains[t.name]
	if !known {
		d = domain{name: strings.ToUpper(t.name), label: t.name, structure: "One record per row", purpose: "Tabulation"}
	}
	out := &source{table: t, dataset: cdisc.Dataset{Name: d.name, Source: t.name, Label: d.label, Structure: d.structure, Class: d.class, SubClass: d.subClass,
		Purpose: d.purpose, Domain: d.code, OneRow: t.name == "ADSL", Records: t.rows}}
	s.addStudyAndSubject(out)
	if d.code != "" {
		out.add(cdisc.Variable{Name: "DOMAIN", Label: "Domain Abbreviation", Type: cdisc.Character, Mandatory: true, Source: sourceDomain, Origin: assigned}, column{at: -1, value: cdisc.Text(d.code)})
	}
	for _, c := range []recordColumn{{"subjectKey", "SUBJID", "Subject Identifier for the Study"}, {"subjectId", "IMNSUBID", "Subject Identifier of the EDC System"},
		{"recordId", "RECID", "Record Identifier"}, {"formKey", "FORMKEY", "Form of the Record"}, {"deleted", "RECDEL", "Record Deleted"}} {
		if at := t.index(c.source); at >= 0 {
			out.addColumn(cdisc.Variable{Name: c.name, Label: c.label, Source: c.source, Origin: assigned}, at, t.schema.Field(at))
		}
	}
	if d.code != "" {
		out.add(cdisc.Variable{Name: d.code + "SEQ", Label: "Sequence Number", Type: cdisc.WholeNumber, Mandatory: true, Source: sourceSequence, Sequence: []string{d.start, "recordId"},
			Origin: cdisc.Origin{Type: "Derived", Source: "Sponsor"}, Method: "Number of the record within the subject, by start date and record."}, column{at: -1})
	}
	for at, field := range t.schema.Fields() {
		if kind := metadataOf(field)["kind"]; kind != "" && field.Name != "USUBJID" { // which stands first
			s.addField(out, d, at, field, kind)
		}
	}
	out.key(d)
	return out
}

// key sets the last key variable: the sequence number where the domain has one, else the record. A
// row of ADSL needs none.
func (s *source) key(d domain) {
	if s.dataset.OneRow {
		return
	}
	last := "RECID"
	switch {
	case d.code != "":
		last = d.code + "SEQ"
	case d.sequence && s.variable("ASEQ") != nil:
		last = "ASEQ"
	}
	if v := s.variable(last); v != nil {
		v.Key = 3
	}
}

func (s *source) variable(name string) *cdisc.Variable {
	for i := range s.dataset.Variables {
		if s.dataset.Variables[i].Name == name {
			return &s.dataset.Variables[i]
		}
	}
	return nil
}

// addField adds a field of the domain. A number is the digits that were entered; a date of an
// analysis domain is its day.
func (set *Set) addField(s *source, d domain, at int, field arrow.Field, kind string) {
	v := cdisc.Variable{Name: strings.ToUpper(standardnames.Variable(field.Name)), Source: field.Name, Mandatory: slices.Contains(d.required, field.Name),
		Origin: cdisc.Origin{Type: "Collected", Source: "Investigator"}}
	v.Label = orElse(metadataOf(field)["label"], orElse(standardnames.Label(v.Name), v.Name))
	if text := derivations[v.Name]; text != "" {
		v.Origin, v.Method = cdisc.Origin{Type: "Derived", Source: "Sponsor"}, text
	} else if d.purpose == "Analysis" {
		v.Origin = cdisc.Origin{Type: "Assigned", Source: "Sponsor"}
	}
	part := at
	set.applyRules(&v, s.table.name, field.Name, d)
	switch kind {
	case "flag":
		v.Codelist = noYes()
	case "number":
		part = s.table.index(field.Name + textSuffix)
	case "date":
		if d.purpose == "Analysis" {
			part = s.table.index(field.Name + daySuffix)
		}
	}
	if part < 0 {
		part = at
	}
	if given := set.Codelists[s.table.name+"."+v.Name]; given != nil {
		v.Codelist = given
	}
	v.Source = s.table.schema.Field(part).Name
	s.addColumn(v, part, s.table.schema.Field(part))
	added := &s.dataset.Variables[len(s.dataset.Variables)-1]
	switch {
	case kind == "number" && part != at:
		added.Type = cdisc.Decimal
		s.columns[len(s.columns)-1].holds = at
	case kind == "date" && part == at:
		added.Type = cdisc.ISODate
	}
}

// UnfitProblems reads canonical tables and lists the values that the kind of their field cannot
// hold. The data set contains their text, but an export would not.
func (s *Set) UnfitProblems(ctx context.Context) ([]cdisc.Problem, error) {
	var list []cdisc.Problem
	for _, t := range s.tables {
		if s.Manifest.Layout != "tables" {
			continue
		}
		counts := map[int]int64{}
		for batch, err := range t.batches(ctx) {
			if err != nil {
				return nil, err
			}
			for at, field := range t.schema.Fields() {
				text := t.index(field.Name + textSuffix)
				if metadataOf(field)["kind"] == "" || text < 0 {
					continue
				}
				for i := range int(batch.NumRows()) {
					if batch.Column(at).IsNull(i) && batch.Column(text).IsValid(i) {
						counts[at]++
					}
				}
			}
		}
		for at, field := range t.schema.Fields() {
			if counts[at] > 0 {
				list = append(list, cdisc.Problem{Dataset: t.name, Variable: field.Name, Rule: cdisc.RuleRejected, Count: counts[at], Message: "values that the field cannot hold; their text is in " + field.Name + textSuffix})
			}
		}
	}
	return list, nil
}

func noYes() *cdisc.Codelist {
	return &cdisc.Codelist{OID: "CL.NY", Name: "No Yes Response", Items: []cdisc.CodelistItem{{Code: "N", Decode: "No"}, {Code: "Y", Decode: "Yes"}}}
}

// Losses reads the tables and counts the dates of analysis domains whose day is not known, which
// are missing as numbers.
func (s *Set) Losses(ctx context.Context) ([]cdisc.Loss, error) {
	var losses []cdisc.Loss
	for _, t := range s.tables {
		out := s.source(t)
		if s.Manifest.Layout != "tables" || out.dataset.Purpose != "Analysis" {
			continue
		}
		found, err := out.partialDates(ctx)
		if err != nil {
			return nil, err
		}
		losses = append(losses, found...)
	}
	return losses, nil
}

func (s *source) partialDates(ctx context.Context) (losses []cdisc.Loss, err error) {
	counts := map[int]int64{}
	for batch, err := range s.table.batches(ctx) {
		if err != nil {
			return nil, err
		}
		for i, v := range s.dataset.Variables {
			if v.Type != cdisc.Date {
				continue
			}
			texts, days := batch.Column(s.table.index(strings.TrimSuffix(v.Source, daySuffix))).(*array.String), batch.Column(s.columns[i].at)
			for row := range texts.Len() {
				if texts.IsValid(row) && days.IsNull(row) {
					counts[i]++
				}
			}
		}
	}
	for i, v := range s.dataset.Variables {
		if counts[i] > 0 {
			losses = append(losses, cdisc.Loss{Dataset: s.dataset.Name, Variable: v.Name, Kind: cdisc.LossPartialDate, Count: counts[i]})
		}
	}
	return losses, nil
}
