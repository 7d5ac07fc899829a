package triagetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
)

func (b *bench) claims() {
	b.put("a", "HIGH")
	claimed, err := b.store.ClaimItem(b.ctx, "a", triage.Claim{UserID: "anna", Lease: time.Hour})
	b.no(err)
	equal(b, "holder", claimed.ClaimedAt(b.clock.now), "anna")
	_, err = b.store.ClaimItem(b.ctx, "a", triage.Claim{UserID: "bob"})
	b.is(err, triage.ErrClaimed)
	_, err = b.store.UpdateStatus(b.ctx, triage.StatusUpdate{ItemID: "a", Version: claimed.Version, To: triage.StatusUnderReview, UserID: "bob"})
	b.is(err, triage.ErrClaimed)
	_, err = b.store.ReleaseItem(b.ctx, "a", "bob")
	b.is(err, triage.ErrClaimed)
	_, err = b.store.AddAnnotation(b.ctx, triage.Comment{ItemID: "a", UserID: "bob", Text: "have a look"})
	b.no(err)

	b.later(59 * time.Minute)
	_, err = b.store.ClaimItem(b.ctx, "a", triage.Claim{UserID: "anna", Lease: time.Hour}) // prolonged
	b.no(err)
	b.later(59 * time.Minute)
	_, err = b.store.ClaimItem(b.ctx, "a", triage.Claim{UserID: "bob"})
	b.is(err, triage.ErrClaimed)
	b.later(time.Minute)
	taken, err := b.store.ClaimItem(b.ctx, "a", triage.Claim{UserID: "bob"})
	b.no(err)
	equal(b, "default lease", taken.ClaimUntil, b.clock.now.Add(triage.DefaultLease))
	free, err := b.store.ReleaseItem(b.ctx, "a", "bob")
	b.no(err)
	equal(b, "holder after the release", free.ClaimedBy, "")

	_, err = b.store.ClaimItem(b.ctx, "a", triage.Claim{UserID: "anna"})
	b.no(err)
	b.move("a", triage.StatusUnderReview)
	done := b.move("a", triage.StatusResolved)
	equal(b, "holder of a resolved item", done.ClaimedBy, "")
	_, err = b.store.ClaimItem(b.ctx, "a", triage.Claim{UserID: "anna"})
	b.is(err, triage.ErrTransition)
}

// claimNext demands that reviewers share a queue without meeting.
func (b *bench) claimNext() {
	for _, v := range []string{"NOTE", "LOW", "HIGH"} {
		b.put(v, v)
	}
	queue := triage.QueueOptions{StudyKey: study, Order: triage.OrderSeverity}
	var got []string
	for _, user := range []string{"anna", "bob", "cleo"} {
		item, err := b.store.ClaimNext(b.ctx, queue, triage.Claim{UserID: user})
		b.no(err)
		got = append(got, item.ItemID+":"+item.ClaimedBy)
	}
	equal(b, "claims", strings.Join(got, " "), "HIGH:anna LOW:bob NOTE:cleo")
	_, err := b.store.ClaimNext(b.ctx, queue, triage.Claim{UserID: "dan"})
	b.is(err, imednet.ErrNotFound)
	b.later(triage.DefaultLease)
	item, err := b.store.ClaimNext(b.ctx, queue, triage.Claim{UserID: "dan"})
	b.no(err)
	equal(b, "first free item", item.ItemID, "HIGH")
	queue.Statuses = []triage.Status{triage.StatusResolved}
	_, err = b.store.ClaimNext(b.ctx, queue, triage.Claim{UserID: "dan"})
	b.invalid(err)
}

