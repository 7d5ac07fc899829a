package extraction

import (
	"context"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/expression"
)

// pass is one reading of the records of a study.
type pass struct {
	subjectRun
	src      imednet.RecordSource
	opts     Options
	keyed    imednet.Filter             // selects, of a run over one subject, its records that carry a key only
	subjects *imednet.SubjectIndex      // nil where the source lists no subjects
	codings  map[int64][]imednet.Coding // by record; nil where no rule reads them
	visits   map[int64][]imednet.Visit  // by subject; nil where none are read
	// identified are the subjects that have a USUBJID, by it.
	identified map[string]subjectName
	// answers and shown are memory for those of the record at hand, and for their translation.
	answers, shown answers.Index
	known          recordAnswers
	atHand         recordView // the record at hand
}

func newPass(plan *plan, src imednet.RecordSource, opts Options) *pass {
	p := &pass{src: src, opts: opts, identified: map[string]subjectName{}}
	report := &Report{Domains: map[Domain]Counts{}, Rules: []RuleCount{}, Findings: map[string]int64{}}
	p.subjectRun = subjectRun{plan: plan, eval: expression.NewRunner(), report: report, seen: map[string]bool{}, domains: make([]Counts, len(plan.domains))}
	p.counts = make([]RuleCount, maxIndex(plan.rules)+1)
	return p
}

// prepare reads what is needed before any record.
func (p *pass) prepare(ctx context.Context) error {
	if err := argument.Required("extraction.Engine.Run", "src", p.src); err != nil {
		return err
	}
	if err := p.opts.Filter.Validate(imednet.Records); err != nil {
		return err
	}
	if err := p.readCodings(ctx); err != nil {
		return err
	}
	if err := p.readSubjects(ctx); err != nil {
		return err
	}
	return p.readVisits(ctx)
}

func maxIndex(rules []*rule) int {
	if len(rules) == 0 {
		return -1
	}
	return rules[len(rules)-1].index
}

func (p *pass) fault(err error) error {
	return &imednet.Error{Package: "extraction", Op: "extract", StudyKey: p.plan.configuration.StudyKey, Err: err}
}

// subject applies the rules to the records of one subject; what it gives is in p.out.
func (p *pass) subject(ctx context.Context, g subjectGroup) error {
	p.report.Records.In += int64(len(g.records))
	if !g.counted() {
		p.report.Records.exclude(ExcludedNoSubject, int64(len(g.records)))
		return nil
	}
	if id, ok := repeatedRecord(g.records); ok {
		return &imednet.Error{Package: "extraction", Op: "read", StudyKey: p.plan.configuration.StudyKey, RecordID: id, Err: ErrRepeated}
	}
	listed := p.listed(g)
	deleted := listed != nil && listed.IsDeleted()
	p.begin(g.id, p.keyOf(g.records, listed), deleted)
	p.report.Subjects++
	p.identify(g, listed)
	p.out.Visits = p.visitsOf(g.id)
	revisions, err := p.revisions(ctx, g.id)
	if err != nil {
		return err
	}
	sortRecords(g.records)
	p.checkKeys(g.records)
	p.checkListed(g.records, listed)
	for i := range g.records {
		record := &g.records[i]
		view := p.admitted(record, listed, revisions)
		switch {
		case view == nil:
		case view.answers == nil:
			p.rejectRecord(view)
		default:
			p.record(view)
		}
	}
	p.endSubjectLevel()
	p.checkStanding()
	p.deriveAnalysis()
	if p.opts.Progress != nil {
		p.opts.Progress(imednet.Progress{Op: "extract", StudyKey: p.plan.configuration.StudyKey, Done: p.report.Records.In})
	}
	return nil
}

// repeatedRecord returns the id of a record that is in a list more than once.
func repeatedRecord(records []imednet.Record) (id int64, ok bool) {
	if ascend(records) {
		return 0, false
	}
	seen := make(map[int64]bool, len(records))
	for i := range records {
		if id = records[i].RecordID; seen[id] {
			return id, true
		}
		seen[id] = true
	}
	return 0, false
}

// ascend reports whether each record has a greater id than the one before, as most listings give them.
func ascend(records []imednet.Record) bool {
	for i := 1; i < len(records); i++ {
		if records[i].RecordID <= records[i-1].RecordID {
			return false
		}
	}
	return true
}

// listed is the subject as the study lists it; nil where the source lists no subjects.
func (p *pass) listed(g subjectGroup) *imednet.Subject {
	if p.subjects == nil {
		return nil
	}
	subject, _ := p.subjects.Of(g.id, g.key)
	return subject
}

// keyOf is the key that a subject has: the one of the study's listing, else that of the record with a
// key that was modified last, where records that are deleted count only when there is no other.
func (p *pass) keyOf(records []imednet.Record, listed *imednet.Subject) string {
	if listed != nil {
		if key, ok := listed.SubjectKey.Get(); ok {
			return key
		}
	}
	var newest *imednet.Record
	for i := range records {
		if r := &records[i]; r.SubjectKey.IsSet() && (newest == nil || newerKey(r, newest)) {
			newest = r
		}
	}
	if newest == nil {
		return ""
	}
	return newest.SubjectKey.Or("")
}

// newerKey reports whether a says more surely than b which key the subject has.
func newerKey(a, b *imednet.Record) bool {
	if a.IsDeleted() != b.IsDeleted() {
		return b.IsDeleted()
	}
	modifiedA, _ := a.DateModified.Get()
	modifiedB, _ := b.DateModified.Get()
	if !modifiedA.Equal(modifiedB.Time) {
		return modifiedA.After(modifiedB.Time)
	}
	return a.RecordID > b.RecordID
}

