package extraction

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/expression"
)

// subjectRun applies the rules to the records of one subject.
type subjectRun struct {
	plan     *plan
	eval     *expression.Runner
	report   *Report
	counts   []RuleCount
	seen     map[string]bool // forms that rules read and a record was of
	out      SubjectRows
	state    map[string]stateEntry
	baseline map[string]stateEntry
	adsl     *subjectLevel
}

// stateEntry is a value that rules left for later ones. When the rule failed, reading it fails
// too: a stale value must not stand in for one that could not be derived.
type stateEntry struct {
	value    CanonicalValue
	failedOn int64 // record id; 0 when the value is good
}

// candidate is a row being made.
type candidate struct {
	row      CanonicalRow
	findings []RowFinding
}

func (s *subjectRun) begin(id int64, key string) {
	s.out = SubjectRows{SubjectID: id, SubjectKey: key}
	s.state, s.baseline, s.adsl = map[string]stateEntry{}, map[string]stateEntry{}, nil
}

// sortRecords puts the records of a subject in order of creation; records without a creation time
// come last, and ties are decided by the record id.
func sortRecords(records []imednet.Record) {
	sort.SliceStable(records, func(i, j int) bool {
		a, okA := records[i].DateCreated.Get()
		b, okB := records[j].DateCreated.Get()
		switch {
		case okA != okB:
			return okA
		case okA && !a.Equal(b.Time):
			return a.Before(b.Time)
		}
		return records[i].RecordID < records[j].RecordID
	})
}

// record applies the rules of every domain to one record.
func (s *subjectRun) record(view *recordView) {
	form := view.record.FormKey.Or("")
	s.seen[form] = true
	for _, d := range s.plan.forms[form] {
		c := s.report.Domains[d.domain]
		if d.domain != ADSL {
			c.In += candidatesOf(d)
		}
		s.domain(d, view, &c)
		s.report.Domains[d.domain] = c
	}
}

// candidatesOf is how many rows a record can give a domain.
func candidatesOf(d *domainPlan) int64 { return int64(max(1, len(d.params))) }

func (s *subjectRun) domain(d *domainPlan, view *recordView, c *Counts) {
	scope := &scope{run: s, view: view, payload: map[string]stateEntry{}}
	holds, failure := s.condition(d, scope)
	switch {
	case failure != nil:
		rejected := candidate{row: s.newRow(d, view), findings: []RowFinding{*failure}}
		s.rejectAll(d, rejected, c)
		return
	case !holds && d.domain != ADSL:
		c.exclude(ExcludedCondition, candidatesOf(d))
		return
	case !holds:
		return
	}
	made := candidate{row: s.newRow(d, view)}
	byParam := map[string]*candidate{}
	for _, param := range d.params {
		byParam[param] = &candidate{}
	}
	for _, r := range d.rules {
		into := &made
		if r.param != "" {
			into = byParam[r.param]
		}
		s.apply(r, scope, into)
	}
	switch {
	case d.domain == ADSL:
		s.accumulate(view, made)
	case len(d.params) == 0:
		s.finish(made, "", c)
	default:
		s.transpose(d, made, byParam, c)
	}
}

// condition decides whether a record is a row of the domain.
func (s *subjectRun) condition(d *domainPlan, scope *scope) (bool, *RowFinding) {
	if d.condition == nil {
		return true, nil
	}
	v, err := s.eval.Run(d.condition, scope.lookup)
	if err != nil {
		return false, expressionFinding(err, "", -1)
	}
	if v.IsNone() {
		return false, nil
	}
	holds, ok := v.Truth()
	if !ok {
		return false, &RowFinding{Type: RejectedExpression, Rule: -1, Message: "the condition gives " + v.Type() + ": compare, so that it gives True or False"}
	}
	return holds, nil
}

