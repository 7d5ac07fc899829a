package triage

import (
	"context"
	"database/sql"
	"time"

	"github.com/imednetgo/imednet/internal/audit"
)

// SummaryOptions configures [TriageStore.Summary].
type SummaryOptions struct {
	StudyKey string // required
	// AgeBounds are the boundaries between age classes of open items, in ascending order; the
	// default is 1, 7 and 30 days.
	AgeBounds []time.Duration
}

// Summary counts the items of a study for a dashboard. Open items are those that are not resolved.
type Summary struct {
	StudyKey       string
	At             time.Time
	Total          int64 // sum of ByStatus
	Open           int64 // sum of OpenBySeverity, of OpenByAssignee, and of Ages
	ByStatus       map[Status]int64
	OpenBySeverity map[string]int64
	OpenByAssignee map[string]int64 // "" means unassigned
	Overdue        int64            // open and past the due date
	Claimed        int64            // open and claimed
	Regressed      int64            // open and reported again after resolution
	Ages           []AgeCount       // in ascending order; age counts from Item.OpenedAt
}

// AgeCount is the number of open items in an age class.
type AgeCount struct {
	From  time.Duration // minimum age
	To    time.Duration // age below; 0 means no limit
	Count int64
}

// Summary counts the items of a study's queue as of the clock's current time.
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
		q := sum.query()
		return eachRow(ctx, tx, q.sql, sum.add, q.args...)
	})
	if err != nil {
		return Summary{}, wrap(op, o.StudyKey, "", err)
	}
	return sum, nil
}

func newSummary(o SummaryOptions, now time.Time) Summary {
	sum := Summary{StudyKey: o.StudyKey, At: now, ByStatus: map[Status]int64{}, OpenBySeverity: map[string]int64{}, OpenByAssignee: map[string]int64{}}
	from := time.Duration(0)
	for _, to := range append(append([]time.Duration{}, o.AgeBounds...), 0) {
		sum.Ages = append(sum.Ages, AgeCount{From: from, To: to})
		from = to
	}
	return sum
}

// query counts groups in the database: stored times sort as text. The last columns count the items that are younger than each bound.
func (sum *Summary) query() query {
	now := audit.FormatTime(sum.At)
	text := `SELECT status, severity, coalesce(assignee, ''), count(*), count(*) FILTER (WHERE due_at < ?), count(*) FILTER (WHERE claimed_until > ?), count(*) FILTER (WHERE regressions > 0)`
	args := []any{now, now}
	for _, a := range sum.Ages[:len(sum.Ages)-1] {
		text += `, count(*) FILTER (WHERE opened_at > ?)`
		args = append(args, audit.FormatTime(sum.At.Add(-a.To)))
	}
	return query{text + ` FROM triage_items INDEXED BY triage_items_severity WHERE study_key = ? GROUP BY status, severity, assignee`, append(args, sum.StudyKey)}
}

// add takes over one group of items that share status, severity and assignee.
func (sum *Summary) add(rows *sql.Rows) error {
	var status, severity, assignee string
	var count, overdue, claimed, regressed int64
	younger := make([]int64, len(sum.Ages))
	dest := []any{&status, &severity, &assignee, &count, &overdue, &claimed, &regressed}
	for i := range younger[:len(younger)-1] {
		dest = append(dest, &younger[i])
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	sum.Total += count
	sum.ByStatus[Status(status)] += count
	if Status(status) == StatusResolved {
		return nil
	}
	sum.Open += count
	sum.OpenBySeverity[severity] += count
	sum.OpenByAssignee[assignee] += count
	sum.Overdue += overdue
	sum.Claimed += claimed
	sum.Regressed += regressed
	younger[len(younger)-1] = count // no bound
	before := int64(0)
	for i, n := range younger {
		sum.Ages[i].Count += n - before
		before = n
	}
	return nil
}
