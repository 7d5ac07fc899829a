package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/triage"
)

func newTriage(a *app) *cobra.Command {
	cmd := parent("triage", "Review findings", newTriageReport(a), newTriageQueue(a), newTriageShow(a), newTriageClaim(a),
		newTriageRelease(a), newTriageAssign(a), newTriageStatus(a), newTriageAnnotate(a), newTriageLog(a), newTriageVerify(a),
		newTriageConfirm(a), newTriageSign(a), newTriageImport(a), newTriageExport(a))
	cmd.GroupID = groupState
	return cmd
}

func triageFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "store", "", "the review queue's `file` (default ~/.imednet/triage.sqlite3)")
}

func orderFlag(cmd *cobra.Command, order *triage.Order) {
	cmd.Flags().StringVar((*string)(order), "order", string(triage.OrderUpdated), "updated, age, severity or due")
	choices(cmd, "order", string(triage.OrderUpdated), string(triage.OrderAge), string(triage.OrderSeverity), string(triage.OrderDue))
}

// withTriage runs do over the review queue, which must exist.
func (a *app) withTriage(ctx context.Context, path string, do func(*triage.TriageStore) error, o ...triage.Option) error {
	if err := a.mustExist(ctx, path, cmp.Or(path, a.settings.Triage), "triage", "`imednet triage report STUDY FILE` creates the review queue"); err != nil {
		return err
	}
	store, err := a.openTriage(ctx, path, o...)
	if err != nil {
		return err
	}
	return errors.Join(do(store), store.Close())
}

func (a *app) openTriage(ctx context.Context, path string, o ...triage.Option) (*triage.TriageStore, error) {
	if !a.inDatabase(path) {
		return triage.NewTriageStore(ctx, cmp.Or(path, a.settings.Triage), o...)
	}
	db, err := a.database(ctx)
	if err != nil {
		return nil, err
	}
	return db.Triage(ctx, o...)
}

func newTriageQueue(a *app) *cobra.Command {
	var path string
	var statuses []string
	var o triage.QueueOptions
	var shown listOptions
	cmd := &cobra.Command{
		Use:     "queue STUDY",
		Short:   "List the items to review",
		Example: "  imednet triage queue CARDIO --status NEW,UNDER_REVIEW --order severity\n  imednet triage queue CARDIO --assignee anna --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.StudyKey = args[0]
			if o.Unconfirmed && len(statuses) == 0 {
				o.Statuses = []triage.Status{triage.StatusResolved}
			}
			for _, s := range statuses {
				o.Statuses = append(o.Statuses, triage.Status(strings.ToUpper(s)))
			}
			return a.withTriage(cmd.Context(), path, func(s *triage.TriageStore) error { return a.triageQueue(cmd.Context(), s, o, shown) })
		},
	}
	triageFlag(cmd, &path)
	shown.flags(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&statuses, "status", nil, "NEW, UNDER_REVIEW or RESOLVED")
	choices(cmd, "status", reviewStatuses()...)
	f.StringVar(&o.Severity, "severity", "", "only this severity")
	f.StringVar(&o.Assignee, "assignee", "", "only items of this user")
	f.BoolVar(&o.Unassigned, "unassigned", false, "only unassigned items")
	f.BoolVar(&o.Unconfirmed, "unconfirmed", false, "only resolved items that await a second person")
	orderFlag(cmd, &o.Order)
	cmd.MarkFlagsMutuallyExclusive("assignee", "unassigned")
	return cmd
}

func (a *app) triageQueue(ctx context.Context, store *triage.TriageStore, o triage.QueueOptions, shown listOptions) error {
	items := []triage.Item{}
	for {
		page, err := store.Queue(ctx, o)
		if err != nil {
			return err
		}
		if items = append(items, page.Items...); page.Next == "" {
			break
		}
		o.After = page.Next
	}
	if a.json {
		return a.writeJSON(items)
	}
	of, err := a.whoseInMirror(ctx, o.StudyKey, items)
	if err != nil {
		return err
	}
	n, err := list(a, shown, itemColumns(of), values(items))
	return a.counted(err, shown, n, "items")
}