// checkKeys reports a subject whose records carry another key than the subject has, once for each: the
// display id can change. Rows carry the subject's key and id.
func (p *pass) checkKeys(records []imednet.Record) {
	seen := map[string]bool{}
	for i := range records {
		key, ok := records[i].SubjectKey.Get()
		if !ok || key == p.out.SubjectKey || seen[key] {
			continue
		}
		seen[key] = true
		values := []CanonicalValue{TextValue(key)}
		if p.plan.secret.Has(records[i].FormKey.Or(""), subjectKeyField) {
			values = []CanonicalValue{TextValue(masked)}
		}
		message := "the record carries another subject key than the subject has now"
		if p.ofAnother(&records[i]) {
			message += ", and another subject has that key: the id decides"
		}
		p.find(Finding{Code: FindingSubjectKey, Field: subjectKeyField, Message: message, Values: values},
			&Origin{RecordID: records[i].RecordID, FormKey: records[i].FormKey.Or("")})
	}
}

// ofAnother reports whether a record carries the key of another listed subject than its id names.
func (p *pass) ofAnother(r *imednet.Record) bool {
	if p.subjects == nil {
		return false
	}
	_, c := p.subjects.OfRecord(r)
	return c.Kind == imednet.IDAndKeyDisagree
}

// checkListed reports records that belong to no listed subject, once for each reason: they stand alone, so that
// nothing of the subject's other records counts for them.
func (p *pass) checkListed(records []imednet.Record, listed *imednet.Subject) {
	if p.subjects == nil || listed != nil {
		return
	}
	seen := map[imednet.ContradictionKind]bool{}
	for i := range records {
		_, c := p.subjects.OfRecord(&records[i])
		if c.IsZero() || seen[c.Kind] {
			continue
		}
		seen[c.Kind] = true
		p.find(Finding{Code: FindingSubjectKey, Severity: SeverityError, Field: subjectKeyField, Message: "the record belongs to no listed subject: " + string(c.Kind)},
			&Origin{RecordID: records[i].RecordID, FormKey: records[i].FormKey.Or("")})
	}
}

func (p *pass) view(record *imednet.Record, form string, revisions map[int64]int64) *recordView {
	modified, _ := record.DateModified.Get()
	p.known.forget(p.plan.asked[form])
	view := &p.atHand
	*view = recordView{
		record: record, known: &p.known, answers: p.index(&p.answers, record), form: form, intervals: p.plan.structure.intervals, codings: p.codings[record.RecordID],
		origin: &Origin{RecordID: record.RecordID, FormKey: form, Revision: revisions[record.RecordID], DateModified: modified},
	}
	if p.opts.Translate != nil && view.answers != nil && p.plan.forms[form] != nil {
		shown := p.opts.Translate(*record)
		view.answers, view.held = p.index(&p.shown, &shown), view.answers
	}
	return view
}

// index reads the answers of a record; nil where recordData is not an object.
func (p *pass) index(index *answers.Index, record *imednet.Record) *answers.Index {
	ok := index.Reset(record.RecordData.Raw())
	if !ok && !imednet.NewValue(record.RecordData.Raw()).Missing() {
		return nil
	}
	index.Declared = p.plan.structure.declaredOf(record)
	return index
}

// admitted is a record as rules read it; nil if it is left out, which is counted. That the form of a record is in
// doubt is a finding also where no rule reads the form that decides.
func (p *pass) admitted(record *imednet.Record, subject *imednet.Subject, revisions map[int64]int64) *recordView {
	form, contradiction := p.plan.structure.formOf(record)
	reason := p.excluded(record, form, subject)
	if reason == ExcludedDeleted || reason == ExcludedDeletedSubject || reason == ExcludedStatus {
		p.report.Records.exclude(reason, 1)
		return nil
	}
	view := p.view(record, form, revisions)
	if !contradiction.IsZero() {
		p.find(Finding{Code: FindingForm, Message: "form id and key contradict the study: " + string(contradiction.Kind)}, view.origin)
	}
	if reason != "" {
		p.report.Records.exclude(reason, 1)
		return nil
	}
	p.report.Records.Out++
	return view
}

// excluded says why a record is left out, "" when it is not.
func (p *pass) excluded(record *imednet.Record, form string, subject *imednet.Subject) string {
	switch {
	case record.IsDeleted() && !p.opts.IncludeDeleted:
		return ExcludedDeleted
	case record.IsDeletedWith(subject) && !p.opts.IncludeDeleted:
		return ExcludedDeletedSubject
	case slices.Contains(p.opts.ExcludeStatuses, record.RecordStatus.Or("")):
		return ExcludedStatus
	case form == "":
		return ExcludedNoForm
	case p.plan.forms[form] == nil:
		return ExcludedNoRule
	}
	return ""
}

// end settles the report and proves that its numbers reconcile.
func (p *pass) end(ctx context.Context) error {
	if err := p.countUnlisted(ctx); err != nil {
		return err
	}
	for i, domain := range p.plan.domains {
		p.report.Domains[domain] = p.domains[i]
	}
	for _, rule := range p.plan.rules {
		count := p.counts[rule.index]
		count.Rule, count.Target = rule.index, rule.stateKey
		p.report.Rules = append(p.report.Rules, count)
	}
	for _, form := range slices.Sorted(maps.Keys(p.plan.forms)) {
		if !p.seen[form] {
			p.report.UnmatchedForms = append(p.report.UnmatchedForms, form)
		}
	}
	if !p.report.Balanced() {
		return ErrUnbalanced
	}
	return nil
}
