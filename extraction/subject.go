package extraction

import (
	"errors"
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
	deleted  bool  // the subject is soft-deleted
	usubjid  *cell // nil where the configuration asks for none
	state    map[string]*stateEntry
	baseline map[string]*stateEntry
	levels   map[string][]given // what records gave the targets of ADSL, by state key
	adsl     *subjectLevel
	domains  []Counts // by index of the domain
	scope    scope    // memory for that of the domain at hand
	rows     int      // of the subject before
	// memory for what rows keep
	cells    slab[cell]
	traces   slab[trace]
	inputs   slab[input]
	readings slab[reading]
	// conditions are those that read values of the subject.
	conditions []conditionReads
}

// stateEntry is a value that rules left for later ones. When the rule failed, reading it fails
// too: a stale value must not stand in for one that could not be derived.
type stateEntry struct {
	failedOn  int64 // record id; 0 when the value is good
	unsettled bool  // records give different values, and nothing says which counts
	cell      cell  // the value, and the lineage of what is computed from it
	domain    domainCode
}

// candidate is a row being made.
type candidate struct {
	row      CanonicalRow
	findings []RowFinding
}

// set puts the value of a rule into the row.
func (c *candidate) set(r *rule, v CanonicalValue, t *trace) {
	if r.alone {
		c.row.cells = append(c.row.cells, cell{field: r.spec.name, value: v, trace: t})
		return
	}
	c.row.set(r.spec.name, v, t)
}

func (s *subjectRun) begin(id int64, key string, deleted bool) {
	s.rows = len(s.out.Rows)
	s.out, s.deleted = SubjectRows{SubjectID: id, SubjectKey: key}, deleted
	s.state, s.baseline, s.levels, s.adsl = map[string]*stateEntry{}, map[string]*stateEntry{}, map[string][]given{}, nil
	s.conditions = nil
}

// sortRecords puts the records of a subject in order of creation; records without a creation time
// come last, and ties are decided by the record id.
func sortRecords(records []imednet.Record) {
	before := func(i, j int) bool {
		a, okA := records[i].DateCreated.Get()
		b, okB := records[j].DateCreated.Get()
		switch {
		case okA != okB:
			return okA
		case okA && !a.Equal(b.Time):
			return a.Before(b.Time)
		}
		return records[i].RecordID < records[j].RecordID
	}
	for i := 1; i < len(records); i++ {
		if before(i, i-1) {
			sort.SliceStable(records, before)
			return
		}
	}
}

// record applies the rules of every domain to one record.
func (s *subjectRun) record(view *recordView) {
	s.seen[view.form] = true
	for _, d := range s.plan.forms[view.form] {
		c := &s.domains[d.index]
		if d.domain != ADSL {
			c.In += candidatesOf(d)
		}
		s.domain(d, view, c)
	}
}

// candidatesOf is how many rows a record can give a domain.
func candidatesOf(d *domainPlan) int64 { return int64(max(1, len(d.params))) }

func (s *subjectRun) domain(d *domainPlan, view *recordView, c *Counts) {
	scope := s.newScope(view, d)
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
	byParam := make(map[string]*candidate, len(d.params))
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

// condition decides whether a record is a row of the domain. Where dates leave it open the record is
// rejected, or, where the expression says what then counts, left out with a finding: an event is never
// left out in silence because its date is not known.
func (s *subjectRun) condition(d *domainPlan, scope *scope) (bool, *RowFinding) {
	if d.condition == nil {
		return true, nil
	}
	v, err := s.eval.Run(d.condition, scope)
	s.rememberCondition(scope, d.domain)
	if err != nil {
		return false, expressionFinding(err, "", -1)
	}
	if v.IsNone() && s.eval.LeftOpen() {
		return false, &RowFinding{Type: RejectedExpression, Rule: -1, Message: "the dates are missing or too partial to decide the condition"}
	}
	if v.IsNone() {
		return false, nil
	}
	holds, ok := v.Truth()
	if ok && !holds && s.eval.LeftOpen() {
		s.find(Finding{Code: FindingNotDerived, Domain: d.domain, Message: "the condition leaves the record out, although its dates are missing or too partial for an answer"}, scope.view.origin)
	}
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

func (s *subjectRun) newRow(d *domainPlan, view *recordView) CanonicalRow {
	row := CanonicalRow{
		Domain: d.domain, StudyKey: s.plan.configuration.StudyKey, SubjectID: s.out.SubjectID, SubjectKey: s.out.SubjectKey,
		Deleted: s.deleted || view.record.IsDeleted(), Origin: view.origin, configuration: &s.plan.configuration,
	}
	if s.usubjid == nil {
		row.cells = s.cells.take(d.cells)
		return row
	}
	row.cells = append(s.cells.take(1+d.cells), *s.usubjid)
	return row
}

func (s *subjectRun) find(f Finding, origin *Origin) {
	f.SubjectKey, f.Severity = s.out.SubjectKey, severityOf(f.Code, f.Severity)
	if origin != nil {
		f.RecordID, f.FormKey = origin.RecordID, origin.FormKey
	}
	s.report.Findings[f.Code]++
	if f.Severity == SeverityError {
		s.report.Errors++
	}
	s.out.Findings = append(s.out.Findings, f)
}
