package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

func newSubmitResume(a *app) *cobra.Command {
	var o submitOptions
	var resend bool
	cmd := &cobra.Command{
		Use:   "resume STUDY",
		Short: "Find out what became of submissions that were cut short",
		Long: `Find out what became of submissions that were cut short by a crash, an interrupt or a
lost answer. Nothing is sent, unless --resend sends those that the server certainly does
not hold. Exit code 6 while the outcome of one is unknown.`,
		Example: "  imednet submit resume CARDIO\n  imednet submit resume CARDIO --resend --wait",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withJournal(cmd.Context(), o.journal, func(client *rest.Client, kept *sqlitejournal.Journal) error {
				update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(kept))
				if err != nil {
					return err
				}
				return a.resume(cmd.Context(), update, args[0], resend, o.update)
			})
		},
	}
	cmd.Flags().BoolVar(&resend, "resend", false, "send what the server certainly does not hold")
	return o.flags(cmd)
}

func (a *app) resume(ctx context.Context, update *submissions.RecordUpdate, study string, resend bool, o submissions.Options) error {
	recovered, failed := update.Resume(ctx, study, o)
	found := []recoveredJSON{}
	unknown := 0
	for _, r := range recovered {
		out := newRecoveredJSON(r)
		if r.Outcome == submissions.OutcomeUnknown {
			unknown++
		}
		if resend && r.Outcome == submissions.OutcomeAbsent {
			batch, err := update.Resend(ctx, r, o)
			out.Resent, out.BatchID = err == nil, batch.Job.BatchID.Or("")
			failed = errors.Join(failed, asInvalid(err))
		}
		found = append(found, out)
	}
	err := errors.Join(failed, a.printRecovered(found))
	if err == nil && unknown > 0 {
		return &invalidError{"the outcome of a submission is unknown; look at the study, or ask again later"}
	}
	return err
}

func newSubmitDiscard(a *app) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "discard STUDY JOURNAL",
		Short: "Close a submission that somebody has dealt with by hand",
		Long: `Close a submission that somebody has dealt with by hand, so that resume asks no more
about it. JOURNAL is what resume shows under this title. Nothing is erased or sent.`,
		Example: "  imednet submit discard CARDIO 0197…",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withJournal(cmd.Context(), path, func(client *rest.Client, kept *sqlitejournal.Journal) error {
				update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(kept))
				if err != nil {
					return err
				}
				return a.discard(cmd.Context(), update, kept, args[0], args[1])
			})
		},
	}
	journalFlag(cmd, &path)
	return cmd
}

func (a *app) discard(ctx context.Context, update *submissions.RecordUpdate, kept *sqlitejournal.Journal, study, id string) error {
	entry, err := kept.Entry(ctx, id)
	if err != nil {
		return err
	}
	if entry.StudyKey != study {
		return fmt.Errorf("the journal has no such submission of study %s: %w", study, errNotFound)
	}
	if err := update.Discard(ctx, entry); err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(map[string]any{"journalId": id, "studyKey": study, "records": entry.Items, "closed": true})
	}
	return a.printf("Closed the submission %s of %d records. Nothing was sent.\n", id, entry.Items)
}
