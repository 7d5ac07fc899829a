package triagetest

import (
	"errors"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
)

// transitions tries every way from every status.
func (b *bench) transitions() {
	const n, u, r = triage.StatusNew, triage.StatusUnderReview, triage.StatusResolved
	legal := map[[2]triage.Status]bool{{n, u}: true, {u, r}: true, {r, u}: true}
	for _, from := range []triage.Status{n, u, r} {
		for _, to := range []triage.Status{n, u, r} {
			id := string(from) + "-" + string(to)
			b.put(id, "HIGH")
			for _, step := range map[triage.Status][]triage.Status{u: {u}, r: {u, r}}[from] {
				b.move(id, step)
			}
			before := b.item(id)
			b.later(time.Minute)
			update := triage.StatusUpdate{ItemID: id, Version: before.Version, To: to, UserID: "anna"}
			_, err := b.store.UpdateStatus(b.ctx, update)
			if from == r && to == u || from == u && to == r {
				b.is(err, triage.ErrTransition) // a decision without a comment
			}
			update.Comment = " because\n"
			if err != nil {
				_, err = b.store.UpdateStatus(b.ctx, update)
			}
			after := b.item(id)
			if !legal[[2]triage.Status{from, to}] {
				b.is(err, triage.ErrTransition)
				equal(b, "version after a refusal", after.Version, before.Version)
				continue
			}
			b.no(err)
			last := after.History[len(after.History)-1]
			equal(b, "status", after.Status, to)
			equal(b, "from", last.From, from)
			equal(b, "to", last.To, to)
			equal(b, "user", last.UserID, "anna")
			equal(b, "time", last.Timestamp, b.clock.now)
			equal(b, "updated", after.UpdatedAt, b.clock.now)
			if from != n {
				equal(b, "comment", last.Comment, "because")
			}
			if from == r {
				equal(b, "comment", last.Comment, "because")
				equal(b, "opened", after.OpenedAt, b.clock.now)
			}
		}
	}
}

// versions demands that a lost update is an error which carries the item as it is.
func (b *bench) versions() {
	item := b.put("a", "HIGH")
	moved := b.move("a", triage.StatusUnderReview)
	equal(b, "version", moved.Version, item.Version+1)

	var refusal *triage.ItemError
	_, err := b.store.UpdateStatus(b.ctx, triage.StatusUpdate{ItemID: "a", Version: item.Version, To: triage.StatusResolved, UserID: "bob"})
	b.is(err, triage.ErrVersionConflict)
	if !errors.As(err, &refusal) || refusal.Current == nil || refusal.Current.Version != moved.Version || len(refusal.Current.History) != 1 {
		b.Fatalf("the error does not carry the item as it is: %+v", refusal)
	}
	_, err = b.store.AssignItem(b.ctx, triage.Assignment{ItemID: "a", Version: item.Version, Assignee: "bob", UserID: "bob"})
	b.is(err, triage.ErrVersionConflict)
	_, err = b.store.UpsertItem(b.ctx, triage.ItemUpsert{ItemID: "a", StudyKey: study, UserID: "bob", Severity: "LOW", Version: item.Version})
	b.is(err, triage.ErrVersionConflict)
	_, err = b.store.UpdateStatus(b.ctx, triage.StatusUpdate{ItemID: "a", To: triage.StatusResolved, UserID: "bob"})
	b.invalid(err)
	_, err = b.store.UpdateStatus(b.ctx, triage.StatusUpdate{ItemID: "a", Version: moved.Version, To: triage.StatusResolved, UserID: "bob", Comment: "done"})
	b.no(err)
}

