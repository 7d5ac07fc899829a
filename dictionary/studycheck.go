package dictionary

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Breach is a record on which a rule fires, with the queries that exist for it. It holds no
// answers.
type Breach struct {
	RecordID  int64   `json:"recordId"`
	SubjectID int64   `json:"subjectId,omitzero"`
	SiteID    int64   `json:"siteId,omitzero"`
	Outcome   Outcome `json:"outcome"`
	// QueryIDs are the queries of the record on one of the questions that the rule reports or
	// queries, in any state. Unqueried is true if the rule opens queries but there is none: a
	// missed check.
	QueryIDs  []int64 `json:"queryIds"`
	Unqueried bool    `json:"unqueried"`
}

// CheckReport holds the counts of a run of [Checker.Study], which reconcile:
//
//	Evaluated = Acting + Quiet + Undecided
type CheckReport struct {
	Records   int64            `json:"records"`
	Deleted   int64            `json:"deleted"`
	Other     int64            `json:"other"` // records of forms that are not in the dictionary
	Evaluated int64            `json:"evaluated"`
	Acting    int64            `json:"acting"`
	Quiet     int64            `json:"quiet"`
	Undecided int64            `json:"undecided"`
	Unqueried int64            `json:"unqueried"`
	Reasons   map[string]int64 `json:"reasons,omitempty"` // reasons why rules were undecided, by rule id and reason
	// Outside are the rules of forms or about questions that the study lacks: they were not evaluated on any record, or are
	// undecided wherever those questions matter.
	Outside []RuleOutside `json:"outside,omitempty"`
}

// String is one line.
func (r CheckReport) String() string {
	return fmt.Sprintf("%d records (%d deleted and %d of other forms not checked), %d checks: %d act (%d without a query), %d are quiet, %d undecided",
		r.Records, r.Deleted, r.Other, r.Evaluated, r.Acting, r.Unqueried, r.Quiet, r.Undecided)
}

// CheckRun is one pass over the records of a study. It is not safe for concurrent use.
type CheckRun struct {
	checker *Checker
	joined  *Joined
	ctx     context.Context
	records iter.Seq2[imednet.Record, error]
	queries map[int64][]imednet.Query // by record
	report  CheckReport
}

// Study returns a run that checks the records of a study and relates breaches to the study's
// queries. Range over [CheckRun.Breaches], then call [CheckRun.Report]. Rules that were not read are
// [ErrNotRead].
func (c *Checker) Study(ctx context.Context, joined *Joined, records iter.Seq2[imednet.Record, error], queries []imednet.Query) *CheckRun {
	run := &CheckRun{checker: c, joined: joined, ctx: ctx, records: records, queries: map[int64][]imednet.Query{}, report: CheckReport{Reasons: map[string]int64{}}}
	for _, q := range queries {
		if id, ok := q.RecordID.Get(); ok {
			run.queries[id] = append(run.queries[id], q)
		}
	}
	return run
}

// Report returns the counts so far. They are complete once [CheckRun.Breaches] has ended.
func (run *CheckRun) Report() CheckReport { return run.report }

// Breaches yields every rule that fires on a record, in the order of the records and of the export.
// An error is yielded once, as the last element.
func (run *CheckRun) Breaches() iter.Seq2[Breach, error] {
	return func(yield func(Breach, error) bool) {
		if err := run.check(); err != nil {
			yield(Breach{}, err)
			return
		}
		run.report.Outside = run.joined.rulesOutside(run.checker)
		for r, err := range run.records {
			if err == nil {
				err = context.Cause(run.ctx)
			}
			if err != nil {
				yield(Breach{}, failed("check", "", err))
				return
			}
			for _, b := range run.record(&r) {
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

func (run *CheckRun) check() error {
	const function = "dictionary.Checker.Study"
	if err := errors.Join(argument.Required(function, "joined", run.joined), argument.Required(function, "records", run.records)); err != nil {
		return err
	}
	if err := run.checker.dictionary.knows(RulesFile); err != nil {
		return failed("check", "", err)
	}
	return nil
}

func (run *CheckRun) record(r *imednet.Record) []Breach {
	if r.IsDeleted() {
		run.report.Deleted++
		return nil
	}
	form, ok := run.joined.Form(r)
	if !ok {
		run.report.Other++
		return nil
	}
	run.report.Records++
	var found []Breach
	for _, o := range run.checker.check(form, r, run.joined.answersOf(form, r)) {
		run.report.Evaluated++
		if !run.joined.inUse(form) {
			o.Acts, o.Why = imednet.Unknown, "the study has disabled its form"
		}
		switch o.Acts {
		case imednet.No:
			run.report.Quiet++
		case imednet.Unknown:
			run.report.Undecided++
			run.report.Reasons[o.RuleID+": "+o.Why]++
		default:
			run.report.Acting++
			found = append(found, run.breach(form, r, o))
		}
	}
	return found
}

func (run *CheckRun) breach(form *Form, r *imednet.Record, o Outcome) Breach {
	b := Breach{RecordID: r.RecordID, SubjectID: r.SubjectID.Or(0), SiteID: r.SiteID.Or(0), Outcome: o, QueryIDs: []int64{}}
	names := run.joined.names[form]
	for _, q := range run.queries[r.RecordID] {
		about := func(name string) bool { return names.Same(name, q.Variable.Or("")) }
		if slices.ContainsFunc(o.Queries, about) || slices.ContainsFunc(o.Reports, about) {
			b.QueryIDs = append(b.QueryIDs, q.AnnotationID)
		}
	}
	b.Unqueried = len(o.Queries) > 0 && len(b.QueryIDs) == 0
	if b.Unqueried {
		run.report.Unqueried++
	}
	return b
}
