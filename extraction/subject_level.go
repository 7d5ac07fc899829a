package extraction

import (
	"slices"

	"github.com/imednetgo/imednet"
)

// subjectLevel is a subject's ADSL row while its records are read.
type subjectLevel struct {
	findings []RowFinding
	fields   []*levelField
}

// levelField is what records gave one field, in order of creation.
type levelField struct {
	rule  *rule
	given []given
}

func (s *subjectRun) subjectLevel() *subjectLevel {
	if s.adsl == nil {
		s.adsl = &subjectLevel{}
	}
	return s.adsl
}

// accumulate takes over what one record gives the subject's row.
func (s *subjectRun) accumulate(view *recordView, made candidate) {
	adsl := s.subjectLevel()
	adsl.findings = append(adsl.findings, made.findings...)
	for _, c := range made.row.cells {
		if c.trace.rule == nil {
			continue // USUBJID is the subject's, not the record's
		}
		i := slices.IndexFunc(adsl.fields, func(f *levelField) bool { return f.given[0].cell.field == c.field })
		if i < 0 {
			adsl.fields = append(adsl.fields, &levelField{rule: c.trace.rule})
			i = len(adsl.fields) - 1
		}
		adsl.fields[i].given = append(adsl.fields[i].given, given{cell: c, at: view.origin, deleted: view.record.IsDeleted()})
	}
}

// keepState puts what an ADSL rule gave beside what earlier records gave, as it will stand in the
// subject's row.
func (s *subjectRun) keepState(r *rule, c cell, origin *Origin) {
	list := append(s.levels[r.stateKey], given{cell: s.typed(r, c), at: origin, read: c})
	s.levels[r.stateKey] = list
	chosen, settled := r.chooseValue(list)
	if !settled {
		s.state[r.stateKey] = &stateEntry{unsettled: true}
		return
	}
	s.state[r.stateKey] = &stateEntry{cell: chosen.read, domain: codeADSL}
}

// typed is a value as the subject's row will hold it, which decides whether two are the same and which counts.
func (s *subjectRun) typed(r *rule, c cell) cell {
	value, problem := r.coerce(c.value, c.trace, s.plan.dates)
	if problem != "" {
		return cell{field: c.field, text: c.value.text, trace: c.trace}
	}
	return cell{field: c.field, value: value, trace: c.trace}
}

// endSubjectLevel delivers or rejects the subject's ADSL row and puts it first.
func (s *subjectRun) endSubjectLevel() {
	if s.adsl == nil {
		return
	}
	row := CanonicalRow{
		Domain: ADSL, StudyKey: s.plan.configuration.StudyKey, SubjectKey: s.out.SubjectKey, SubjectID: s.out.SubjectID, Deleted: s.deleted,
		configuration: &s.plan.configuration,
	}
	if s.usubjid != nil {
		row.cells = append(row.cells, *s.usubjid)
	}
	for _, f := range s.adsl.fields {
		chosen := s.settle(f)
		s.findSubjectDeathUnknown(f.given, chosen)
		row.cells = append(row.cells, chosen.cell)
		row.Deleted = row.Deleted || chosen.deleted
	}
	c := &s.domains[slices.Index(s.plan.domains, ADSL)]
	c.In++
	rows := s.out.Rows
	s.out.Rows = nil
	s.finish(candidate{row: row, findings: s.adsl.findings}, "", c)
	s.out.Rows = append(s.out.Rows, rows...)
}

// settle chooses among the values of records; where nothing says which counts there is none, and all
// of them are reported.
func (s *subjectRun) settle(f *levelField) given {
	chosen, settled := f.rule.chooseValue(f.given)
	if settled {
		return chosen
	}
	field := f.given[0].cell.field
	var inputs []input
	var values []CanonicalValue
	for _, g := range f.given {
		inputs = append(inputs, input{domain: codeADSL, cell: &g.cell})
		value := g.cell.value
		if g.cell.trace.masked() {
			value = hidden(value)
		}
		if !value.Missing() && !slices.ContainsFunc(values, value.Same) {
			values = append(values, value)
		}
	}
	s.find(Finding{Code: FindingConflict, Domain: ADSL, Field: field, Values: values,
		Message: "records give different values and " + whyUnsettled(f.rule.choose) + "; none is taken"}, f.given[len(f.given)-1].at)
	return given{cell: cell{field: field, trace: newTrace("nothing, because records give different values", inputs)}}
}

// whyUnsettled is why a mapping's choose takes none of several values.
func whyUnsettled(choose string) string {
	switch choose {
	case imednet.ChooseEarliest, imednet.ChooseLatest:
		return "none is certainly the " + choose + ", since a date is partial or cannot be read"
	}
	return "the mapping does not say which counts (choose: first, last, earliest or latest)"
}
