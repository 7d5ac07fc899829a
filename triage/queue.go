package triage

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/audit"
)

// Order is the order of a queue. Ties are ordered by item id.
type Order string

// The orders of a queue.
const (
	OrderUpdated  Order = "updated"  // least recently updated first; the default, as in the Python package
	OrderAge      Order = "age"      // from oldest to newest
	OrderSeverity Order = "severity" // most severe first (WithSeverities), then least recently updated
	OrderDue      Order = "due"      // earliest due date first, without a due date last
)

// Limits of [QueueOptions.Limit].
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// QueueOptions selects the items of a queue. Zero fields select all.
type QueueOptions struct {
	StudyKey   string // required
	Statuses   []Status
	Severity   string
	Assignee   string
	Unassigned bool // only unassigned items; excludes Assignee
	Unclaimed  bool // leaves out claimed items
	// Unconfirmed leaves out items that a second person has confirmed. With Statuses RESOLVED this
	// is the queue of items that await [TriageStore.ConfirmItem].
	Unconfirmed bool
	Order       Order
	Limit       int    // items per page; the default is DefaultLimit, the maximum MaxLimit
	After       string // QueuePage.Next of the previous page; empty for the first page
}

// QueuePage is one page of a queue.
type QueuePage struct {
	Items []Item
	Next  string // value of After for the next page; empty on the last page
}

// Queue returns one page of a study's items. Pages are read by key: an item that does not change
// meanwhile is on exactly one page.
func (s *TriageStore) Queue(ctx context.Context, q QueueOptions) (page QueuePage, err error) {
	const op = "queue"
	c := &audit.Checker{}
	start := q.check(c)
	if err := c.Err(op); err != nil {
		return QueuePage{}, wrap(op, "", "", err)
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		rows, next, err := s.queueRows(ctx, tx, q, start, s.file.Now())
		if err != nil {
			return err
		}
		page.Next = next
		page.Items, err = completeItems(ctx, tx, rows)
		return err
	})
	if err != nil {
		return QueuePage{}, wrap(op, q.StudyKey, "", err)
	}
	return page, nil
}

// check sets the defaults, notes what is wrong, and returns where the page starts.
func (q *QueueOptions) check(c *audit.Checker) position {
	q.StudyKey = c.Name("StudyKey", q.StudyKey)
	q.Severity = c.OptionalName("Severity", q.Severity)
	q.Assignee = c.OptionalName("Assignee", q.Assignee)
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		c.Add("Limit", "must be 1 to 1000")
	}
	if q.Order == "" {
		q.Order = OrderUpdated
	}
	if _, ok := orders[q.Order]; !ok {
		c.Add("Order", "must be updated, age, severity or due")
	}
	if q.Unassigned && q.Assignee != "" {
		c.Add("Unassigned", "excludes Assignee")
	}
	start, ok := parsePosition(q.After)
	if !ok || q.After != "" && start.Order != q.Order {
		c.Add("After", "must be the Next of a page in the same order")
	}
	return start
}

// ordering is the index that yields an order, and the column that it sorts by.
type ordering struct{ index, column string }

var orders = map[Order]ordering{
	OrderUpdated:  {"triage_items_updated", "updated_at"},
	OrderAge:      {"triage_items_created", "created_at"},
	OrderSeverity: {"triage_items_severity", "updated_at"},
	OrderDue:      {"triage_items_due", "due_at"},
}

// group is a part of a queue that comes wholly before the next: a severity, or the items with or
// without a due date.
type group struct {
	name      string
	condition string
	args      []any
	undated   bool // all have the same, absent, time
}

// queueRows reads a page. Each group is a merge of one index range for each status, so a page
// costs what it holds and not what the study holds.
func (s *TriageStore) queueRows(ctx context.Context, tx *sql.Tx, q QueueOptions, start position, now time.Time) (rows []*itemRow, next string, err error) {
	statuses, err := q.statuses(ctx, tx)
	if err != nil {
		return nil, "", err
	}
	groups, err := s.groups(ctx, tx, q, statuses)
	if err != nil {
		return nil, "", err
	}
	for _, g := range groups {
		var from *position
		if q.After != "" {
			order := s.compareGroups(q.Order, g.name, start.Group)
			if order < 0 {
				continue
			}
			if order == 0 {
				from = &start
			}
		}
		var merged []*itemRow
		for _, status := range statuses {
			part, err := queryRows(ctx, tx, q.rangeQuery(g, status, from, now, q.Limit+1-len(rows)))
			if err != nil {
				return nil, "", err
			}
			merged = append(merged, part...)
		}
		slices.SortFunc(merged, func(a, b *itemRow) int {
			return cmp.Or(strings.Compare(a.time(q.Order), b.time(q.Order)), strings.Compare(a.ItemID, b.ItemID))
		})
		for _, r := range merged {
			if len(rows) == q.Limit {
				return rows, next, nil
			}
			rows = append(rows, r)
			next = position{Order: q.Order, Group: g.name, Time: r.time(q.Order), ItemID: r.ItemID}.String()
		}
	}
	return rows, "", nil
}