// findings demands that a finding finds its item again, whatever became of it.
func (b *bench) findings() {
	f := triage.Finding{StudyKey: study, Severity: "HIGH", Link: triage.Link{RecordID: 7, RevisionID: 1, FormKey: "AE", Variable: "AETERM", Rule: "R1"}}
	report := func(f triage.Finding, want triage.Outcome) triage.Item {
		b.Helper()
		reported, err := b.store.ReportFindings(b.ctx, "checks", []triage.Finding{f})
		b.no(err)
		equal(b, "outcome", reported.Findings[0].Outcome, want)
		counts := map[triage.Outcome]int{triage.OutcomeCreated: reported.Created, triage.OutcomeUpdated: reported.Updated, triage.OutcomeUnchanged: reported.Unchanged, triage.OutcomeRegressed: reported.Regressed}
		equal(b, "counted", counts[want], 1)
		item := b.item(reported.Findings[0].ItemID)
		equal(b, "version", item.Version, reported.Findings[0].Version)
		return item
	}
	item := report(f, triage.OutcomeCreated)
	equal(b, "fingerprint", item.Fingerprint, triage.FingerprintOf(study, f.Link))
	report(f, triage.OutcomeUnchanged)
	f.Link.RevisionID, f.Severity = 2, "LOW"
	updated := report(f, triage.OutcomeUpdated)
	equal(b, "item", updated.ItemID, item.ItemID)
	equal(b, "severity", updated.Severity, "LOW")

	b.move(item.ItemID, triage.StatusUnderReview)
	b.move(item.ItemID, triage.StatusResolved)
	accepted := f
	accepted.KeepResolved = true
	report(accepted, triage.OutcomeUnchanged)
	b.later(time.Hour)
	again := report(f, triage.OutcomeRegressed)
	equal(b, "status", again.Status, triage.StatusNew)
	equal(b, "regressions", again.Regressions, 1)
	equal(b, "opened", again.OpenedAt, b.clock.now)
	last := again.History[len(again.History)-1]
	equal(b, "from", last.From, triage.StatusResolved)
	if last.Comment == "" {
		b.Fatal("a regression is a reopening and needs a comment")
	}
	b.move(item.ItemID, triage.StatusUnderReview)
	b.move(item.ItemID, triage.StatusResolved)
	accepted.Link.RevisionID = 3
	report(accepted, triage.OutcomeRegressed)

	other := f
	other.StudyKey = "OTHER"
	if report(other, triage.OutcomeCreated).ItemID == item.ItemID {
		b.Fatal("two studies share an item")
	}
	_, err := b.store.ReportFindings(b.ctx, "checks", []triage.Finding{{StudyKey: study, Severity: "HIGH", Fingerprint: "f"}, {StudyKey: study, Severity: "HIGH"}})
	b.invalid(err)
	equal(b, "items after a refused batch", len(b.ids(triage.QueueOptions{})), 1)
	twice, err := b.store.ReportFindings(b.ctx, "checks", []triage.Finding{{StudyKey: study, Severity: "HIGH", Fingerprint: "f"}, {StudyKey: study, Severity: "HIGH", Fingerprint: "f"}})
	b.no(err)
	equal(b, "created", twice.Created, 1)
	equal(b, "unchanged", twice.Unchanged, 1)
	equal(b, "second of the same batch", twice.Findings[1], triage.Reported{ItemID: twice.Findings[0].ItemID, Version: 1, Outcome: triage.OutcomeUnchanged})
}

// dueDates demands that they follow the severity and start anew with a reopening.
func (b *bench) dueDates() {
	opened := b.clock.now
	equal(b, "HIGH", b.put("a", "high").DueAt, opened.Add(24*time.Hour))
	b.later(time.Hour)
	equal(b, "LOW", b.put("a", "LOW").DueAt, opened.Add(240*time.Hour))
	equal(b, "off the scale", b.put("a", "whatever").DueAt, time.Time{})
	equal(b, "HIGH again", b.put("a", "HIGH").DueAt, opened.Add(24*time.Hour))
	b.move("a", triage.StatusUnderReview)
	b.move("a", triage.StatusResolved)
	b.later(100 * time.Hour)
	equal(b, "reopened", b.move("a", triage.StatusUnderReview).DueAt, b.clock.now.Add(24*time.Hour))
}

func (b *bench) orders() {
	for i, severity := range []string{"LOW", "zeta", "HIGH", "NOTE", "LOW", "alpha"} {
		b.later(time.Minute)
		b.put(fmt.Sprintf("i%d", i), severity)
	}
	b.later(time.Minute)
	_, err := b.store.AddAnnotation(b.ctx, triage.Comment{ItemID: "i0", UserID: "u", Text: "touched"})
	b.no(err)
	b.move("i3", triage.StatusUnderReview)
	for order, want := range map[triage.Order]string{
		"":                   "i1 i2 i4 i5 i0 i3",
		triage.OrderUpdated:  "i1 i2 i4 i5 i0 i3",
		triage.OrderAge:      "i0 i1 i2 i3 i4 i5",
		triage.OrderSeverity: "i2 i4 i0 i3 i5 i1",
		triage.OrderDue:      "i2 i0 i4 i1 i3 i5",
	} {
		for _, limit := range []int{1, 2, 5, 6, 0} {
			equal(b, fmt.Sprintf("order %q in pages of %d", order, limit), strings.Join(b.ids(triage.QueueOptions{Order: order, Limit: limit}), " "), want)
		}
	}
	page, err := b.store.Queue(b.ctx, triage.QueueOptions{StudyKey: study, Limit: 1})
	b.no(err)
	_, err = b.store.Queue(b.ctx, triage.QueueOptions{StudyKey: study, After: page.Next, Order: triage.OrderAge})
	b.invalid(err)
}

