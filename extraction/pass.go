package extraction

import (
	"context"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/expression"
)

// pass is one reading of the records of a study.
type pass struct {
	subjectRun
	src  imednet.RecordSource
	opts Options
}

func newPass(plan *plan, src imednet.RecordSource, opts Options) *pass {
	p := &pass{src: src, opts: opts}
	report := &Report{Domains: map[Domain]Counts{}, Rules: []RuleCount{}, Findings: map[string]int64{}}
	for _, domain := range plan.domains {
		report.Domains[domain] = Counts{}
	}
	p.subjectRun = subjectRun{plan: plan, eval: expression.NewRunner(), report: report, seen: map[string]bool{}}
	p.counts = make([]RuleCount, maxIndex(plan.rules)+1)
	return p
}

func maxIndex(rules []*rule) int {
	if len(rules) == 0 {
		return -1
	}
	return rules[len(rules)-1].index
}

func (p *pass) fault(err error) error {
	return &Error{Op: "extract", StudyKey: p.plan.configuration.StudyKey, Err: err}
}

// subject applies the rules to the records of one subject; what it gives is in p.out.
func (p *pass) subject(ctx context.Context, g subjectGroup) error {
	p.report.Records.In += int64(len(g.records))
	if !g.counted() {
		p.report.Records.exclude(ExcludedNoSubject, int64(len(g.records)))
		return nil
	}
	p.begin(g.id, newestKey(g.records))
	p.report.Subjects++
	revisions, err := p.revisions(ctx, g.id)
	if err != nil {
		return err
	}
	sortRecords(g.records)
	p.checkKeys(g.records)
	for i := range g.records {
		record := &g.records[i]
		if reason := p.excluded(record); reason != "" {
			p.report.Records.exclude(reason, 1)
			continue
		}
		p.report.Records.Out++
		p.record(p.view(record, revisions))
	}
	p.endSubjectLevel()
	p.deriveAnalysis()
	if p.opts.Progress != nil {
		p.opts.Progress(imednet.Progress{Op: "extract", StudyKey: p.plan.configuration.StudyKey, Done: p.report.Records.In})
	}
	return nil
}

// newestKey is the subject key that the newest record with one carries.
func newestKey(records []imednet.Record) string {
	var key string
	var newest int64
	for i := range records {
		if k, ok := records[i].SubjectKey.Get(); ok && records[i].RecordID > newest {
			key, newest = k, records[i].RecordID
		}
	}
	return key
}

// checkKeys reports a subject whose records carry different subject keys, once for each: the
// display id can change.
func (p *pass) checkKeys(records []imednet.Record) {
	seen := map[string]bool{p.out.SubjectKey: true}
	for i := range records {
		key, ok := records[i].SubjectKey.Get()
		if !ok || seen[key] {
			continue
		}
		seen[key] = true
		p.find(Finding{Code: FindingSubjectKey, Field: subjectKeyField, Message: "the record carries another subject key than the subject's newest record", Values: []CanonicalValue{TextValue(key)}},
			&Origin{RecordID: records[i].RecordID, FormKey: records[i].FormKey.Or("")})
	}
}

func (p *pass) view(record *imednet.Record, revisions map[int64]int64) *recordView {
	modified, _ := record.DateModified.Get()
	return &recordView{
		record: record, answers: newAnswers(record.RecordData), intervals: p.plan.structure.intervals,
		origin: &Origin{RecordID: record.RecordID, FormKey: record.FormKey.Or(""), Revision: revisions[record.RecordID], DateModified: modified},
	}
}

// excluded says why a record is left out, "" when it is not.
func (p *pass) excluded(record *imednet.Record) string {
	switch {
	case record.IsDeleted() && !p.opts.IncludeDeleted:
		return ExcludedDeleted
	case slices.Contains(p.opts.ExcludeStatuses, record.RecordStatus.Or("")):
		return ExcludedStatus
	case p.plan.forms[record.FormKey.Or("")] == nil:
		return ExcludedNoRule
	}
	return ""
}

// end settles the report and proves that its numbers reconcile.
func (p *pass) end(ctx context.Context) error {
	if err := p.countUnlisted(ctx); err != nil {
		return err
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