func itemColumns(of map[int64]placeOfRecord) []column[triage.Item] {
	return []column[triage.Item]{
		{"item", "ITEM", func(i triage.Item) any { return i.ItemID }},
		{"status", "STATUS", func(i triage.Item) any { return string(i.Status) }},
		{"severity", "SEVERITY", func(i triage.Item) any { return i.Severity }},
		{"assignee", "ASSIGNEE", func(i triage.Item) any { return i.Assignee }},
		{"site", "SITE", func(i triage.Item) any { return of[i.Link.RecordID].site }},
		{"subject", "SUBJECT", func(i triage.Item) any { return of[i.Link.RecordID].subject }},
		{"record", "RECORD", func(i triage.Item) any { return orNothing(i.Link.RecordID) }},
		{"summary", "SUMMARY", func(i triage.Item) any { return i.Summary }},
	}
}

func newTriageShow(a *app) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:     "show ITEM",
		Short:   "Show an item with its comments and history",
		Example: "  imednet triage show 4f1c…",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTriage(cmd.Context(), path, func(s *triage.TriageStore) error {
				item, err := s.TriageItem(cmd.Context(), args[0])
				return orFirst(err, a.printItem(item, err))
			})
		},
	}
	triageFlag(cmd, &path)
	return cmd
}

// printItem shows an item unless it could not be had.
func (a *app) printItem(i triage.Item, err error) error {
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(i)
	}
	lines := []string{
		"item      " + i.ItemID, "study     " + i.StudyKey, "status    " + string(i.Status), "severity  " + i.Severity,
		"assignee  " + cmp.Or(i.Assignee, "-"), "version   " + number(i.Version), "updated   " + isoTime(i.UpdatedAt), "summary   " + i.Summary,
	}
	for _, about := range [][2]string{{"record", recordCell(i.Link.RecordID)}, {"form", i.Link.FormKey}, {"variable", i.Link.Variable}, {"rule", i.Link.Rule}} {
		if about[1] != "" {
			lines = append(lines, fmt.Sprintf("%-8s  %s", about[0], about[1]))
		}
	}
	if i.ClaimedBy != "" {
		lines = append(lines, "claimed   by "+i.ClaimedBy+" until "+isoTime(i.ClaimUntil))
	}
	for _, t := range i.History {
		lines = append(lines, isoTime(t.Timestamp)+"  "+t.UserID+"  "+string(t.From)+" → "+string(t.To)+"  "+t.Comment)
	}
	if i.ConfirmedBy != "" {
		lines = append(lines, "confirmed by "+i.ConfirmedBy)
	}
	for _, s := range i.Signatures {
		lines = append(lines, "signed    "+isoTime(s.SignedAt)+"  "+cmp.Or(s.Signer.DisplayName, s.Signer.ID)+"  "+s.Meaning+"  key "+s.KeyID)
	}
	for _, n := range i.Annotations {
		lines = append(lines, isoTime(n.Timestamp)+"  "+n.UserID+"  “"+n.Comment+"”")
	}
	for _, line := range lines {
		if err := a.printf("%s\n", strings.TrimRight(printable(line), " ")); err != nil {
			return err
		}
	}
	return nil
}

// changeOptions are what every change of an item needs.
type changeOptions struct {
	path, user, comment string
	version             int64
}

func (o *changeOptions) flags(cmd *cobra.Command) {
	triageFlag(cmd, &o.path)
	userFlag(cmd, &o.user)
	cmd.Flags().StringVar(&o.comment, "comment", "", "reason, for the log")
	cmd.Flags().Int64Var(&o.version, "version", triage.AnyVersion, "fail if the item no longer has this version `number`; -1 means any version")
}

func newTriageAssign(a *app) *cobra.Command {
	var o changeOptions
	cmd := &cobra.Command{
		Use:     "assign ITEM [USER]",
		Short:   "Assign an item to a user, or unassign it",
		Example: "  imednet triage assign 4f1c… anna --user bert --comment 'knows the site'",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			assignee := strings.Join(args[1:], "")
			return a.withTriage(cmd.Context(), o.path, func(s *triage.TriageStore) error {
				return a.printItem(s.AssignItem(cmd.Context(), triage.Assignment{
					ItemID: args[0], Version: o.version, Assignee: assignee, UserID: o.user, Comment: o.comment}))
			}, a.asReviewer(o.user)...)
		},
	}
	o.flags(cmd)
	return cmd
}

