package submissions

import (
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
)

// SubmittedBatch is one POST that the server accepted.
type SubmittedBatch struct {
	Indexes []int // of the items that it held
	Job     imednet.Job
	Status  *imednet.JobStatus // status after the wait; nil without Wait
}

// Receipt is the outcome of a submission, record by record.
type Receipt struct {
	SubmissionID string // "" without a journal
	StudyKey     string
	Batches      []SubmittedBatch // POSTs of this call that the server accepted
	Items        []Item           // in the order of the input
}

// String returns the line that the command prints: the number of records in each state.
func (r Receipt) String() string {
	counts := Count(r.Items)
	var parts []string
	for _, state := range States() {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
		if n := standDespite(r.Items); state == Standing && n > 0 {
			parts[len(parts)-1] += fmt.Sprintf(" (%d of them although the job failed)", n)
		}
	}
	text := fmt.Sprintf("%s: %s", records(len(r.Items)), strings.Join(parts, ", "))
	if r.SubmissionID != "" {
		text = "submission " + r.SubmissionID + ": " + text
	}
	return text
}

// incomplete returns the error of a submission whose items are not all as they should be. Items for which seenTo
// holds are somebody else's affair.
func (r *Receipt) incomplete(wait bool, cause error, seenTo func(*Item) bool) error {
	var left []Item
	for i := range r.Items {
		item := &r.Items[i]
		if item.State == Standing || item.State == Accepted && item.BatchID != "" && !wait || seenTo(item) {
			continue
		}
		left = append(left, *item)
	}
	if len(left) == 0 && cause == nil {
		return nil
	}
	return &IncompleteError{StudyKey: r.StudyKey, SubmissionID: r.SubmissionID, Items: left, StandDespite: standDespite(r.Items), Err: cause}
}

// closed reports whether somebody has seen to an item, or it needs nothing more.
func (i *Item) closed() bool { return i.Closed }

// standDespite counts the items that stand although their job failed.
func standDespite(items []Item) int {
	n := 0
	for i := range items {
		if items[i].State == Standing && (imednet.Job{State: imednet.Some(items[i].JobState)}).Failed() {
			n++
		}
	}
	return n
}

// records counts records in words.
func records(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}
