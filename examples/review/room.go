package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet/triage"
)

// report runs the check and reports its findings to the queue, all or nothing.
func (r room) report(ctx context.Context, when string) error {
	findings, err := check(ctx, r.client)
	if err != nil {
		return err
	}
	reported, err := r.store.ReportFindings(ctx, "nightly-check", findings)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.out, "%s: %d findings: %d new, %d unchanged, %d reopened\n", when, len(findings),
		reported.Created, reported.Unchanged, reported.Regressed)
	return err
}

// queue prints what is to be reviewed, the most severe first.
func (r room) queue(ctx context.Context) error {
	page, err := r.store.Queue(ctx, triage.QueueOptions{StudyKey: r.study.Key(), Order: triage.OrderSeverity})
	if err != nil {
		return err
	}
	for _, i := range page.Items {
		fmt.Fprintf(r.out, "  %-6s  due %s  record %d  %s.%s %s\n", i.Severity, i.DueAt.Format(time.DateOnly), i.Link.RecordID, i.Link.FormKey, i.Link.Variable, i.Summary)
	}
	return nil
}

// review has Anna resolve the most urgent item while Bob gets in the way.
func (r room) review(ctx context.Context) (item triage.Item, err error) {
	next := triage.QueueOptions{StudyKey: r.study.Key(), Order: triage.OrderSeverity}
	if item, err = r.store.ClaimNext(ctx, next, triage.Claim{UserID: "anna"}); err != nil {
		return item, err
	}
	fmt.Fprintf(r.out, "\nAnna has %s.%s of record %d until %s.\n", item.Link.FormKey, item.Link.Variable, item.Link.RecordID, item.ClaimUntil.Format("15:04"))

	var refused *triage.ItemError
	_, err = r.store.ClaimItem(ctx, item.ItemID, triage.Claim{UserID: "bob"})
	if !errors.Is(err, triage.ErrClaimed) || !errors.As(err, &refused) {
		return item, fmt.Errorf("bob claimed Anna's item: %w", err)
	}
	fmt.Fprintf(r.out, "Bob cannot take it: %s has it. ", refused.Current.ClaimedBy)
	other, err := r.store.ClaimNext(ctx, next, triage.Claim{UserID: "bob"})
	if err != nil {
		return item, err
	}
	fmt.Fprintf(r.out, "His next item is %s.%s of record %d.\n", other.Link.FormKey, other.Link.Variable, other.Link.RecordID)
	if _, err := r.store.UpdateStatus(ctx, triage.StatusUpdate{ItemID: other.ItemID, Version: other.Version, To: triage.StatusUnderReview, UserID: "bob"}); err != nil {
		return item, err
	}

	// Anyone may comment. The item is then no longer the version that Anna read, and she has to look
	// again.
	if _, err := r.store.AddAnnotation(ctx, triage.Comment{ItemID: item.ItemID, UserID: "bob", Text: "the site is on holiday"}); err != nil {
		return item, err
	}
	step := triage.StatusUpdate{ItemID: item.ItemID, Version: item.Version, To: triage.StatusUnderReview, UserID: "anna", Comment: "asked the site"}
	_, err = r.store.UpdateStatus(ctx, step)
	if !errors.Is(err, triage.ErrVersionConflict) || !errors.As(err, &refused) {
		return item, fmt.Errorf("anna decided on an old version: %w", err)
	}
	fmt.Fprintf(r.out, "Anna read version %d; now it is %d: %s wrote %q.\n", item.Version, refused.Current.Version,
		refused.Current.Annotations[0].UserID, refused.Current.Annotations[0].Comment)
	step.Version = refused.Current.Version
	if item, err = r.store.UpdateStatus(ctx, step); err != nil {
		return item, err
	}
	step.Version, step.To, step.Comment = item.Version, triage.StatusResolved, "the site entered the term"
	return r.store.UpdateStatus(ctx, step)
}

// summary prints what is left to do and the history of one item, and verifies the log.
func (r room) summary(ctx context.Context, itemID string) error {
	s, err := r.store.Summary(ctx, triage.SummaryOptions{StudyKey: r.study.Key()})
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "\n%d items: %d new, %d under review, %d resolved; open: %d high, %d medium; overdue: %d\n",
		s.Total, s.ByStatus[triage.StatusNew], s.ByStatus[triage.StatusUnderReview], s.ByStatus[triage.StatusResolved],
		s.OpenBySeverity["HIGH"], s.OpenBySeverity["MEDIUM"], s.Overdue)
	item, err := r.store.TriageItem(ctx, itemID)
	if err != nil {
		return err
	}
	fmt.Fprintln(r.out, "Anna's item:")
	for _, h := range item.History {
		fmt.Fprintf(r.out, "  %s  %s → %s by %s: %s\n", h.Timestamp.Format("2006-01-02 15:04"), h.From, h.To, h.UserID, h.Comment)
	}
	proof, err := r.store.Verify(ctx, triage.VerifyOptions{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(r.out, "The log: %d entries about %d items, %d faults\n", proof.Events, proof.Items, proof.Faults)
	return err
}
