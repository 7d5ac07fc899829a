package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/plaintext"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// planRecords checks records and says what would be sent. It needs no journal, and leaves none behind.
func (a *app) planRecords(ctx context.Context, study string, items []imednet.Submission, opts submissions.Options) ([]submissions.PlannedBatch, error) {
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	update, err := submissions.NewRecordUpdate(client)
	if err != nil {
		return nil, err
	}
	return update.DryRun(ctx, study, items, opts)
}

// planRegister does so with registrations.
func (a *app) planRegister(ctx context.Context, study string, items []imednet.Submission, opts submissions.Options) ([]submissions.PlannedBatch, error) {
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	register, err := submissions.NewRegisterSubjects(client)
	if err != nil {
		return nil, err
	}
	return register.DryRun(ctx, study, items, opts)
}

// planner checks what is to be submitted, and sends nothing.
type planner func(ctx context.Context, study string, items []imednet.Submission, opts submissions.Options) ([]submissions.PlannedBatch, error)

// check holds records against an export. Of those that are wrong, and in a dry run, it also finds out what else is wrong, and is done: what
// one check finds hides nothing of the other.
func (o *submitOptions) check(ctx context.Context, a *app, study string, in *input, plan planner) (done bool, err error) {
	wrong, err := a.checkByDictionary(ctx, o.dictionary, study, in)
	if err != nil || !o.dryRun && len(wrong) == 0 {
		return err != nil, err
	}
	batches, err := plan(ctx, study, in.items, o.update)
	if len(wrong) > 0 {
		return true, withProblems(in.placed(err), wrong)
	}
	return true, a.printDryRun(batches, in.placed(err))
}

// withProblems is an error with more problems of records, by record.
func withProblems(err error, more []submissions.RecordProblem) error {
	problems, ofRecords := problemsOf(err)
	all := &submissions.InvalidRecordsError{Problems: append(problems, more...)}
	slices.SortStableFunc(all.Problems, func(a, b submissions.RecordProblem) int { return cmp.Compare(a.Index, b.Index) })
	if err == nil || ofRecords {
		return all
	}
	return errors.Join(all, err)
}

// problemsOf are the problems of records that an error lists, if it lists any.
func problemsOf(err error) (problems []submissions.RecordProblem, ofRecords bool) {
	var invalid *submissions.InvalidRecordsError
	var site *submissions.SiteError
	switch {
	case errors.As(err, &invalid):
		return invalid.Problems, true
	case errors.As(err, &site):
		return site.Problems, true
	}
	return nil, false
}

// problemJSON is one thing wrong with one record of what was to be submitted.
type problemJSON struct {
	Item     int    `json:"item"` // from 1
	Line     int    `json:"line,omitempty"`
	FormKey  string `json:"formKey,omitempty"`
	Variable string `json:"variable,omitempty"`
	Place    string `json:"place,omitempty"` // of a name that the study does not have
	Reason   string `json:"reason"`
}

func newProblemsJSON(err error) (all []problemJSON) {
	problems, _ := problemsOf(err)
	for _, p := range problems {
		all = append(all, problemJSON{p.Index + 1, p.Line, p.FormKey, p.Variable, p.Place, withoutKeys(plaintext.Lines(p.Reason))})
	}
	return all
}

// dryRunBatchJSON is one POST that was not sent.
type dryRunBatchJSON struct {
	First   int                      `json:"first"` // item, from 1
	Count   int                      `json:"count"`
	Kinds   []imednet.SubmissionKind `json:"kinds"` // of the records, in order: what the server would do
	Payload json.RawMessage          `json:"payload"`
}

// printDryRun prints the batches with their payloads, always as JSON.
func (a *app) printDryRun(batches []submissions.PlannedBatch, err error) error {
	if err != nil {
		return asInvalid(err)
	}
	out := []dryRunBatchJSON{}
	for _, b := range batches {
		out = append(out, dryRunBatchJSON{b.First + 1, b.Count, b.Kinds, b.Payload})
	}
	return a.writeJSON(out)
}
