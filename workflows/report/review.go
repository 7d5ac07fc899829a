package report

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ReviewItem is an item of a review queue, without its texts.
type ReviewItem struct {
	ID       string
	Status   string
	Severity string
	RecordID int64 // 0 if it is about no record
	Resolved bool
	Due      time.Time // zero if it has no due date
}

// Review counts the items of a review queue.
type Review struct {
	Items   int64         `json:"items"`
	Open    int64         `json:"open"`    // not resolved
	Overdue int64         `json:"overdue"` // open, and due before MadeAt: a queue has no older states
	Groups  []ReviewGroup `json:"groups"`
}

// ReviewGroup counts the items of a status and severity.
type ReviewGroup struct {
	Status   string `json:"status"`
	Severity string `json:"severity"`
	Count    int64  `json:"count"`
}

// readReview counts and lists the items, those that are overdue first.
func (x *run) readReview(context.Context) error {
	if x.opts.Review == nil {
		return nil
	}
	review, counts := &Review{Groups: []ReviewGroup{}}, map[[2]string]int64{}
	t := rowsOf("review", "Review queue", "items", "status", "Status", "severity", "Severity", "overdue", "Overdue", "record", "Record id", "item", "Item")
	var rest []ReviewItem
	for item, err := range x.opts.Review {
		if err != nil {
			return err
		}
		review.Items++
		counts[[2]string{item.Status, item.Severity}]++
		if !item.Resolved {
			review.Open++
		}
		if x.overdueItem(item) {
			review.Overdue++
		}
		rest = append(rest, item)
	}
	slices.SortStableFunc(rest, func(a, b ReviewItem) int {
		return cmp.Or(cmp.Compare(x.reviewRank(a), x.reviewRank(b)), strings.Compare(a.ID, b.ID))
	})
	for _, item := range rest {
		overdue, record := "", ""
		if x.overdueItem(item) {
			overdue = "overdue"
		}
		if item.RecordID != 0 {
			record = strconv.FormatInt(item.RecordID, 10)
		}
		t.add(x.opts.MaxRows, 1, item.Status, item.Severity, overdue, record, item.ID)
	}
	for key, n := range counts {
		review.Groups = append(review.Groups, ReviewGroup{key[0], key[1], n})
	}
	slices.SortFunc(review.Groups, func(a, b ReviewGroup) int {
		return cmp.Or(strings.Compare(a.Status, b.Status), strings.Compare(a.Severity, b.Severity))
	})
	x.report.Review = review
	x.keep(t)
	return nil
}

func (x *run) overdueItem(item ReviewItem) bool {
	return !item.Resolved && !item.Due.IsZero() && item.Due.Before(x.report.MadeAt)
}

func (x *run) reviewRank(item ReviewItem) int {
	switch {
	case x.overdueItem(item):
		return 0
	case !item.Resolved:
		return 1
	}
	return 2
}
