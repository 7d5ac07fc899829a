package extraction

import "slices"

// subjectLevel is a subject's ADSL row while its records are read.
type subjectLevel struct {
	row      CanonicalRow
	findings []RowFinding
}

func (s *subjectRun) subjectLevel() *subjectLevel {
	if s.adsl == nil {
		s.adsl = &subjectLevel{row: CanonicalRow{
			Domain: ADSL, StudyKey: s.plan.configuration.StudyKey, SubjectKey: s.out.SubjectKey, SubjectID: s.out.SubjectID, configuration: &s.plan.configuration,
		}}
	}
	return s.adsl
}

// accumulate merges what one record gives the subject's row: values overwrite earlier ones, and
// where both are there and differ, that is reported.
func (s *subjectRun) accumulate(view *recordView, made candidate) {
	adsl := s.subjectLevel()
	adsl.findings = append(adsl.findings, made.findings...)
	for _, c := range made.row.cells {
		i := slices.IndexFunc(adsl.row.cells, func(old cell) bool { return old.field == c.field })
		switch {
		case i < 0:
			adsl.row.cells = append(adsl.row.cells, c)
			continue
		case c.value.Missing():
			continue
		}
		before := adsl.row.cells[i]
		if !before.value.Missing() && before.value.text != c.value.text {
			s.find(Finding{Code: FindingConflict, Domain: ADSL, Field: c.field, Values: s.shown(c.trace.rule, before.value, c.value),
				Message: "an earlier record gives another value; the later one stands"}, view.origin)
		}
		adsl.row.cells[i] = c
	}
}

// endSubjectLevel delivers or rejects the subject's ADSL row and puts it first.
func (s *subjectRun) endSubjectLevel() {
	if s.adsl == nil {
		return
	}
	c := s.report.Domains[ADSL]
	c.In++
	rows := s.out.Rows
	s.out.Rows = nil
	s.finish(candidate{row: s.adsl.row, findings: s.adsl.findings}, "", &c)
	s.out.Rows = append(s.out.Rows, rows...)
	s.report.Domains[ADSL] = c
}
