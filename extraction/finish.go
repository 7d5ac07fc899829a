package extraction

import (
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
)

// finish checks a row of a record and delivers or rejects it.
func (s *subjectRun) finish(made candidate, param string, c *Counts) {
	made.row.param = param
	s.settleSubject(&made.row)
	for _, missing := range missingFields(made.row) {
		known := func(v RowFinding) bool { return v.Field == missing.Field }
		if !slices.ContainsFunc(made.findings, known) {
			made.findings = append(made.findings, missing)
		}
	}
	if len(made.findings) > 0 {
		s.reject(made, param, c)
		return
	}
	s.checkOrder(made.row)
	s.checkSerious(made.row)
	if s.out.Rows == nil { // subjects have about as many rows as the one before
		s.out.Rows = make([]CanonicalRow, 0, max(1, s.rows))
	}
	s.out.Rows = append(s.out.Rows, made.row)
	c.Out++
}

// settleSubject takes a mapped subject key over and reports when it is another than the subject's. What
// is no text rejects the row, under the subject's own key.
func (s *subjectRun) settleSubject(row *CanonicalRow) {
	mapped, _ := row.Get(subjectKeyField)
	if mapped.kind != KindText || mapped.Missing() || mapped.text == row.SubjectKey {
		return
	}
	if row.SubjectKey != "" {
		s.find(Finding{Code: FindingSubjectKey, Domain: row.Domain, Field: subjectKeyField, Message: "the mapped subject key is not the subject's"}, row.Origin)
	}
	row.SubjectKey = mapped.text
}

func missingFields(row CanonicalRow) []RowFinding {
	var list []RowFinding
	if imednet.IsMissing(row.SubjectKey) {
		list = append(list, RowFinding{Type: RejectedMissing, Field: subjectKeyField, Rule: -1, Message: "is required and has no value"})
	}
	for _, spec := range fieldSpecs[row.Domain] {
		if !spec.required {
			continue
		}
		if c := row.cell(spec.name); c != nil && c.value.Missing() && c.trace.rule != nil {
			list = append(list, RowFinding{Type: RejectedMissing, Field: spec.name, Rule: c.trace.rule.index, Message: "is required and has no value"})
		}
	}
	return list
}

// rejectRecord rejects all rows of a record whose answers cannot be read at all.
func (s *subjectRun) rejectRecord(view *recordView) {
	s.seen[view.form] = true
	for _, d := range s.plan.forms[view.form] {
		c := &s.domains[d.index]
		if d.domain != ADSL {
			c.In += candidatesOf(d)
		}
		s.rejectAll(d, candidate{row: s.newRow(d, view), findings: []RowFinding{{Type: RejectedSource, Rule: -1, Message: "recordData is not a JSON object"}}}, c)
	}
}

// rejectAll rejects every row that a record could have given.
func (s *subjectRun) rejectAll(d *domainPlan, made candidate, c *Counts) {
	for _, r := range d.rules {
		s.state[r.stateKey] = &stateEntry{failedOn: made.row.RecordID()}
	}
	if d.domain == ADSL {
		s.subjectLevel().findings = append(s.subjectLevel().findings, made.findings...)
		return
	}
	for i := range candidatesOf(d) {
		param := ""
		if len(d.params) > 0 {
			param = d.params[i]
		}
		s.reject(made, param, c)
	}
}

// reject adds a row to the rejected ones, with values of PHI variables masked.
func (s *subjectRun) reject(made candidate, param string, c *Counts) {
	payload := made.row
	payload.cells = slices.Clone(made.row.cells)
	for i := range payload.cells {
		cell := &payload.cells[i]
		if !cell.trace.masked() {
			continue
		}
		cell.value = hidden(cell.value)
		if cell.text != "" {
			cell.text = masked
		}
	}
	s.out.Rejected = append(s.out.Rejected, RejectedRow{
		RecordID: payload.RecordID(), FormKey: payload.FormKey(), Domain: payload.Domain, SubjectKey: payload.SubjectKey,
		Parameter: param, Payload: payload, Findings: made.findings,
	})
	c.Rejected++
}

// orderedDates are the pairs of dates of which the second must not come first.
var orderedDates = map[Domain][2]string{AE: {"aeStartDate", "aeEndDate"}, ADAE: {"ASTDT", "AENDT"}, ADSL: {"TRTSDT", "TRTEDT"}}

// checkOrder reports an end that is certainly before its start. The row stays: both dates are what
// was collected.
func (s *subjectRun) checkOrder(row CanonicalRow) {
	pair, ok := orderedDates[row.Domain]
	if !ok {
		return
	}
	end := row.Date(pair[1])
	if !end.IsZero() && end.Compare(row.Date(pair[0])) == imednet.Before {
		s.find(Finding{Code: FindingEndBeforeStart, Domain: row.Domain, Field: pair[1], Message: fmt.Sprintf("is before %s", pair[0])}, row.Origin)
	}
}
