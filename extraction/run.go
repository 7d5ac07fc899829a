package extraction

import (
	"context"
	"iter"

	"github.com/imednetgo/imednet"
)

// Options are the settings of one run. The zero value reads every record of the study,
// leaves soft-deleted ones out and counts them.
type Options struct {
	// Filter selects records by their attributes.
	Filter imednet.Filter
	// IncludeDeleted keeps soft-deleted records, and those of soft-deleted subjects. Their rows are
	// marked: CanonicalRow.Deleted.
	IncludeDeleted bool
	// ExcludeStatuses leaves out records with one of these statuses, compared exactly. Statuses are
	// text that each study defines, so there is no default.
	ExcludeStatuses []string
	// Revisions, when set, adds the revision of its record to each value's lineage, read one subject
	// at a time. A Client is one.
	Revisions imednet.RevisionReader
	// Codings lists the codings that rules read (coding.VARIABLE.code and its like). When it is nil and a
	// rule reads codings, the source must list them, as a Client does. They are listed once, before the
	// records, and those of the variables that rules read are held in memory.
	Codings imednet.CodingReader
	// Visits, when set, gives each subject's visits to the conformance rules. They are listed once, before
	// the records, and held in memory. Where the source answers that it is forbidden, the rules that
	// need visits are skipped.
	Visits imednet.VisitReader
	// InMemory reads the whole listing first and groups it by subject: one listing instead of one
	// for each subject, for sources that cannot serve by subject, at the price of memory.
	InMemory bool
	// Progress is called after each subject with the number of records read so far.
	Progress func(imednet.Progress)
}

// Run is one application of the rules to the records of a study. It must not be used by several
// goroutines at once. Ranging over one of its streams again reads the records again.
type Run struct {
	ctx    context.Context
	engine *Engine
	src    imednet.RecordSource
	opts   Options
	report Report
}

// Run returns a run over a source. Nothing is read before one of its streams is. ctx ends the run's
// requests.
func (e *Engine) Run(ctx context.Context, src imednet.RecordSource, opts Options) *Run {
	return &Run{ctx: ctx, engine: e, src: src, opts: opts}
}

// Report returns the numbers of the run once a stream has ended without an error; the zero Report
// before that.
func (r *Run) Report() Report { return r.report.clone() }

// Subjects yields what one subject after the other gives, holding the records of one subject at a
// time. Subjects come in ascending subjectId.
//
// A source that is an imednet.SubjectRecordSource is read in one pass. One that lists its subjects
// (Subjects, as a Client does) is asked for the records of each: records that belong to no listed
// subject are then not read; if the source is an imednet.RecordProber and there is no filter they
// are counted as excluded. Any other source needs InMemory.
//
// At the end the numbers must reconcile, otherwise the error is ErrUnbalanced.
func (r *Run) Subjects() iter.Seq2[SubjectRows, error] {
	return func(yield func(SubjectRows, error) bool) {
		r.report = Report{}
		p := newPass(r.engine.plan, r.src, r.opts)
		if err := p.prepare(r.ctx); err != nil {
			yield(SubjectRows{}, p.fault(err))
			return
		}
		for group, err := range p.groups(r.ctx) {
			if err == nil {
				err = p.subject(r.ctx, group)
			}
			if err != nil {
				yield(SubjectRows{}, p.fault(err))
				return
			}
			if group.counted() && !yield(p.out, nil) {
				return
			}
		}
		if err := p.end(r.ctx); err != nil {
			yield(SubjectRows{}, p.fault(err))
			return
		}
		r.report = *p.report
	}
}
