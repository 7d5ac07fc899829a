package extraction

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/expression"
)

// Engine applies one study configuration to records. It is safe for concurrent use; each run has
// its own state.
type Engine struct{ plan *plan }

// EngineOption is a setting of NewEngine.
type EngineOption func(*engineSettings) error

type engineSettings struct {
	structure *Structure
	commit    string
}

// WithStructure checks forms and variables of the configuration against those of the study, and
// lets rules read intervalName. Without it both are left unchecked. Default: none.
func WithStructure(s Structure) EngineOption {
	return func(e *engineSettings) error {
		e.structure = &s
		return nil
	}
}

// WithCommit names the configuration's commit in its history, for the lineage of every value.
// Default: none.
func WithCommit(hash string) EngineOption {
	return func(e *engineSettings) error {
		e.commit = hash
		return nil
	}
}

// NewEngine checks a configuration and compiles its rules, before any record is read. The error
// is an *imednet.ValidationError with every problem and its place: fields and domains that do not
// exist, targets mapped twice, required fields without a rule, expressions that cannot be
// compiled, keys that no rule sets, terminologies and widgets that match nothing and, given the
// structure, forms and variables that the study does not have.
func NewEngine(cfg imednet.StudyConfiguration, opts ...EngineOption) (*Engine, error) {
	var settings engineSettings
	for _, opt := range opts {
		if err := opt(&settings); err != nil {
			return nil, err
		}
	}
	problems := configurationProblems(cfg)
	p := newPlan(cfg, settings.structure, settings.commit)
	problems = append(problems, p.problems...)
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "study configuration", Problems: problems}
	}
	return &Engine{plan: p}, nil
}

func configurationProblems(cfg imednet.StudyConfiguration) []imednet.Problem {
	var invalid *imednet.ValidationError
	if errors.As(cfg.Validate(), &invalid) {
		return invalid.Problems
	}
	return nil
}

// Warnings lists what is odd about the configuration but does not make it wrong: disabled forms,
// retired variables, axes of widgets that no rule gives.
func (e *Engine) Warnings() []imednet.Problem { return slices.Clone(e.plan.warnings) }

// Domains lists the domains that the configuration gives, in the order of the function Domains.
func (e *Engine) Domains() []Domain {
	var given []Domain
	for _, d := range Domains() {
		if slices.Contains(e.plan.domains, d) {
			given = append(given, d)
		}
	}
	return given
}

// Fields lists the fields that rows of a domain can have, in the order of the Arrow columns.
func (e *Engine) Fields(domain Domain) []string {
	var names []string
	for _, spec := range e.plan.columns(domain) {
		names = append(names, spec.name)
	}
	return names
}

// ExtractOptions are the settings of one run. The zero value reads every record of the study,
// leaves soft-deleted ones out and counts them.
type ExtractOptions struct {
	// Filter selects records by their attributes.
	Filter imednet.Filter
	// IncludeDeleted keeps soft-deleted records.
	IncludeDeleted bool
	// ExcludeStatuses leaves out records with one of these statuses, compared exactly. Statuses are
	// text that each study defines, so there is no default.
	ExcludeStatuses []string
	// Revisions, when set, gives each value's lineage the revision of its record, read one subject
	// at a time. A Client is one.
	Revisions RevisionLister
	// InMemory reads the whole listing first and groups it by subject: one listing instead of one
	// for each subject, for sources that cannot serve by subject, at the price of memory.
	InMemory bool
	// Progress is told after each subject how many records were read.
	Progress func(imednet.Progress)
	// Report, when set, receives the run's numbers when the stream has ended without an error.
	Report *Report
}

// RevisionLister lists the audit trail of records.
type RevisionLister interface {
	RecordRevisions(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error]
}

// Subjects applies the rules and yields one subject after the other, holding the records of one
// subject at a time. Subjects come in ascending subjectId.
//
// A source that is an imednet.SubjectRecordSource is read in one pass. One that lists its subjects
// (Subjects, as a Client does) is asked for the records of each: records that belong to no listed
// subject are then not read; if the source is an imednet.RecordProber and there is no filter they
// are counted as excluded. Any other source needs InMemory.
//
// At the end the numbers must reconcile, otherwise the error is ErrUnbalanced.
func (e *Engine) Subjects(ctx context.Context, src imednet.RecordSource, opts ExtractOptions) iter.Seq2[SubjectRows, error] {
	return func(yield func(SubjectRows, error) bool) {
		run := newRun(e.plan, src, opts)
		for group, err := range run.groups(ctx) {
			if err == nil {
				err = run.subject(ctx, group)
			}
			if err != nil {
				yield(SubjectRows{}, run.fault(err))
				return
			}
			if group.counted() && !yield(run.out, nil) {
				return
			}
		}
		if err := run.end(ctx); err != nil {
			yield(SubjectRows{}, run.fault(err))
		}
	}
}

