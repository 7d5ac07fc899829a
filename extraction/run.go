package extraction

import (
	"context"
	"iter"

	"github.com/imednetgo/imednet"
)

// Options configures one run. The zero value reads every record of the study and leaves out and
// counts soft-deleted ones.
type Options struct {
	// Filter selects records by attribute.
	Filter imednet.Filter
	// IncludeDeleted includes soft-deleted records, and records of soft-deleted subjects. Their
	// rows are marked ([CanonicalRow.Deleted]).
	IncludeDeleted bool
	// ExcludeStatuses excludes records with one of these statuses, compared exactly. Each study
	// defines its own statuses, so there is no default.
	ExcludeStatuses []string
	// Revisions, if set, is the source of the record revision in each value's lineage, read one
	// subject at a time. A Client implements it.
	Revisions imednet.RevisionReader
	// Codings lists the codings that rules read, such as coding.VARIABLE.code. If it is nil and a
	// rule reads codings, the source must list them, as a Client does. They are listed once, before
	// the records, and those of the variables that rules read are held in memory.
	Codings imednet.CodingReader
	// Visits, if set, provides each subject's visits to the conformance rules. They are listed once,
	// before the records, and held in memory. If the keys may not read visits, the rules that need
	// them are skipped.
	Visits imednet.VisitReader
	// Translate, if set, shows each record that rules read as they are to read it, such as with the texts of choices
	// for their codes (dictionary.Translator.Record). Lineage says what the record itself held beside what was read of it.
	Translate func(imednet.Record) imednet.Record
	// InMemory reads the whole listing first and groups it by subject in memory, where records are
	// held compressed. It is for sources that cannot list by subject, and takes one listing instead
	// of one per subject.
	InMemory bool
	// Progress, if set, is called after each subject with the number of records read so far.
	Progress func(imednet.Progress)
}

// Run is one application of the rules to the records of a study. It is not safe for concurrent use.
// Ranging over one of its streams again reads the records again.
type Run struct {
	ctx    context.Context
	engine *Engine
	src    imednet.RecordSource
	opts   Options
	keyed  imednet.Filter // of a run over one subject: its records that carry a key only
	report Report
}

// Run returns a run over the records of a source. Nothing is read before one of its streams is.
// Cancelling ctx ends the run.
func (e *Engine) Run(ctx context.Context, src imednet.RecordSource, opts Options) *Run {
	return &Run{ctx: ctx, engine: e, src: src, opts: opts}
}

// Report returns the counts of the run once a stream has ended without an error, and the zero
// Report before that.
func (r *Run) Report() Report { return r.report.clone() }

// Subjects yields the results subject by subject, in ascending order of subjectId, and holds the
// records of one subject at a time.
//
// A source that implements [imednet.SubjectRecordSource] is read in one pass. If the source lists
// its subjects, as a Client does, the records of each subject are requested separately. Records
// that carry no id of a listed subject are then not read; they are counted as excluded if the source
// implements [imednet.RecordProber] and there is no filter. Any other source requires
// [Options.InMemory].
//
// Where the source lists its subjects, a record belongs to the one that [imednet.SubjectIndex] says: that
// of its id or, if it carries a key only, the one that has the key. Records of no listed subject stay
// apart, by id or key, with a finding.
//
// The counts must reconcile at the end; otherwise the error is [ErrUnbalanced].
func (r *Run) Subjects() iter.Seq2[SubjectRows, error] {
	return func(yield func(SubjectRows, error) bool) {
		r.report = Report{}
		p := newPass(r.engine.plan, r.src, r.opts)
		p.keyed = r.keyed
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