func expressionFinding(err error, field string, rule int) *RowFinding {
	v := &RowFinding{Type: RejectedExpression, Field: field, Rule: rule, Message: err.Error()}
	var failed *expression.Error
	if errors.As(err, &failed) {
		v.Line, v.Column, v.Message = failed.Line, failed.Column, failed.Reason
	}
	return v
}

// rejectAll rejects every row that a record could have given.
func (s *subjectRun) rejectAll(d *domainPlan, made candidate, c *Counts) {
	for _, r := range d.rules {
		s.state[r.stateKey] = stateEntry{failedOn: made.row.RecordID()}
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

func (s *subjectRun) newRow(d *domainPlan, view *recordView) CanonicalRow {
	row := CanonicalRow{Domain: d.domain, StudyKey: s.plan.configuration.StudyKey, SubjectID: s.out.SubjectID, Origin: view.origin, configuration: &s.plan.configuration}
	row.SubjectKey = view.record.SubjectKey.Or("")
	row.cells = make([]cell, 0, len(d.rules)/max(1, len(d.params))) // about what one row takes
	return row
}

// apply evaluates one rule: source, fallback, lookup, expression, state, baseline.
func (s *subjectRun) apply(r *rule, scope *scope, into *candidate) {
	count := &s.counts[r.index]
	count.Evaluated++
	raw, err := r.source.read(scope.view)
	if err != nil {
		s.fail(r, scope, into, RowFinding{Type: RejectedSource, Field: r.target, Rule: r.index, Message: err.Error()})
		return
	}
	t := trace{rule: r, origin: scope.view.origin, raw: raw}
	value := raw
	if value.Missing() && r.mapping.FallbackValue != nil {
		value, t.fallback = TextValue(*r.mapping.FallbackValue), true
		count.Fallback++
	}
	value = s.lookUp(r, value, scope, &t)
	if r.logic != nil {
		scope.value = value
		result, finding := s.compute(r, scope, value, &t)
		if finding != nil {
			s.fail(r, scope, into, *finding)
			return
		}
		value = result
	}
	if value.IsNull() || value.Missing() {
		count.Missing++
	}
	entry := stateEntry{value: value}
	scope.payload[r.target], s.state[r.stateKey] = entry, entry
	if _, set := s.baseline[r.stateKey]; r.mapping.IsBaseline && !set && !value.IsNull() {
		s.baseline[r.stateKey] = entry
	}
	s.assign(r, value, t, into)
}

func (s *subjectRun) fail(r *rule, scope *scope, into *candidate, v RowFinding) {
	s.counts[r.index].Failed++
	entry := stateEntry{failedOn: scope.view.record.RecordID}
	scope.payload[r.target], s.state[r.stateKey] = entry, entry
	into.findings = append(into.findings, v)
	into.row.set(r.spec.name, CanonicalValue{}, trace{rule: r, origin: scope.view.origin})
}

// lookUp applies the terminology of the target to text.
func (s *subjectRun) lookUp(r *rule, value CanonicalValue, scope *scope, t *trace) CanonicalValue {
	if r.lookup == nil || value.kind != KindText || value.Missing() {
		return value
	}
	canonical, ok := r.lookup[foldTerm(value.text)]
	if !ok {
		s.counts[r.index].Unmapped++
		s.find(Finding{Code: FindingUnmappedTerm, Domain: r.domain, Field: r.target, Message: "the text is not in the terminology and stays as it is", Values: s.shown(r, value)}, scope.view.origin)
		return value
	}
	if canonical != value.text {
		s.counts[r.index].Looked++
		t.lookup = true
	}
	return TextValue(canonical)
}

// shown are the values of a finding, masked where they identify a person.
func (s *subjectRun) shown(r *rule, values ...CanonicalValue) []CanonicalValue {
	if r != nil && r.phi {
		return []CanonicalValue{TextValue(masked)}
	}
	return values
}

// compute runs a rule's expression. None keeps the value before it, as in the Python package, unless
// the configuration says that it clears it.
func (s *subjectRun) compute(r *rule, scope *scope, before CanonicalValue, t *trace) (CanonicalValue, *RowFinding) {
	count := &s.counts[r.index]
	result, err := s.eval.Run(r.logic, scope.lookup)
	if err != nil {
		return CanonicalValue{}, expressionFinding(err, r.target, r.index)
	}
	value, err := fromExpression(result, before)
	if err != nil {
		return CanonicalValue{}, expressionFinding(err, r.target, r.index)
	}
	if value.IsNull() && s.plan.settings.NullResult != ClearOnNull {
		t.kept = !before.IsNull()
		if t.kept {
			count.Kept++
		}
		return before, nil
	}
	t.logic = true
	count.Logic++
	return value, nil
}

// assign types a value for its field and notes what is wrong with it.
func (s *subjectRun) assign(r *rule, value CanonicalValue, t trace, into *candidate) {
	typed, problem := r.spec.coerce(value)
	if problem != "" && r.domain == ADLB && r.spec.name == "AVAL" {
		s.find(Finding{Code: FindingNotNumeric, Domain: ADLB, Field: r.target, Message: "the result is not a number; AVALC holds it", Values: s.shown(r, value)}, t.origin)
		if _, ok := into.row.Get("AVALC"); !ok {
			into.row.set("AVALC", TextValue(value.text), t)
		}
		typed, problem = CanonicalValue{}, ""
	}
	if problem != "" {
		into.findings = append(into.findings, RowFinding{Type: RejectedType, Field: r.target, Rule: r.index, Message: problem})
	}
	if r.domain == ADLB && r.spec.name == "AVALC" && typed.IsNull() {
		if _, ok := into.row.Get("AVALC"); ok {
			return // AVAL's own text stands there already
		}
	}
	into.row.set(r.spec.name, typed, t)
}

// finish checks a row of a record and delivers or rejects it.
func (s *subjectRun) finish(made candidate, param string, c *Counts) {
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
	s.out.Rows = append(s.out.Rows, made.row)
	c.Out++
}

// settleSubject takes a mapped subject key over and reports when it is another than the record's.
func (s *subjectRun) settleSubject(row *CanonicalRow) {
	mapped, _ := row.Get(subjectKeyField)
	if mapped.Missing() || mapped.text == row.SubjectKey {
		return
	}
	if row.SubjectKey != "" {
		s.find(Finding{Code: FindingSubjectKey, Domain: row.Domain, Field: subjectKeyField, Message: "the mapped subject key is not the record's"}, row.Origin)
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
		i := slices.IndexFunc(row.cells, func(c cell) bool { return c.field == spec.name })
		if i >= 0 && row.cells[i].value.Missing() && row.cells[i].trace.rule != nil {
			list = append(list, RowFinding{Type: RejectedMissing, Field: spec.name, Rule: row.cells[i].trace.rule.index, Message: "is required and has no value"})
		}
	}
	return list
}

// reject adds a row to the rejected ones, with values of PHI variables masked.
func (s *subjectRun) reject(made candidate, param string, c *Counts) {
	payload := made.row
	payload.cells = slices.Clone(made.row.cells)
	for i := range payload.cells {
		rule := payload.cells[i].trace.rule
		if rule != nil && rule.phi && !payload.cells[i].value.IsNull() {
			payload.cells[i].value = TextValue(masked)
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
	if order, decided := row.Date(pair[1]).Compare(row.Date(pair[0])); decided && order < 0 {
		s.find(Finding{Code: FindingEndBeforeStart, Domain: row.Domain, Field: pair[1], Message: fmt.Sprintf("is before %s", pair[0])}, row.Origin)
	}
}

func (s *subjectRun) find(f Finding, origin *Origin) {
	f.SubjectKey = s.out.SubjectKey
	if origin != nil {
		f.RecordID, f.FormKey = origin.RecordID, origin.FormKey
	}
	s.report.Findings[f.Code]++
	s.out.Findings = append(s.out.Findings, f)
}