// upsert demands that writing an item again keeps status, history and comments, and its study.
func (b *bench) upsert() {
	b.put("a", "HIGH")
	b.move("a", triage.StatusUnderReview)
	b.move("a", triage.StatusResolved)
	_, err := b.store.AddAnnotation(b.ctx, triage.Comment{ItemID: "a", UserID: "anna", Text: "done"})
	b.no(err)
	before := b.item("a")

	same := b.put("a", "HIGH")
	equal(b, "version after writing the same", same.Version, before.Version)
	b.later(time.Hour)
	link := triage.Link{RecordID: 7, RevisionID: 9, FormKey: "AE", Variable: "AETERM", Rule: "R1"}
	bob := "bob"
	changed, err := b.store.UpsertItem(b.ctx, triage.ItemUpsert{ItemID: "a", StudyKey: study, UserID: "checks", Severity: "LOW", Summary: "new words", Link: link, Assignee: &bob})
	b.no(err)
	equal(b, "status", changed.Status, triage.StatusResolved)
	equal(b, "history", len(changed.History), 2)
	equal(b, "annotations", len(changed.Annotations), 1)
	equal(b, "created", changed.CreatedAt, before.CreatedAt)
	equal(b, "severity", changed.Severity, "LOW")
	equal(b, "link", changed.Link, link)
	equal(b, "assignee", changed.Assignee, "bob")
	kept := b.put("a", "LOW")
	equal(b, "assignee that was not named", kept.Assignee, "bob")

	_, err = b.store.UpsertItem(b.ctx, triage.ItemUpsert{ItemID: "a", StudyKey: "OTHER", UserID: "checks", Severity: "LOW"})
	b.is(err, triage.ErrOtherItem)
	_, err = b.store.UpsertItem(b.ctx, triage.ItemUpsert{ItemID: "none", StudyKey: study, UserID: "checks", Severity: "LOW", Version: 3})
	b.is(err, imednet.ErrNotFound)
}

// arguments demands that nothing gets in that could not be read later, and that refusals keep what
// they were given to themselves.
func (b *bench) arguments() {
	item := b.put("a", "HIGH")
	const secret = "Jane Doe\x00"
	check := func(err error) {
		b.Helper()
		b.invalid(err)
		if strings.Contains(err.Error(), "Jane") {
			b.Fatalf("the error repeats its argument: %v", err)
		}
	}
	for _, id := range []string{"", " ", "Jane Doe", "a/b", "ä", strings.Repeat("x", 201)} {
		_, err := b.store.UpsertItem(b.ctx, triage.ItemUpsert{ItemID: id, StudyKey: study, UserID: "u", Severity: "HIGH"})
		check(err)
	}
	for _, bad := range []string{"", " \t", secret, "Jane\xff"} {
		_, err := b.store.UpsertItem(b.ctx, triage.ItemUpsert{ItemID: "b", StudyKey: bad, UserID: "u", Severity: "HIGH"})
		check(err)
		_, err = b.store.UpsertItem(b.ctx, triage.ItemUpsert{ItemID: "b", StudyKey: study, UserID: bad, Severity: "HIGH"})
		check(err)
		_, err = b.store.UpsertItem(b.ctx, triage.ItemUpsert{ItemID: "b", StudyKey: study, UserID: "u", Severity: bad})
		check(err)
		_, err = b.store.AddAnnotation(b.ctx, triage.Comment{ItemID: "a", UserID: "u", Text: bad})
		check(err)
		_, err = b.store.AddAnnotation(b.ctx, triage.Comment{ItemID: "a", UserID: bad, Text: "x"})
		check(err)
		_, err = b.store.UpdateStatus(b.ctx, triage.StatusUpdate{ItemID: "a", Version: item.Version, To: triage.StatusUnderReview, UserID: bad})
		check(err)
		_, err = b.store.AssignItem(b.ctx, triage.Assignment{ItemID: "a", Version: item.Version, Assignee: "x", UserID: bad})
		check(err)
		_, err = b.store.ClaimItem(b.ctx, "a", triage.Claim{UserID: bad})
		check(err)
		_, err = b.store.ReportFindings(b.ctx, bad, nil)
		check(err)
	}
	_, err := b.store.UpdateStatus(b.ctx, triage.StatusUpdate{ItemID: "a", Version: item.Version, To: "under_review", UserID: "u"})
	check(err)
	_, err = b.store.Queue(b.ctx, triage.QueueOptions{StudyKey: study, Limit: -1})
	check(err)
	_, err = b.store.Queue(b.ctx, triage.QueueOptions{StudyKey: study, After: "Jane"})
	check(err)
	_, err = b.store.TriageItem(b.ctx, "unknown")
	b.is(err, imednet.ErrNotFound)
	_, err = b.store.ItemLastUpdated(b.ctx, "unknown")
	b.is(err, imednet.ErrNotFound)
	equal(b, "version after refusals", b.item("a").Version, item.Version)
}

