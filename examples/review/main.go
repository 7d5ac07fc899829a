// Command review takes the findings of a check through their review: reported, claimed by severity,
// discussed, resolved, and reported again when the data went wrong a second time.
//
// Two reviewers get in each other's way twice, and the loser gets an error instead of overwriting.
// Every step is an entry in a log that is verified at the end. Everything runs offline on a
// synthetic study and a simulated clock.
//
//	go run ./examples/review
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/triage"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "review:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "imednet-review-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	clock := imednettest.NewClock(time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC))
	ids := 0
	store, err := triage.NewTriageStore(ctx, filepath.Join(dir, "triage.sqlite3"),
		triage.WithSeverities(triage.Severity{Name: "HIGH", Due: 48 * time.Hour}, triage.Severity{Name: "MEDIUM", Due: 14 * 24 * time.Hour}),
		triage.WithClock(clock), // by default the computer's clock and random ids
		triage.WithIDs(func() (string, error) { ids++; return fmt.Sprintf("id-%d", ids), nil }))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	r := room{out: out, store: store, study: study, client: imednettest.NewServer(study).Client()}
	for _, night := range []string{"First night", "The same again"} {
		if err := r.report(ctx, night); err != nil {
			return err
		}
	}
	if err := r.queue(ctx); err != nil {
		return err
	}
	clock.Advance(3 * time.Hour)
	item, err := r.review(ctx)
	if err != nil {
		return err
	}
	// The site enters the term, and removes it again.
	for _, change := range []struct{ night, answer string }{{"Second night", "Headache"}, {"Third night", ""}} {
		clock.Advance(24 * time.Hour)
		if err := study.EditRecord(item.Link.RecordID, item.Link.Variable, change.answer); err != nil {
			return err
		}
		fmt.Fprintln(out)
		if err := r.report(ctx, change.night); err != nil {
			return err
		}
	}
	return r.summary(ctx, item.ItemID)
}

// room is the review of one study.
type room struct {
	out    io.Writer
	store  *triage.TriageStore
	study  *imednettest.Study
	client imednet.RecordSource // a *rest.Client, or the mirror, in your own program
}
