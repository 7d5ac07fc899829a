package triage_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/triage"
)

// A check finds an adverse event that ends before it starts. It is reviewed and resolved; later
// the check finds it again.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "triage")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	clock := imednettest.NewClock(time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC))
	ids := 0
	store, err := triage.NewTriageStore(ctx, filepath.Join(dir, "triage.sqlite3"),
		triage.WithClock(clock),
		triage.WithIDs(func() (string, error) { ids++; return fmt.Sprintf("id-%d", ids), nil }),
		triage.WithSeverities(triage.Severity{Name: "HIGH", Due: 48 * time.Hour}, triage.Severity{Name: "LOW"}))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	// The nightly run reports what it found. Reporting it twice changes nothing.
	finding := triage.Finding{
		StudyKey: "DEMO", Severity: "HIGH", Summary: "AE ends before it starts",
		Link: triage.Link{RecordID: 1017, RevisionID: 4, FormKey: "AE", Variable: "AEENDTC", Rule: "AE-DATES"},
	}
	for range 2 {
		reported, err := store.ReportFindings(ctx, "nightly-checks", []triage.Finding{finding})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("reported:", reported.Findings[0].Outcome)
	}

	// Anna takes the first item of the queue, asks, and resolves it.
	item, err := store.ClaimNext(ctx, triage.QueueOptions{StudyKey: "DEMO", Order: triage.OrderSeverity}, triage.Claim{UserID: "anna"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("claimed by", item.ClaimedBy, "due", item.DueAt.Format(time.DateOnly))
	move := func(to triage.Status, comment string) {
		item, err = store.UpdateStatus(ctx, triage.StatusUpdate{ItemID: item.ItemID, Version: item.Version, To: to, UserID: "anna", Comment: comment})
		if err != nil {
			log.Fatal(err)
		}
	}
	move(triage.StatusUnderReview, "looks real")
	if item, err = store.AddAnnotation(ctx, triage.Comment{ItemID: item.ItemID, UserID: "anna", Text: "asked the site"}); err != nil {
		log.Fatal(err)
	}
	move(triage.StatusResolved, "site corrected the end date")

	// Bob decides on what he read before Anna did: a lost update is an error.
	_, err = store.UpdateStatus(ctx, triage.StatusUpdate{ItemID: item.ItemID, Version: 1, To: triage.StatusUnderReview, UserID: "bob"})
	var refusal *triage.ItemError
	if errors.As(err, &refusal) && errors.Is(err, triage.ErrVersionConflict) {
		fmt.Println("bob sees:", refusal.Current.Status, "at version", refusal.Current.Version)
	}

	// A week later an edit breaks the dates again.
	if err := clock.Sleep(ctx, 7*24*time.Hour); err != nil {
		log.Fatal(err)
	}
	finding.Link.RevisionID = 6
	reported, err := store.ReportFindings(ctx, "nightly-checks", []triage.Finding{finding})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("reported:", reported.Findings[0].Outcome)
	if item, err = store.TriageItem(ctx, reported.Findings[0].ItemID); err != nil {
		log.Fatal(err)
	}
	for _, h := range item.History {
		fmt.Printf("%s %s → %s by %s: %s\n", h.Timestamp.Format(time.DateOnly), h.From, h.To, h.UserID, h.Comment)
	}

	proof, err := store.Verify(ctx, triage.VerifyOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(proof.Events, "entries, intact")
	// Output:
	// reported: created
	// reported: unchanged
	// claimed by anna due 2026-03-04
	// bob sees: RESOLVED at version 5
	// reported: regressed
	// 2026-03-02 NEW → UNDER_REVIEW by anna: looks real
	// 2026-03-02 UNDER_REVIEW → RESOLVED by anna: site corrected the end date
	// 2026-03-09 RESOLVED → NEW by nightly-checks: regression: the finding was reported again
	// 6 entries, intact
}
