package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

func newSubmitResume(a *app) *cobra.Command {
	var o submitOptions
	var resend bool
	cmd := &cobra.Command{
		Use:   "resume STUDY",
		Short: "Determine the outcome of everything that is open",
		Long: `Determine the outcome of everything that is open: submissions interrupted by a crash, a
signal or a lost response, and records that were accepted but not followed up, refused or
absent. Each record is settled by comparing it, value by value, with what has since been
saved in the study, and by the results of jobs. A record that is not found counts as
absent only after a second search, --settle-delay later. Nothing is sent, except that
--resend sends what is absent. A submission that another process is sending is only
examined. --wait waits for it, for jobs, and for records that were sent without a
response, for at most --timeout. The exit code is 6 if a record was refused or is absent,
or if it is not known whether it is stored; it is 5 if another process is sending.`,
		Example: "  imednet submit resume CARDIO\n  imednet submit resume CARDIO --resend --wait",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withRecordUpdate(cmd.Context(), o.journalOptions, func(update *submissions.RecordUpdate) error {
				return a.resume(cmd.Context(), update, args[0], "", resend, o)
			}, sqlitejournal.WithoutCreating())
		},
	}
	cmd.Flags().BoolVar(&resend, "resend", false, "send absent records, byte for byte as they were prepared")
	return o.waitFlags(cmd)
}

func newSubmitSettle(a *app) *cobra.Command {
	var o submitOptions
	cmd := &cobra.Command{
		Use:     "settle STUDY SUBMISSION",
		Short:   "Determine the outcome of one submission",
		Long:    "Determine the outcome of one submission, as `imednet submit resume` does for all. Nothing\nis sent.",
		Example: "  imednet submit settle CARDIO 0197… --wait",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUpdateOf(cmd.Context(), o.journalOptions, args, func(update *submissions.RecordUpdate, _ []submissions.Item) error {
				return a.resume(cmd.Context(), update, args[0], args[1], false, o)
			})
		},
	}
	return o.waitFlags(cmd)
}

// resume settles what is open and prints it; with resend it then sends what is absent.
func (a *app) resume(ctx context.Context, update *submissions.RecordUpdate, study, id string, resend bool, o submitOptions) error {
	resumed, err := update.Resume(ctx, study, submissions.ResumeOptions{SubmissionID: id, Wait: o.update.Wait, Poll: o.update.Poll})
	if resend {
		err = errors.Join(causeOf(err), a.resendAbsent(ctx, update, study, resumed, o))
	}
	return errors.Join(notReportedOf(a.printAllResumed(resumed, err, o), study, resumed, o), err)
}

func (a *app) printAllResumed(resumed []submissions.Resumed, err error, o submitOptions) error {
	if a.json {
		out := []receiptJSON{}
		for _, r := range resumed {
			out = append(out, newReceiptJSON(r.Receipt, a.words))
		}
		return a.writeJSON(out)
	}
	if len(resumed) == 0 && err == nil {
		return a.printf("No open submissions.\n")
	}
	for _, r := range resumed {
		if failed := a.printResumed(r, o); failed != nil {
			return failed
		}
	}
	return nil
}

// causeOf takes from an error what is not about the state of records, which --resend changes.
func causeOf(err error) error {
	var incomplete *submissions.IncompleteError
	if errors.As(err, &incomplete) {
		return incomplete.Err
	}
	return err
}

// resendAbsent sends what was found absent and replaces what is known of it.
func (a *app) resendAbsent(ctx context.Context, update *submissions.RecordUpdate, study string, resumed []submissions.Resumed, o submitOptions) (failed error) {
	for i := range resumed {
		r := &resumed[i]
		if indexes := openIn(r.Items, submissions.Absent); r.Lease == nil && len(indexes) > 0 {
			receipt, err := update.Resend(ctx, study, r.SubmissionID, indexes, o.update)
			if len(receipt.Items) > 0 {
				r.Receipt = receipt
			}
			failed = errors.Join(failed, err)
			continue
		}
		failed = errors.Join(failed, r.Incomplete(o.update.Wait))
	}
	return failed
}

// openIn returns the places of the items in one of the states that are not closed.
func openIn(items []submissions.Item, states ...submissions.State) []int {
	var out []int
	for i := range items {
		if !items[i].Closed && slices.Contains(states, items[i].State) {
			out = append(out, i)
		}
	}
	return out
}