// query is a statement with its arguments.
type query struct {
	sql  string
	args []any
}

// rangeQuery reads a group's items of one status, from a position on if there is one.
func (q *QueueOptions) rangeQuery(g group, status string, from *position, now time.Time, limit int) query {
	o := orders[q.Order]
	var b strings.Builder
	index, where := o.index, ` WHERE study_key = ? AND status = ?`
	args := []any{q.StudyKey, status}
	switch {
	case q.Assignee != "":
		// What one person has is little: its index first, sorted afterwards if need be.
		index, where = "triage_items_assignee", where+` AND assignee = ?`
		args = append(args, q.Assignee)
	case q.Unassigned:
		where += ` AND (assignee IS NULL OR assignee = '')`
	}
	b.WriteString(`SELECT ` + itemColumns + ` FROM triage_items INDEXED BY ` + index + where + g.condition)
	args = append(args, g.args...)
	if q.Severity != "" {
		b.WriteString(` AND severity = ?`)
		args = append(args, q.Severity)
	}
	if q.Unclaimed {
		b.WriteString(` AND (claimed_until IS NULL OR claimed_until <= ?)`)
		args = append(args, audit.FormatTime(now))
	}
	if q.Unconfirmed {
		b.WriteString(` AND confirmed_by IS NULL`)
	}
	switch {
	case from == nil:
	case g.undated:
		b.WriteString(` AND item_id > ?`)
		args = append(args, from.ItemID)
	default:
		b.WriteString(` AND (` + o.column + `, item_id) > (?, ?)`)
		args = append(args, from.Time, from.ItemID)
	}
	b.WriteString(` ORDER BY ` + o.column + `, item_id LIMIT ?`)
	return query{b.String(), append(args, limit)}
}

// statuses are those asked for, or all that the study has: an item whose status an older file made
// up must not be lost from sight.
func (q *QueueOptions) statuses(ctx context.Context, tx *sql.Tx) ([]string, error) {
	if len(q.Statuses) == 0 {
		return distinct(ctx, tx, query{statusesQuery, []any{q.StudyKey}})
	}
	var out []string
	for _, s := range q.Statuses {
		if !slices.Contains(out, string(s)) {
			out = append(out, string(s))
		}
	}
	return out, nil
}

func (s *TriageStore) groups(ctx context.Context, tx *sql.Tx, q QueueOptions, statuses []string) ([]group, error) {
	switch q.Order {
	case OrderDue:
		return []group{{name: "due", condition: ` AND due_at IS NOT NULL`}, {name: "undated", condition: ` AND due_at IS NULL`, undated: true}}, nil
	case OrderSeverity:
	default:
		return []group{{name: "all"}}, nil
	}
	var severities []string
	for _, status := range statuses {
		found, err := distinct(ctx, tx, query{severitiesQuery, []any{q.StudyKey, status}})
		if err != nil {
			return nil, err
		}
		severities = append(severities, found...)
	}
	slices.SortFunc(severities, func(a, b string) int { return s.compareGroups(q.Order, a, b) })
	var groups []group
	for _, v := range slices.Compact(severities) {
		groups = append(groups, group{name: v, condition: ` AND severity = ?`, args: []any{v}})
	}
	return groups, nil
}

// compareGroups orders two groups by their names.
func (s *TriageStore) compareGroups(o Order, a, b string) int {
	if o == OrderSeverity {
		return cmp.Or(cmp.Compare(s.rank(a), s.rank(b)), strings.Compare(a, b))
	}
	return strings.Compare(a, b)
}

const (
	statusesQuery   = `SELECT min(status) FROM triage_items WHERE study_key = ? AND status >= ?`
	severitiesQuery = `SELECT min(severity) FROM triage_items WHERE study_key = ? AND status = ? AND severity >= ?`
)

// distinct returns the different values of an indexed column by jumping from one to the next.
func distinct(ctx context.Context, tx *sql.Tx, q query) ([]string, error) {
	var out []string
	for last := ""; ; {
		var next sql.NullString
		if err := tx.QueryRowContext(ctx, q.sql, append(slices.Clone(q.args), last)...).Scan(&next); err != nil || !next.Valid {
			return out, err
		}
		out = append(out, next.String)
		last, q.sql = next.String, strings.Replace(q.sql, ">=", ">", 1)
	}
}

func queryRows(ctx context.Context, tx *sql.Tx, q query) ([]*itemRow, error) {
	rows, err := tx.QueryContext(ctx, q.sql, q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*itemRow
	for rows.Next() {
		r := &itemRow{}
		if err := rows.Scan(r.fields()...); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// time is the stored text that an order sorts by.
func (r *itemRow) time(o Order) string {
	switch o {
	case OrderAge:
		return r.CreatedAt
	case OrderDue:
		return r.DueAt.String
	}
	return r.UpdatedAt
}
