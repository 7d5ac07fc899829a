package extraction

import (
	"slices"
)

// conditionReads are values of the subject that the condition of a record read.
type conditionReads struct {
	domain Domain
	origin *Origin
	reads  []input
}

// rememberCondition keeps what a condition read of the subject's values until they stand.
func (s *subjectRun) rememberCondition(scope *scope, domain Domain) {
	if slices.ContainsFunc(scope.reads(), func(in input) bool { return in.running }) {
		s.conditions = append(s.conditions, conditionReads{domain, scope.view.origin, scope.reads()})
	}
}

// checkStanding reports values and conditions that expressions computed from a value of ADSL that the subject's
// row does not hold in the end, because records created later gave another. The values stay; one that is empty
// is not wrong, only not derived.
func (s *subjectRun) checkStanding() {
	adsl := s.out.Of(ADSL)
	if len(adsl) != 1 {
		return
	}
	for _, row := range s.out.Rows {
		for _, c := range row.cells {
			if c.trace.rule == nil {
				continue
			}
			f := Finding{Code: FindingConflict, Severity: SeverityError, Domain: row.Domain, Field: c.trace.rule.target}
			if c.value.Missing() && c.text == "" {
				f.Code, f.Severity = FindingNotDerived, ""
			}
			own := ""
			if row.Domain == ADSL {
				own = c.field
			}
			s.reportFallen(&adsl[0], c.trace.inputs, own, f, row.Origin)
		}
	}
	for _, c := range s.conditions {
		s.reportFallen(&adsl[0], c.reads, "", Finding{Code: FindingConflict, Severity: SeverityError, Domain: c.domain}, c.origin)
	}
}

func (s *subjectRun) reportFallen(adsl *CanonicalRow, inputs []input, own string, f Finding, at *Origin) {
	for _, in := range fallen(adsl, inputs, nil, own, s.plan.dates) {
		final := adsl.cell(in.cell.field)
		f.Message = "was computed from a value of ADSL." + in.cell.field + " that the subject does not have in the end: records created later gave another"
		if f.Field == "" {
			f.Message = "the condition " + f.Message
		}
		f.Values = []CanonicalValue{in.cell.value, final.value}
		if in.cell.trace.masked() || final.trace.masked() {
			f.Values = []CanonicalValue{TextValue(masked)}
		}
		s.find(f, at)
	}
}

// fallen collects the values of ADSL among inputs, and what those were made of, that the subject's row does not
// hold; one of each field. What a field of ADSL was before a record changed it, as in a count of records, is not one
// of those: own is the field of ADSL that the inputs made, "" for any other.
func fallen(adsl *CanonicalRow, inputs, found []input, own string, dates dateReader) []input {
	for _, in := range inputs {
		known := func(other input) bool { return other.cell.field == in.cell.field }
		of := own
		if in.domain == codeADSL {
			of = in.cell.field
		}
		if in.running && in.domain == codeADSL && of != own && !stands(*in.cell, adsl.cell(of), dates) && !slices.ContainsFunc(found, known) {
			found = append(found, in)
		}
		found = fallen(adsl, in.cell.trace.inputs, found, of, dates)
	}
	return found
}

// stands reports whether a value as a rule gave it is the one that the subject's row holds.
func stands(read cell, final *cell, dates dateReader) bool {
	if final == nil {
		return true
	}
	if read.trace.rule == nil {
		return read.value.Same(final.value) && read.text == final.text
	}
	typed, problem := read.trace.rule.coerce(read.value, read.trace, dates)
	if problem != "" {
		return read.value.text == final.text
	}
	return typed.Same(final.value) && final.text == ""
}