// printResumed prints one submission and those of its records that are not as they should be.
func (a *app) printResumed(r submissions.Resumed, o submitOptions) error {
	text := r.String()
	if r.Lease != nil {
		text += "; being sent by " + r.Lease.Holder
	}
	if err := a.printf("%s\n", printable(text)); err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(r.Items), func(i submissions.Item) bool {
		return i.Closed || i.State == submissions.Standing || i.State == submissions.Accepted && !o.update.Wait
	})
	return a.printItems(left)
}

func newSubmitResend(a *app) *cobra.Command {
	var o submitOptions
	var items []int
	var refused bool
	cmd := &cobra.Command{
		Use:   "resend STUDY SUBMISSION",
		Short: "Send the absent records of a submission",
		Long: `Send the absent records of a submission, byte for byte as they were prepared, and with
--refused also those that the server refused, for example because the subject did not exist
yet. The job and the study are checked once more first: what is stored by now is not sent.
Records of which it is not known whether they are stored are never sent.`,
		Example: "  imednet submit resend CARDIO 0197… --wait\n  imednet submit resend CARDIO 0197… --item 3 --refused",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withUpdateOf(cmd.Context(), o.journalOptions, args, func(update *submissions.RecordUpdate, known []submissions.Item) error {
				states := []submissions.State{submissions.Absent}
				if refused {
					states = append(states, submissions.Refused)
				}
				indexes := openIn(known, states...)
				if len(items) > 0 {
					indexes = chosenItems(items)
				}
				if len(indexes) == 0 {
					return noneOf(args, "no open record of the submission is "+anyOf(states))
				}
				receipt, err := update.Resend(cmd.Context(), args[0], args[1], indexes, o.update)
				return a.printReceipt(receipt, err, o)
			})
		},
	}
	cmd.Flags().IntSliceVar(&items, "item", nil, "only these records, each by its `number` in the table of submit show")
	cmd.Flags().BoolVar(&refused, "refused", false, "also records that the server refused")
	return o.waitFlags(cmd)
}

// noneOf is the error of a command that finds no record of a submission that it could do something with.
func noneOf(args []string, text string) error {
	return &imednet.Error{Package: "submissions", StudyKey: args[0], Err: &invalidError{text}, Hint: fmt.Sprintf("`imednet submit show %s %s` shows what is known about it", args[0], args[1])}
}

// anyOf names states as alternatives.
func anyOf(states []submissions.State) string {
	var names []string
	for _, s := range states {
		names = append(names, string(s))
	}
	return strings.Join(names, " or ")
}

// chosenItems turns numbers of items into places.
func chosenItems(items []int) []int {
	out := make([]int, len(items))
	for i, n := range items {
		out[i] = n - 1
	}
	return out
}

// withUpdateOf runs do with the workflow and the records of a submission.
func (a *app) withUpdateOf(ctx context.Context, o journalOptions, args []string, do func(*submissions.RecordUpdate, []submissions.Item) error) error {
	return a.withJournal(ctx, o.path, func(kept submissions.Journal) error {
		items, err := kept.Items(ctx, submissions.Query{StudyKey: args[0], SubmissionID: args[1]})
		if err == nil && len(items) == 0 {
			err = noSubmission(args[0])
		}
		if err != nil {
			return err
		}
		return a.withRecordUpdate(ctx, o, func(update *submissions.RecordUpdate) error { return do(update, items) }, sqlitejournal.WithoutCreating())
	}, sqlitejournal.ReadOnly())
}