// filters compares every combination with the plain meaning of the options.
func (b *bench) filters() {
	var all []triage.Item
	for i := range 48 {
		b.later(time.Minute)
		id := fmt.Sprintf("i%02d", i)
		b.put(id, Scale()[i%3].Name)
		if i%2 == 0 {
			_, err := b.store.AssignItem(b.ctx, triage.Assignment{ItemID: id, Version: triage.AnyVersion, Assignee: []string{"anna", "bob"}[i/2%2], UserID: "lead"})
			b.no(err)
		}
		for _, to := range []triage.Status{triage.StatusUnderReview, triage.StatusResolved}[:i%5%3] {
			b.move(id, to)
		}
		if i%7 == 0 && b.item(id).Status != triage.StatusResolved {
			_, err := b.store.ClaimItem(b.ctx, id, triage.Claim{UserID: "cleo", Lease: 24 * time.Hour})
			b.no(err)
		}
		all = append(all, b.item(id))
	}
	for _, statuses := range [][]triage.Status{nil, {triage.StatusNew}, {triage.StatusResolved, triage.StatusNew, triage.StatusNew}} {
		for _, severity := range []string{"", "LOW"} {
			for _, assignee := range []string{"", "-", "anna"} {
				for _, order := range []triage.Order{triage.OrderUpdated, triage.OrderAge, triage.OrderSeverity, triage.OrderDue} {
					q := triage.QueueOptions{Statuses: statuses, Severity: severity, Order: order, Unclaimed: severity == "", Limit: 3}
					if assignee == "-" {
						q.Unassigned = true
					} else {
						q.Assignee = assignee
					}
					equal(b, fmt.Sprintf("%+v", q), sorted(b.ids(q)), sorted(b.expect(all, q)))
				}
			}
		}
	}
}

func (b *bench) expect(all []triage.Item, q triage.QueueOptions) []string {
	var ids []string
	for _, i := range all {
		if (len(q.Statuses) == 0 || slices.Contains(q.Statuses, i.Status)) && (q.Severity == "" || q.Severity == i.Severity) &&
			(q.Assignee == "" || q.Assignee == i.Assignee) && (!q.Unassigned || i.Assignee == "") &&
			(!q.Unclaimed || i.ClaimedAt(b.clock.now) == "") {
			ids = append(ids, i.ItemID)
		}
	}
	return ids
}

func sorted(ids []string) string {
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// pages demands that items which do not change are on exactly one page, whatever happens to others.
func (b *bench) pages() {
	for i := range 20 {
		b.put(fmt.Sprintf("i%02d", i), "LOW")
	}
	var ids []string
	q := triage.QueueOptions{StudyKey: study, Limit: 4}
	for {
		page, err := b.store.Queue(b.ctx, q)
		b.no(err)
		for _, item := range page.Items {
			ids = append(ids, item.ItemID)
		}
		if page.Next == "" {
			break
		}
		q.After = page.Next
		b.later(time.Minute)
		b.put("new"+page.Items[0].ItemID, "LOW")
		_, err = b.store.AddAnnotation(b.ctx, triage.Comment{ItemID: page.Items[0].ItemID, UserID: "u", Text: "x"})
		b.no(err)
	}
	for i := range 20 {
		id := fmt.Sprintf("i%02d", i)
		if i%4 != 0 {
			equal(b, id, len(slices.DeleteFunc(slices.Clone(ids), func(s string) bool { return s != id })), 1)
		}
	}
}

func (b *bench) summary() {
	b.put("old", "HIGH")
	b.later(10 * 24 * time.Hour)
	b.put("young", "LOW")
	b.put("other", "NOTE")
	b.move("other", triage.StatusUnderReview)
	b.put("done", "LOW")
	b.move("done", triage.StatusUnderReview)
	b.move("done", triage.StatusResolved)
	_, err := b.store.AssignItem(b.ctx, triage.Assignment{ItemID: "old", Version: triage.AnyVersion, Assignee: "anna", UserID: "lead"})
	b.no(err)
	_, err = b.store.ClaimItem(b.ctx, "young", triage.Claim{UserID: "bob"})
	b.no(err)
	s, err := b.store.Summary(b.ctx, triage.SummaryOptions{StudyKey: study})
	b.no(err)
	equal(b, "total", s.Total, 4)
	equal(b, "open", s.Open, 3)
	equal(b, "statuses", fmt.Sprint(s.ByStatus), "map[NEW:2 RESOLVED:1 UNDER_REVIEW:1]")
	equal(b, "severities", fmt.Sprint(s.OpenBySeverity), "map[HIGH:1 LOW:1 NOTE:1]")
	equal(b, "assignees", fmt.Sprint(s.OpenByAssignee), "map[:2 anna:1]")
	equal(b, "overdue", s.Overdue, 1)
	equal(b, "claimed", s.Claimed, 1)
	const day = 24 * time.Hour
	equal(b, "ages", fmt.Sprint(s.Ages), fmt.Sprint([]triage.AgeCount{{From: 0, To: day, Count: 2}, {From: day, To: 7 * day}, {From: 7 * day, To: 30 * day, Count: 1}, {From: 30 * day}}))
	_, err = b.store.Summary(b.ctx, triage.SummaryOptions{StudyKey: study, AgeBounds: []time.Duration{day, day}})
	b.invalid(err)
}
