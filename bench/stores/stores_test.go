// Package stores measures the audited stores on large files: 1,000,000 triage events and 10,000
// commits with IMEDNET_LONG=1, a fiftieth of that otherwise. Figures that depend on the disk stand
// beside a plain SQLite program that does the same work on the same disk without audit.
//
//	IMEDNET_LONG=1 go test ./bench/stores -bench . -benchtime 20x -timeout 60m
package stores

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
)

// scale is the share of the full sizes that is measured.
func scale(n int) int {
	if os.Getenv("IMEDNET_LONG") == "1" {
		return n
	}
	return n / 50
}

const batch = 10_000

// finding is the i-th finding in a state; another revision makes the next report an update.
func finding(i, revision int) triage.Finding {
	return triage.Finding{
		StudyKey: "DEMO", Severity: [...]string{"CRITICAL", "HIGH", "MEDIUM", "LOW"}[i%4], Summary: "end date before start date",
		Link: triage.Link{RecordID: int64(i + 1), RevisionID: imednet.RevisionID(revision), FormKey: "AE", Variable: "AEENDTC", Rule: "AE-DATES"},
	}
}

// report writes n findings of a revision in batches, each one transaction.
func report(b *testing.B, s *triage.TriageStore, n, revision int) {
	b.Helper()
	for first := 0; first < n; first += batch {
		var findings []triage.Finding
		for i := first; i < min(first+batch, n); i++ {
			findings = append(findings, finding(i, revision))
		}
		if _, err := s.ReportFindings(context.Background(), "checks", findings); err != nil {
			b.Fatal(err)
		}
	}
}

func openTriage(b *testing.B) *triage.TriageStore {
	b.Helper()
	s, err := triage.NewTriageStore(context.Background(), filepath.Join(b.TempDir(), "triage.sqlite3"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// BenchmarkTriage fills one store, a quarter of the events creating items and the rest updating
// them, and then measures its pages, one review step, the dashboard and the proof.
func BenchmarkTriage(b *testing.B) {
	ctx := context.Background()
	s := openTriage(b)
	items := scale(1_000_000) / 4
	began := time.Now()
	for revision := range 4 {
		report(b, s, items, revision+1)
	}
	rate := float64(4*items) / time.Since(began).Seconds()
	b.Run("fill", func(b *testing.B) {
		b.ReportMetric(float64(4*items), "events")
		b.ReportMetric(rate, "events/s")
	})
	for _, order := range []triage.Order{triage.OrderUpdated, triage.OrderAge, triage.OrderSeverity, triage.OrderDue} {
		b.Run("page_of_100/"+string(order), func(b *testing.B) {
			q := triage.QueueOptions{StudyKey: "DEMO", Order: order, Statuses: []triage.Status{triage.StatusNew}}
			for b.Loop() {
				page, err := s.Queue(ctx, q)
				if err != nil || len(page.Items) != 100 {
					b.Fatal(len(page.Items), err)
				}
				q.After = page.Next // deeper with every page
			}
		})
	}
	b.Run("claim_and_move", func(b *testing.B) {
		for b.Loop() {
			item, err := s.ClaimNext(ctx, triage.QueueOptions{StudyKey: "DEMO", Order: triage.OrderSeverity}, triage.Claim{UserID: "anna"})
			if err != nil {
				b.Fatal(err)
			}
			_, err = s.UpdateStatus(ctx, triage.StatusUpdate{ItemID: item.ItemID, Version: item.Version, To: triage.StatusUnderReview, UserID: "anna"})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("summary", func(b *testing.B) {
		for b.Loop() {
			if sum, err := s.Summary(ctx, triage.SummaryOptions{StudyKey: "DEMO"}); err != nil || sum.Total != int64(items) {
				b.Fatal(sum.Total, err)
			}
		}
	})
	began = time.Now()
	v, err := s.Verify(ctx, triage.VerifyOptions{})
	if err != nil {
		b.Fatal(err)
	}
	proved := float64(v.Events) / time.Since(began).Seconds()
	b.Run("verify", func(b *testing.B) { b.ReportMetric(proved, "events/s") })
}

func configuration(i int) *imednet.StudyConfiguration {
	c := &imednet.StudyConfiguration{StudyKey: "DEMO"}
	for j := range 20 {
		c.Mappings = append(c.Mappings, imednet.MappingRule{Domain: "ADSL", TargetField: fmt.Sprintf("field%d", j), SourceFormKey: "DM",
			SourceVariableName: fmt.Sprintf("VAR%d", i*(j%2)+j)})
	}
	return c
}

// BenchmarkVersioning fills one store with commits of configurations of 20 rules (4 KB) and then
// measures a commit, the newest page of the history, a diff and the proof.
func BenchmarkVersioning(b *testing.B) {
	ctx := context.Background()
	s, err := versioning.NewConfigVersionStore(ctx, filepath.Join(b.TempDir(), "config.sqlite3"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	commits, next := scale(10_000), 0
	var ids []string
	commit := func() {
		next++
		e, err := s.CommitConfig(ctx, "DEMO", configuration(next), versioning.CommitOptions{Author: "anna", Reason: "step"})
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, e.CommitID)
	}
	began := time.Now()
	for range commits {
		commit()
	}
	rate := float64(commits) / time.Since(began).Seconds()
	b.Run("fill", func(b *testing.B) {
		b.ReportMetric(float64(commits), "commits")
		b.ReportMetric(rate, "commits/s")
	})
	b.Run("commit", func(b *testing.B) {
		for b.Loop() {
			commit()
		}
	})
	b.Run("newest_100", func(b *testing.B) {
		for b.Loop() {
			n := 0
			for e, err := range s.History(ctx, "DEMO", versioning.HistoryOptions{Newest: true}) {
				if err != nil || e.Fault != nil {
					b.Fatal(err, e.Fault)
				}
				if n++; n == 100 {
					break
				}
			}
		}
	})
	b.Run("diff", func(b *testing.B) {
		for b.Loop() {
			if d, err := s.DiffConfigs(ctx, ids[0], ids[len(ids)-1]); err != nil || len(d.Changes) != 10 {
				b.Fatal(len(d.Changes), err)
			}
		}
	})
	began = time.Now()
	v, err := s.Verify(ctx, versioning.VerifyOptions{})
	if err != nil {
		b.Fatal(err)
	}
	proved := float64(v.Entries) / time.Since(began).Seconds()
	b.Run("verify", func(b *testing.B) { b.ReportMetric(proved, "commits/s") })
}
