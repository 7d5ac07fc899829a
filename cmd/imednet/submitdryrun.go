package main

import (
	"context"
	"encoding/json"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// dryRunRecords checks records and prints what would be sent. It needs no journal, and leaves none behind.
func (a *app) dryRunRecords(ctx context.Context, study string, in *input, opts submissions.Options) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	update, err := submissions.NewRecordUpdate(client)
	if err != nil {
		return err
	}
	batches, err := update.DryRun(ctx, study, in.items, opts)
	return a.printDryRun(batches, in.placed(err))
}

// dryRunRegister does so with registrations.
func (a *app) dryRunRegister(ctx context.Context, study string, in *input, opts submissions.Options) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	register, err := submissions.NewRegisterSubjects(client)
	if err != nil {
		return err
	}
	batches, err := register.DryRun(ctx, study, in.items, opts)
	return a.printDryRun(batches, in.placed(err))
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