// run is one pass over the records of a study.
type run struct {
	subjectRun
	src  imednet.RecordSource
	opts ExtractOptions
}

func newRun(p *plan, src imednet.RecordSource, opts ExtractOptions) *run {
	r := &run{src: src, opts: opts}
	report := &Report{Domains: map[Domain]Counts{}, Rules: []RuleCount{}, Findings: map[string]int64{}}
	for _, domain := range p.domains {
		report.Domains[domain] = Counts{}
	}
	r.subjectRun = subjectRun{plan: p, eval: expression.NewRunner(), report: report, seen: map[string]bool{}}
	r.counts = make([]RuleCount, maxIndex(p.rules)+1)
	return r
}

func maxIndex(rules []*rule) int {
	if len(rules) == 0 {
		return -1
	}
	return rules[len(rules)-1].index
}

func (r *run) fault(err error) error {
	return &Error{Op: "extract", StudyKey: r.plan.configuration.StudyKey, Err: err}
}

// subject applies the rules to the records of one subject; what it gives is in r.out.
func (r *run) subject(ctx context.Context, g subjectGroup) error {
	r.report.Records.In += int64(len(g.records))
	if !g.counted() {
		r.report.Records.exclude(ExcludedNoSubject, int64(len(g.records)))
		return nil
	}
	r.begin(g.id, newestKey(g.records))
	r.report.Subjects++
	revisions, err := r.revisions(ctx, g.id)
	if err != nil {
		return err
	}
	sortRecords(g.records)
	r.checkKeys(g.records)
	for i := range g.records {
		record := &g.records[i]
		if reason := r.excluded(record); reason != "" {
			r.report.Records.exclude(reason, 1)
			continue
		}
		r.report.Records.Out++
		r.record(r.view(record, revisions))
	}
	r.endSubjectLevel()
	r.deriveAnalysis()
	if r.opts.Progress != nil {
		r.opts.Progress(imednet.Progress{Op: "extract", StudyKey: r.plan.configuration.StudyKey, Done: r.report.Records.In})
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
func (r *run) checkKeys(records []imednet.Record) {
	seen := map[string]bool{r.out.SubjectKey: true}
	for i := range records {
		key, ok := records[i].SubjectKey.Get()
		if !ok || seen[key] {
			continue
		}
		seen[key] = true
		r.find(Finding{Code: FindingSubjectKey, Field: subjectKeyField, Message: "the record carries another subject key than the subject's newest record", Values: []Value{TextValue(key)}},
			&Origin{RecordID: records[i].RecordID, FormKey: records[i].FormKey.Or("")})
	}
}

func (r *run) view(record *imednet.Record, revisions map[int64]int64) *recordView {
	modified, _ := record.DateModified.Get()
	return &recordView{
		record: record, answers: newAnswers(record.RecordData), intervals: r.plan.structure.intervals,
		origin: &Origin{RecordID: record.RecordID, FormKey: record.FormKey.Or(""), Revision: revisions[record.RecordID], DateModified: modified},
	}
}

// excluded says why a record is left out, "" when it is not.
func (r *run) excluded(record *imednet.Record) string {
	switch {
	case record.IsDeleted() && !r.opts.IncludeDeleted:
		return ExcludedDeleted
	case slices.Contains(r.opts.ExcludeStatuses, record.RecordStatus.Or("")):
		return ExcludedStatus
	case r.plan.forms[record.FormKey.Or("")] == nil:
		return ExcludedNoRule
	}
	return ""
}

// end settles the report and proves that its numbers reconcile.
func (r *run) end(ctx context.Context) error {
	if err := r.countUnlisted(ctx); err != nil {
		return err
	}
	for _, rule := range r.plan.rules {
		count := r.counts[rule.index]
		count.Rule, count.Target = rule.index, rule.stateKey
		r.report.Rules = append(r.report.Rules, count)
	}
	for _, form := range slices.Sorted(maps.Keys(r.plan.forms)) {
		if !r.seen[form] {
			r.report.UnmatchedForms = append(r.report.UnmatchedForms, form)
		}
	}
	if !r.report.Balanced() {
		return ErrUnbalanced
	}
	if r.opts.Report != nil {
		*r.opts.Report = r.report.clone()
	}
	return nil
}
