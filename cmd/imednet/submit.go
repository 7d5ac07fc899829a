package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

func newSubmit(a *app) *cobra.Command {
	cmd := parent("submit", "Send records to a study", newSubmitRecords(a), newSubmitRegister(a), newSubmitResume(a), newSubmitDiscard(a))
	cmd.GroupID = groupData
	return cmd
}

// submitOptions are what every submission needs.
type submitOptions struct {
	journal string
	dryRun  bool
	update  submissions.Options
}

func (o *submitOptions) flags(cmd *cobra.Command) *cobra.Command {
	journalFlag(cmd, &o.journal)
	cmd.Flags().BoolVar(&o.update.Wait, "wait", false, "wait until the server has worked the records off")
	cmd.Flags().DurationVar(&o.update.Poll.Interval, "interval", imednet.DefaultPollInterval, "pause before a job is asked again; it grows")
	cmd.Flags().DurationVar(&o.update.Poll.Timeout, "timeout", imednet.DefaultPollTimeout, "how long to wait for a job")
	cmd.Annotations = map[string]string{afterInterrupt: afterSubmit}
	return cmd
}

func journalFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "journal", "", "the write journal's `file` (default ~/.imednet/submissions.sqlite3)")
}

// withJournal runs do with a client and the write journal, so that a crash loses track of nothing.
func (a *app) withJournal(ctx context.Context, path string, do func(*rest.Client, *sqlitejournal.Journal) error) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	kept, err := sqlitejournal.Open(ctx, cmp.Or(path, a.settings.Journal))
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
			return a.withJournal(cmd.Context(), o.journal, func(client *rest.Client, kept *sqlitejournal.Journal) error {
				update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(kept))
				if err != nil {
					return err
				}
				if o.dryRun {
					return a.printDryRun(update.DryRun(cmd.Context(), args[0], items, o.update))
				}
				batches, err := update.CreateOrUpdateRecords(cmd.Context(), args[0], items, o.update)
				return errors.Join(a.printBatches(batches), asInvalid(err))
			})
		},
	}
	return o.dryRunFlag(o.flags(cmd))
}

func (o *submitOptions) dryRunFlag(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "check everything and print what would be sent")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "wait")
	return cmd
}

// printDryRun prints the batches with their payloads, always as JSON.
func (a *app) printDryRun(batches []submissions.PlannedBatch, err error) error {
	if err != nil {
		return asInvalid(err)
	}
	return a.writeJSON(dryRunJSON(batches))
}

func newSubmitRegister(a *app) *cobra.Command {
	var o submitOptions
	cmd := &cobra.Command{
		Use:   "register STUDY FILE",
		Short: "Register subjects",
		Long: `Register subjects. FILE is a JSON array of registrations: formKey, siteName and data. The
server assigns the keys, which --wait finds out. Everything is checked before anything
is sent; --dry-run stops there and prints what would be sent.`,
		Example: "  imednet submit register CARDIO subjects.json --dry-run\n  imednet submit register CARDIO subjects.json --wait",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			items, err := readSubmissions(args[1])
			if err != nil {
				return err
			}
			return a.withJournal(cmd.Context(), o.journal, func(client *rest.Client, kept *sqlitejournal.Journal) error {
				register, err := submissions.NewRegisterSubjects(client, submissions.WithJournal(kept))
				if err != nil {
					return err
				}
				if o.dryRun {
					return a.printDryRun(register.DryRun(cmd.Context(), args[0], items, o.update))
				}
				done, err := register.RegisterSubjects(cmd.Context(), args[0], items, o.update)
				return errors.Join(a.printRegistration(done), asInvalid(err))
			})
		},
	}
	return o.dryRunFlag(o.flags(cmd))
}