func newSubmitDiscard(a *app) *cobra.Command {
	var o submitOptions
	var items []int
	var only queryOptions
	var reason string
	cmd := &cobra.Command{
		Use:   "discard STUDY SUBMISSION",
		Short: "Close records that have been dealt with by hand",
		Long: `Close records that have been dealt with by hand, so that resume no longer examines them:
all open ones of a submission, or those that --item or --state names. Nothing is erased or
sent. Records that were sent, or may have been, continue to protect against being sent again.`,
		Example: "  imednet submit discard CARDIO 0197… --reason 'entered by hand'\n  imednet submit discard CARDIO 0197… --state unknown --reason 'not stored'",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := only.query()
			if err != nil {
				return err
			}
			return a.withUpdateOf(cmd.Context(), o.journalOptions, args, func(update *submissions.RecordUpdate, known []submissions.Item) error {
				var indexes []int
				switch {
				case len(items) > 0:
					indexes = chosenItems(items)
				case len(q.States) > 0:
					if indexes = openIn(known, q.States...); len(indexes) == 0 {
						return noneOf(args, "no open record of the submission is "+anyOf(q.States))
					}
				}
				receipt, err := update.Discard(cmd.Context(), args[0], args[1], indexes, reason)
				if err != nil {
					return err
				}
				if a.json {
					return notReported(a.writeJSON(newReceiptJSON(receipt, a.words)), receipt, o)
				}
				return notReported(a.printf("%s; nothing was sent\n", printable(receipt.String())), receipt, o)
			})
		},
	}
	cmd.Flags().IntSliceVar(&items, "item", nil, "only these records, each by its `number` in the table of submit show")
	only.stateFlag(cmd)
	cmd.MarkFlagsMutuallyExclusive("item", "state")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the journal")
	required(cmd, "reason")
	return o.flags(cmd)
}

func newSubmitVerify(a *app) *cobra.Command {
	var o journalOptions
	var head string
	var keys []string
	var heads keptOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify that the journal holds what was written to it",
		Long: `Verify that the journal holds what was written to it: every event follows the one before,
and every record agrees with its history, byte for byte. Keep the head that is printed in
another place: given with --head, it proves that nothing has been cut off or replaced since
then. --heads does so with all signed heads that imednet heads or a worker wrote to a
directory. The exit code is 6 if anything is wrong.`,
		Example: "  imednet submit verify\n  imednet submit verify --head \"$(cat journal.head)\"\n  imednet submit verify --heads /mnt/heads --public-key heads.pub",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			signers, err := publicKeys(keys)
			if err != nil {
				return err
			}
			elsewhere, err := a.keptOf(cmd.Context(), heads, kindSubmissions, o.path, a.settings.Journal, signers)
			if err != nil {
				return err
			}
			return a.withJournal(cmd.Context(), o.path, func(kept submissions.Journal) error {
				v, err := verifyJournal(cmd.Context(), kept, head, elsewhere.of)
				if err != nil && v.Faults == 0 {
					return err
				}
				if err != nil {
					err = &journalFaults{err}
				}
				err = elsewhere.fault(err)
				return errors.Join(a.printJournalCheck(err == nil, v, elsewhere.report(v.Problems)), err)
			}, sqlitejournal.ReadOnly())
		},
	}
	cmd.Flags().StringArrayVar(&keys, "public-key", nil, "`file` with the public key of whose heads count; repeatable")
	heads.flags(cmd)
	cmd.Flags().StringVar(&head, "head", "", "the head that an earlier run printed")
	return o.pathFlag(cmd)
}

// verifyJournal demands the kept heads, if there are any.
func verifyJournal(ctx context.Context, journal submissions.Journal, head string, kept []imednet.KeptHead) (submissions.Verification, error) {
	if len(kept) == 0 {
		return journal.Verify(ctx, head)
	}
	verifier, ok := journal.(submissions.HeadVerifier)
	if !ok {
		return submissions.Verification{}, errors.ErrUnsupported
	}
	return verifier.VerifyHeads(ctx, head, kept)
}

func (a *app) printJournalCheck(ok bool, v submissions.Verification, kept *headsJSON) error {
	if a.json {
		problems := []map[string]string{}
		for _, p := range v.Problems {
			problems = append(problems, map[string]string{"path": p.Path, "message": p.Message})
		}
		return a.writeJSON(kept.add(map[string]any{"ok": ok, "events": v.Events, "records": v.Items, "head": onlyIf(ok, v.Head), "faults": v.Faults, "backdated": v.Backdated, "problems": problems}))
	}
	if kept != nil {
		v.Problems = slices.DeleteFunc(v.Problems, func(p imednet.Problem) bool { return strings.HasPrefix(p.Path, "heads/") }) // the report has them
	}
	return a.printVerified(ok, verified{counts: v, faults: v.Faults, problems: v.Problems, heads: []string{v.Head}}, kept)
}
