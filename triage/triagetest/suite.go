// Package triagetest provides the contract of a triage store as a test suite. Use [TestStore] to
// test a wrapper of [triage.TriageStore] or another implementation of its methods.
package triagetest

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
)

// Store is the set of methods that the suite tests. *[triage.TriageStore] implements it.
type Store interface {
	UpsertItem(ctx context.Context, u triage.ItemUpsert) (triage.Item, error)
	ReportFindings(ctx context.Context, userID string, findings []triage.Finding) (triage.FindingsReport, error)
	TriageItem(ctx context.Context, itemID string) (triage.Item, error)
	ItemLastUpdated(ctx context.Context, itemID string) (time.Time, error)
	Queue(ctx context.Context, q triage.QueueOptions) (triage.QueuePage, error)
	AssignItem(ctx context.Context, a triage.Assignment) (triage.Item, error)
	UpdateStatus(ctx context.Context, u triage.StatusUpdate) (triage.Item, error)
	AddAnnotation(ctx context.Context, a triage.Comment) (triage.Item, error)
	ClaimItem(ctx context.Context, itemID string, claim triage.Claim) (triage.Item, error)
	ClaimNext(ctx context.Context, q triage.QueueOptions, claim triage.Claim) (triage.Item, error)
	ReleaseItem(ctx context.Context, itemID, userID string) (triage.Item, error)
	Summary(ctx context.Context, o triage.SummaryOptions) (triage.Summary, error)
	Events(ctx context.Context, o triage.EventOptions) iter.Seq2[triage.Event, error]
	Head(ctx context.Context) (triage.Head, error)
	Verify(ctx context.Context, o triage.VerifyOptions) (triage.Verification, error)
}

// Scale returns the severity scale that stores of the suite must use ([triage.WithSeverities]).
func Scale() []triage.Severity {
	return []triage.Severity{{Name: "HIGH", Due: 24 * time.Hour}, {Name: "LOW", Due: 10 * 24 * time.Hour}, {Name: "NOTE"}}
}

// TestStore runs the suite. open must return a new, empty store that uses the clock and [Scale].
func TestStore(t *testing.T, open func(t *testing.T, clock imednet.Clock) Store) {
	for name, test := range map[string]func(*bench){
		"Transitions": (*bench).transitions, "Versions": (*bench).versions, "Upsert": (*bench).upsert,
		"Arguments": (*bench).arguments, "Assignments": (*bench).assignments, "Annotations": (*bench).annotations,
		"Claims": (*bench).claims, "ClaimNext": (*bench).claimNext, "Findings": (*bench).findings,
		"DueDates": (*bench).dueDates, "Orders": (*bench).orders, "Filters": (*bench).filters, "Pages": (*bench).pages,
		"Summary": (*bench).summary, "Log": (*bench).log,
	} {
		t.Run(name, func(t *testing.T) {
			clock := &stepClock{now: start}
			b := &bench{T: t, ctx: t.Context(), clock: clock, store: open(t, clock)}
			test(b)
			_, err := b.store.Verify(b.ctx, triage.VerifyOptions{})
			b.no(err)
		})
	}
}

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// stepClock moves only when it is told to. The suite uses it from one goroutine.
type stepClock struct{ now time.Time }

func (c *stepClock) Now() time.Time { return c.now }

func (c *stepClock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return context.Cause(ctx)
}

// bench is one test of the suite.
type bench struct {
	*testing.T
	ctx   context.Context
	clock *stepClock
	store Store
}

const study = "DEMO"

func (b *bench) later(d time.Duration) { b.clock.now = b.clock.now.Add(d) }

func (b *bench) no(err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("unexpected error: %v", err)
	}
}

// is demands an error of a kind.
func (b *bench) is(err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Fatalf("error is %v, want %v", err, want)
	}
}

// invalid demands a *imednet.ValidationError.
func (b *bench) invalid(err error) {
	b.Helper()
	var v *imednet.ValidationError
	if !errors.As(err, &v) {
		b.Fatalf("error is %v, want a validation error", err)
	}
}

func equal[T comparable](b *bench, what string, got, want T) {
	b.Helper()
	if got != want {
		b.Fatalf("%s is %v, want %v", what, got, want)
	}
}

// put upserts an item of the study.
func (b *bench) put(id, severity string) triage.Item {
	b.Helper()
	item, err := b.store.UpsertItem(b.ctx, triage.ItemUpsert{ItemID: id, StudyKey: study, UserID: "checks", Severity: severity})
	b.no(err)
	return item
}

// move changes an item's status, whatever its version.
func (b *bench) move(id string, to triage.Status) triage.Item {
	b.Helper()
	item, err := b.store.UpdateStatus(b.ctx, triage.StatusUpdate{ItemID: id, Version: triage.AnyVersion, To: to, UserID: "anna", Comment: "moved"})
	b.no(err)
	return item
}

func (b *bench) item(id string) triage.Item {
	b.Helper()
	item, err := b.store.TriageItem(b.ctx, id)
	b.no(err)
	return item
}

// ids reads a queue to its end, in pages of the given size.
func (b *bench) ids(q triage.QueueOptions) []string {
	b.Helper()
	q.StudyKey = study
	var ids []string
	for {
		page, err := b.store.Queue(b.ctx, q)
		b.no(err)
		for _, item := range page.Items {
			ids = append(ids, item.ItemID)
		}
		if page.Next == "" {
			return ids
		}
		q.After = page.Next
	}
}
