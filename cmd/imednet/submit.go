package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

func newSubmit(a *app) *cobra.Command {
	cmd := parent("submit", "Send records to a study and determine their outcome",
		newSubmitRecords(a), newSubmitRegister(a), newSubmitList(a), newSubmitShow(a), newSubmitResume(a), newSubmitSettle(a),
		newSubmitResend(a), newSubmitDiscard(a), newSubmitVerify(a), newSubmitExport(a))
	cmd.GroupID = groupData
	return cmd
}

// journalOptions say which journal, and who acts.
type journalOptions struct {
	path, author string
	settleDelay  time.Duration
}

func (o *journalOptions) pathFlag(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&o.path, "journal", "", "the journal's `file` (default ~/.imednet/submissions.sqlite3)")
	return cmd
}

func (o *journalOptions) flags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&o.author, "author", "", "who submits, for the journal (default: the user of this computer)")
	return o.pathFlag(cmd)
}

// submitOptions are what every submission needs.
type submitOptions struct {
	journalOptions
	dryRun     bool
	dictionary givenDictionary
	update     submissions.Options
}

func (o *submitOptions) waitFlags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&o.update.Wait, "wait", false, "wait until the server has processed the records, and determine which are stored")
	cmd.Flags().DurationVar(&o.update.Poll.Interval, "interval", imednet.DefaultPollInterval, "pause before the second poll of a job; later ones are longer")
	cmd.Flags().DurationVar(&o.update.Poll.Timeout, "timeout", imednet.DefaultPollTimeout, "how long to wait for a job, or for another process")
	cmd.Flags().DurationVar(&o.settleDelay, "settle-delay", submissions.DefaultSettleDelay, "how far the server's listings may lag behind the end of a job")
	cmd.Annotations = map[string]string{afterInterrupt: afterSubmit}
	return o.flags(cmd)
}

func (o *submitOptions) newFlags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&o.update.AllowRepeat, "again", false, "send records a second time that were submitted before")
	cmd.Flags().DurationVar(&o.update.Window, "window", submissions.DefaultWindow, "how long an earlier record with the same content prevents a second one; 0 is not at all")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "check everything and print what would be sent")
	o.dictionary.flags(cmd, "also check choices, lengths, dates and required answers by the study's design export")
	o.waitFlags(cmd)
	cmd.MarkFlagsMutuallyExclusive("dry-run", "wait")
	cmd.PreRunE = func(*cobra.Command, []string) error { return o.checkWindow() }
	return cmd
}

// checkWindow lets no time at all be what it says; the library takes it for the default.
func (o *submitOptions) checkWindow() error {
	switch {
	case o.update.Window < 0:
		return usagef("--window is negative; 0 lets no earlier record with the same content prevent a second one")
	case o.update.Window == 0:
		o.update.Window = -1
	}
	return nil
}

// withUpdate runs do with a client and what every workflow of submissions is told.
func (a *app) withUpdate(ctx context.Context, o journalOptions, do func(*rest.Client, []submissions.Option) error, journal ...sqlitejournal.Option) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	who, err := a.acting(ctx, o.author)
	if err != nil && a.policy == nil {
		return usagef("the user of this computer is unknown; name the submitter with --author")
	}
	if err != nil {
		return err
	}
	return a.withJournal(ctx, o.path, func(kept submissions.Journal) error {
		return do(client, []submissions.Option{submissions.WithJournal(kept, authorOf(who)), submissions.WithHolder(holderOf(who.ID)), submissions.WithSettleDelay(o.settleDelay)})
	}, journal...)
}

// withRecordUpdate runs do with the workflow.
func (a *app) withRecordUpdate(ctx context.Context, o journalOptions, do func(*submissions.RecordUpdate) error, journal ...sqlitejournal.Option) error {
	return a.withUpdate(ctx, o, func(client *rest.Client, opts []submissions.Option) error {
		update, err := submissions.NewRecordUpdate(client, opts...)
		if err != nil {
			return err
		}
		return do(update)
	}, journal...)
}

// authorOf is how the journal names who submits: with the word of what identified them, or as claimed.
func authorOf(who imednet.Identity) string {
	return who.ID + " (" + cmp.Or(who.Authenticated, "claimed") + ")"
}

// holderOf names this process for those who wait for it.
func holderOf(author string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "this computer"
	}
	return fmt.Sprintf("%s on %s, process %d", author, host, os.Getpid())
}

func newSubmitRecords(a *app) *cobra.Command {
	var o submitOptions
	cmd := &cobra.Command{
		Use:   "records STUDY FILE",
		Short: "Create or update records",
		Long: `Create or update records. FILE is a JSON array of records in the format of the API: formKey,
data, and the members that name the subject, visit or record. With a visit the record of
that visit is updated, without one a new record is created; a blank visit is refused. The
member intentKey may name an intent that is to be carried out once; the member kind may
state the kind of write. Everything is checked before anything is sent; --dry-run stops
there and prints what would be sent. With --dictionary, answers that are not choices, are
too long, partial or in the future where the study does not take that, or are blank although
Hard is required, are refused too; what the study would only query is a warning. Records that were submitted before are refused, unless
--again states that a second one is intended. While another process is sending the same
records, --wait waits for it and then shows what it has stored (exit code 5). The exit code
is 0 only if every record is stored or, without --wait, was accepted; it is 6 if one was
refused or is absent.`,
		Example: "  imednet submit records CARDIO new.json --dry-run\n  imednet submit records CARDIO new.json --wait",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := readSubmissions(args[1])
			if err != nil {
				return err
			}
			o.update.Source = args[1]
			if done, err := o.check(cmd.Context(), a, args[0], in, a.planRecords); done {
				return err
			}
			return a.withRecordUpdate(cmd.Context(), o.journalOptions, func(update *submissions.RecordUpdate) error {
				receipt, err := update.CreateOrUpdateRecords(cmd.Context(), args[0], in.items, o.update)
				return a.printReceipt(receipt, in.placed(err), o)
			})
		},
	}
	return o.newFlags(cmd)
}

func newSubmitRegister(a *app) *cobra.Command {
	var o submitOptions
	cmd := &cobra.Command{
		Use:   "register STUDY FILE",
		Short: "Register subjects",
		Long: `Register subjects. FILE is a JSON array of registrations: formKey, siteName and data. The
server assigns the keys, which --wait determines. Everything is checked before anything
is sent; --dry-run stops there and prints what would be sent. Registrations that were
submitted before are refused, unless --again states that a second one is intended. The exit
codes are those of ` + "`imednet submit records`.",
		Example: "  imednet submit register CARDIO subjects.json --dry-run\n  imednet submit register CARDIO subjects.json --wait",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := readSubmissions(args[1])
			if err != nil {
				return err
			}
			o.update.Source = args[1]
			if done, err := o.check(cmd.Context(), a, args[0], in, a.planRegister); done {
				return err
			}
			return a.withUpdate(cmd.Context(), o.journalOptions, func(client *rest.Client, opts []submissions.Option) error {
				register, err := submissions.NewRegisterSubjects(client, opts...)
				if err != nil {
					return err
				}
				done, err := register.RegisterSubjects(cmd.Context(), args[0], in.items, o.update)
				return a.printRegistration(done, in.placed(err), o)
			})
		},
	}
	return o.newFlags(cmd)
}
