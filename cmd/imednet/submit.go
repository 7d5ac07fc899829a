package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/journal"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows"
	"github.com/spf13/cobra"
)

func newSubmit(a *app) *cobra.Command {
	cmd := parent("submit", "Send records to a study", newSubmitRecords(a), newSubmitRegister(a), newSubmitResume(a))
	cmd.GroupID = groupData
	return cmd
}

// submitOptions are what every submission needs.
type submitOptions struct {
	journal string
	dryRun  bool
	update  workflows.UpdateOptions
}

func (o *submitOptions) flags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&o.journal, "journal", "", "the write journal's `file` (default ~/.imednet/submissions.sqlite3)")
	cmd.Flags().BoolVar(&o.update.Wait, "wait", false, "wait until the server has worked the records off")
	cmd.Flags().DurationVar(&o.update.Poll.Interval, "interval", workflows.DefaultPollInterval, "pause before a job is asked again; it grows")
	cmd.Flags().DurationVar(&o.update.Poll.Timeout, "timeout", workflows.DefaultPollTimeout, "how long to wait for a job")
	cmd.Annotations = map[string]string{afterInterrupt: "`imednet submit resume STUDY` finds out what the server took; send nothing again before"}
	return cmd
}

// withJournal runs do with a client and the write journal, so that a crash loses track of nothing.
func (a *app) withJournal(ctx context.Context, path string, do func(*rest.Client, *journal.Journal) error) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	kept, err := journal.Open(ctx, cmp.Or(path, a.settings.Journal))
	if err != nil {
		return err
	}
	return errors.Join(do(client, kept), kept.Close())
}

func newSubmitRecords(a *app) *cobra.Command {
	var o submitOptions
	cmd := &cobra.Command{
		Use:   "records STUDY FILE",
		Short: "Create or update records",
		Long: `Create or update records. FILE is a JSON array of records as the API takes them: formKey,
data, and what names the subject, visit or record. Everything is checked before anything
is sent; --dry-run stops there and prints what would be sent. Nothing is ever sent twice.`,
		Example: "  imednet submit records CARDIO new.json --dry-run\n  imednet submit records CARDIO new.json --wait",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			items, err := readSubmissions(args[1])
			if err != nil {
				return err
			}
			return a.withJournal(cmd.Context(), o.journal, func(client *rest.Client, kept *journal.Journal) error {
				update, err := workflows.NewRecordUpdate(client, workflows.WithJournal(kept))
				if err != nil {
					return err
				}
				if o.dryRun {
					return a.dryRun(cmd.Context(), update, args[0], items, o.update)
				}
				batches, err := update.CreateOrUpdateRecords(cmd.Context(), args[0], items, o.update)
				return errors.Join(a.printBatches(batches), asInvalid(err))
			})
		},
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "check everything and print what would be sent")
	return o.flags(cmd)
}

// dryRun prints the payloads: the batches as a JSON array each.
func (a *app) dryRun(ctx context.Context, update *workflows.RecordUpdate, study string, items []imednet.Submission, o workflows.UpdateOptions) error {
	batches, err := update.DryRun(ctx, study, items, o)
	if err != nil {
		return err
	}
	return a.writeJSON(dryRunJSON(batches))
}

func newSubmitRegister(a *app) *cobra.Command {
	var o submitOptions
	cmd := &cobra.Command{
		Use:   "register STUDY FILE",
		Short: "Register subjects",
		Long: `Register subjects. FILE is a JSON array of registrations: formKey, siteName and data. The
server assigns the keys, which --wait finds out.`,
		Example: "  imednet submit register CARDIO subjects.json --wait",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			items, err := readSubmissions(args[1])
			if err != nil {
				return err
			}
			return a.withJournal(cmd.Context(), o.journal, func(client *rest.Client, kept *journal.Journal) error {
				register, err := workflows.NewRegisterSubjects(client, workflows.WithJournal(kept))
				if err != nil {
					return err
				}
				done, err := register.RegisterSubjects(cmd.Context(), args[0], items, o.update)
				return errors.Join(a.printRegistration(done), asInvalid(err))
			})
		},
	}
	return o.flags(cmd)
}

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
			return a.withJournal(cmd.Context(), o.journal, func(client *rest.Client, kept *journal.Journal) error {
				update, err := workflows.NewRecordUpdate(client, workflows.WithJournal(kept))
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

func (a *app) resume(ctx context.Context, update *workflows.RecordUpdate, study string, resend bool, o workflows.UpdateOptions) error {
	recovered, failed := update.Resume(ctx, study, o)
	found := []recoveredJSON{}
	unknown := 0
	for _, r := range recovered {
		out := newRecoveredJSON(r)
		if r.Outcome == workflows.OutcomeUnknown {
			unknown++
		}
		if resend && r.Outcome == workflows.OutcomeAbsent {
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
