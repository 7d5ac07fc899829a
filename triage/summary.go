package triage

import (
	"context"
	"database/sql"
	"time"

	"github.com/imednetgo/imednet/internal/audit"
)

// SummaryOptions says what Summary counts.
type SummaryOptions struct {
	StudyKey string // required
	// AgeBounds cut the open items into classes of age, ascending; default 1, 7 and 30 days.
	AgeBounds []time.Duration
}

// Summary counts a study's items for a dashboard. Open items are those that are not resolved.
type Summary struct {
	StudyKey       string
	At             time.Time
	Total          int64 // = the sum of ByStatus
	Open           int64 // = the sum of OpenBySeverity, of OpenByAssignee, and of Ages
	ByStatus       map[Status]int64
	OpenBySeverity map[string]int64
	OpenByAssignee map[string]int64 // "" is nobody
	Overdue        int64            // open and past the due date
	Claimed        int64            // open and held by somebody
	Regressed      int64            // open and reported again after a resolution
	Ages           []AgeCount       // ascending; age counts from Item.OpenedAt
}

// AgeCount counts the open items of a class of age.
type AgeCount struct {
	From  time.Duration // at least so old
	To    time.Duration // and younger; 0: no bound
	Count int64
}

// Summary counts what a study's queue holds at the clock's time.
func (s *TriageStore) Summary(ctx context.Context, o SummaryOptions) (sum Summary, err error) {
	const op = "summary"
	c := &audit.Checker{}
	o.StudyKey = c.Name("StudyKey", o.StudyKey)
	if o.AgeBounds == nil {
		const day = 24 * time.Hour
		o.AgeBounds = []time.Duration{day, 7 * day, 30 * day}
	}
	for i, b := range o.AgeBounds {
		if b <= 0 || i > 0 && b <= o.AgeBounds[i-1] {
			c.Add("AgeBounds", "must be positive and ascending")
		}
	}
	if err := c.Err(op); err != nil {
		return Summary{}, wrap(op, "", "", err)
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		sum = newSummary(o, s.file.Now())
		return eachRow(ctx, tx, summaryQuery, func(rows *sql.Rows) error {
			var r itemRow
			if err := rows.Scan(&r.Status, &r.Severity, &r.Assignee, &r.OpenedAt, &r.DueAt, &r.ClaimedBy, &r.ClaimedUntil, &r.Regressions); err != nil {
				return err
			}
			sum.count(&r)
			return nil
		}, o.StudyKey)
	})
	if err != nil {
		return Summary{}, wrap(op, o.StudyKey, "", err)
	}
	return sum, nil
}

const summaryQuery = `SELECT status, severity, assignee, opened_at, due_at, claimed_by, claimed_until, regressions FROM triage_items WHERE study_key = ?`

func newSummary(o SummaryOptions, now time.Time) Summary {
	sum := Summary{StudyKey: o.StudyKey, At: now, ByStatus: map[Status]int64{}, OpenBySeverity: map[string]int64{}, OpenByAssignee: map[string]int64{}}
	from := time.Duration(0)
	for _, to := range append(append([]time.Duration{}, o.AgeBounds...), 0) {
		sum.Ages = append(sum.Ages, AgeCount{From: from, To: to})
		from = to
	}
	return sum
}

func (sum *Summary) count(r *itemRow) {
	sum.Total++
	sum.ByStatus[Status(r.Status)]++
	if Status(r.Status) == StatusResolved {
		return
	}
	item := r.item()
	sum.Open++
	sum.OpenBySeverity[item.Severity]++
	sum.OpenByAssignee[item.Assignee]++
	if !item.DueAt.IsZero() && item.DueAt.Before(sum.At) {
		sum.Overdue++
	}
	if item.ClaimedAt(sum.At) != "" {
		sum.Claimed++
	}
	if item.Regressions > 0 {
		sum.Regressed++
	}
	age := sum.At.Sub(item.OpenedAt)
	for i := range sum.Ages {
		if a := &sum.Ages[i]; a.To == 0 || age < a.To {
			a.Count++
			return
		}
	}
}