func (b *bench) assignments() {
	item := b.put("a", "HIGH")
	assign := func(to string) triage.Item {
		b.Helper()
		got, err := b.store.AssignItem(b.ctx, triage.Assignment{ItemID: "a", Version: item.Version, Assignee: to, UserID: "lead", Comment: "workload"})
		b.no(err)
		item = got
		return got
	}
	equal(b, "assignee", assign(" anna ").Assignee, "anna")
	version := item.Version
	equal(b, "version after the same assignee", assign("anna").Version, version)
	equal(b, "nobody", assign(" ").Assignee, "")
	var seen []string
	for e, err := range b.store.Events(b.ctx, triage.EventOptions{ItemID: "a"}) {
		b.no(err)
		if e.Kind == triage.KindAssigned {
			seen = append(seen, e.UserID+">"+*e.Change.Assignee+":"+e.Change.Comment)
		}
	}
	equal(b, "audit trail", strings.Join(seen, " "), "lead>anna:workload lead>:workload")
}

func (b *bench) annotations() {
	b.put("a", "HIGH")
	for _, text := range []string{"first", " second\nline "} {
		b.later(time.Minute)
		_, err := b.store.AddAnnotation(b.ctx, triage.Comment{ItemID: "a", UserID: "anna", Text: text})
		b.no(err)
	}
	_, err := b.store.AddAnnotation(b.ctx, triage.Comment{ItemID: "unknown", UserID: "anna", Text: "x"})
	b.is(err, imednet.ErrNotFound)
	got := b.item("a")
	equal(b, "annotations", len(got.Annotations), 2)
	equal(b, "first", got.Annotations[0].Comment, "first")
	equal(b, "second", got.Annotations[1].Comment, "second\nline")
	at, err := b.store.ItemLastUpdated(b.ctx, "a")
	b.no(err)
	equal(b, "last updated", at, got.Annotations[1].Timestamp)
}

// log demands one entry for each change, none for a refusal, and a chain.
func (b *bench) log() {
	b.put("a", "HIGH")
	b.move("a", triage.StatusUnderReview)
	early, err := b.store.Head(b.ctx)
	b.no(err)
	_, err = b.store.UpdateStatus(b.ctx, triage.StatusUpdate{ItemID: "a", Version: triage.AnyVersion, To: triage.StatusNew, UserID: "anna"})
	b.is(err, triage.ErrTransition)
	b.put("b", "LOW")
	previous, n := "", int64(0)
	for e, err := range b.store.Events(b.ctx, triage.EventOptions{StudyKey: study}) {
		b.no(err)
		n++
		equal(b, "sequence", e.Sequence, n)
		equal(b, "previous hash", e.PreviousHash, previous)
		previous = e.Hash
	}
	equal(b, "entries", n, 3)
	head, err := b.store.Head(b.ctx)
	b.no(err)
	equal(b, "head", head, triage.Head{Sequence: 3, Hash: previous})
	parsed, err := triage.ParseHead(early.String())
	b.no(err)
	_, err = b.store.Verify(b.ctx, triage.VerifyOptions{Head: &parsed})
	b.no(err)
	for _, wrong := range []triage.Head{{Sequence: 2, Hash: previous}, {Sequence: 9, Hash: previous}} {
		_, err = b.store.Verify(b.ctx, triage.VerifyOptions{Head: &wrong})
		b.is(err, triage.ErrIntegrity)
	}
}