func newTriageStatus(a *app) *cobra.Command {
	var o changeOptions
	cmd := &cobra.Command{
		Use:               "status ITEM STATUS",
		Short:             "Move an item to UNDER_REVIEW or RESOLVED",
		Long:              "Move an item from NEW to UNDER_REVIEW and on to RESOLVED, or reopen it. Resolving and\nreopening require a comment.",
		Example:           "  imednet triage status 4f1c… UNDER_REVIEW --user anna\n  imednet triage status 4f1c… RESOLVED --user anna --version 3 \\\n    --comment 'site confirmed'",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeStatus,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTriage(cmd.Context(), o.path, func(s *triage.TriageStore) error {
				return a.printItem(s.UpdateStatus(cmd.Context(), triage.StatusUpdate{
					ItemID: args[0], Version: o.version, To: triage.Status(strings.ToUpper(args[1])), UserID: o.user, Comment: o.comment}))
			}, a.asReviewer(o.user)...)
		},
	}
	o.flags(cmd)
	return cmd
}

func newTriageAnnotate(a *app) *cobra.Command {
	var path, user string
	cmd := &cobra.Command{
		Use:     "annotate ITEM TEXT",
		Short:   "Add a comment to an item",
		Example: "  imednet triage annotate 4f1c… 'asked the site' --user anna",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTriage(cmd.Context(), path, func(s *triage.TriageStore) error {
				return a.printItem(s.AddAnnotation(cmd.Context(), triage.Comment{ItemID: args[0], UserID: user, Text: args[1]}))
			}, a.asReviewer(user)...)
		},
	}
	triageFlag(cmd, &path)
	userFlag(cmd, &user)
	return cmd
}

func newTriageVerify(a *app) *cobra.Command {
	var path, head string
	var signed signers
	var kept keptOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify that the log of the review queue is intact",
		Long: `Verify that the log of the review queue is intact, and print its head. Store the head
elsewhere: --head then detects that entries were removed from the end. --heads does so
with all signed heads that imednet heads or a worker wrote to a directory. With
--public-key every signature must be by one of these keys, with --signer also in the
name of its holder. The exit code is 6 if the log or a head is not intact.`,
		Example: "  imednet triage verify\n  imednet triage verify --head \"$(cat head.txt)\"\n  imednet triage verify --heads /mnt/heads --heads-public-key heads.pub",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var o triage.VerifyOptions
			if head != "" {
				kept, err := triage.ParseHead(head)
				if err != nil {
					return usagef("--head: %v", err)
				}
				o.Head = &kept
			}
			var err error
			if o.Keys, o.Signers, err = signed.read(); err != nil {
				return err
			}
			elsewhere, err := a.keptOf(cmd.Context(), kept, kindTriage, path, a.settings.Triage, o.Keys)
			if err != nil {
				return err
			}
			o.Kept = elsewhere.of
			return a.withTriage(cmd.Context(), path, func(s *triage.TriageStore) error {
				v, err := s.Verify(cmd.Context(), o)
				if err != nil && !notIntact(err) {
					return err
				}
				err = elsewhere.fault(err)
				return orFirst(err, a.printIntact(err == nil, v, elsewhere.report(v.Problems)))
			}, triage.WithoutCheck())
		},
	}
	triageFlag(cmd, &path)
	cmd.Flags().StringVar(&head, "head", "", "`line` that an earlier run printed")
	signed.flags(cmd)
	kept.flags(cmd)
	return cmd
}

// printIntact shows the end of a log that was verified, and what is found of kept heads.
func (a *app) printIntact(ok bool, v triage.Verification, kept *headsJSON) error {
	if a.json {
		return a.writeLine(kept.add(map[string]any{"ok": ok, "entries": v.Events, "head": onlyIf(ok, v.Head.String()), "faults": v.Faults}))
	}
	return a.printVerified(ok, verified{counts: v, faults: v.Faults, heads: []string{v.Head.String()}}, kept)
}
