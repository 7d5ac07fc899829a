package submissions

import (
	"cmp"
	"fmt"
)

// word is what the results of a job say about an item.
type word int

const (
	silent  word = iota
	stored       // it was stored
	refused      // it was not
	unclear      // they say something, and neither of the two, or not of this item
)

// open is an item whose outcome is asked for.
type open struct {
	item    Item
	ended   bool // its job has ended
	failed  bool // and not well
	unasked bool // the job was not asked now
	runs    bool // the job says that it has not ended
	undated bool // the job does not say when it was made
	again   bool // looked for a second time, after the settle delay
	word    word
	named   int64  // the record that the results give it
	message string // what they say why it, or one of its batch, was refused
	group   string // of the items of which the results say only how many were stored
	claimed int    // that number
	why     string
}

// openOf says what is known of an item by the state of its job. ok is false if there is nothing to find
// out yet.
func (s *settler) openOf(item *Item, answers map[string]*answer) (o open, ok bool) {
	o = open{item: *item}
	a := answers[item.BatchID]
	switch {
	case item.BatchID == "" || a == nil && item.JobState == "":
		o.why = cmp.Or(item.Reason, "the POST got no answer that settles it")
		return o, item.State != Accepted
	case a == nil:
		o.ended, o.unasked = true, true
		o.why = "its job ended as " + item.JobState + " and cannot be asked any more"
	case a.gone:
		o.why = "the server does not know its job any more"
		return o, true
	case item.startedAfter(a.status.DateCreated.Or(noTime)):
		o.why = "the answer to the POST named a job that was there before"
		return o, true
	case !a.status.Terminal():
		o.runs, o.why = true, "its job runs"
		return o, o.gone() // of others what stands now is not all that will
	default:
		o.ended, o.failed, o.undated = true, a.status.Failed(), a.status.DateCreated.Or(noTime).IsZero()
		o.item.JobState = a.status.State.Or("")
		o.why = "its job ended as " + o.item.JobState
		a.said.of(&o)
	}
	return o, true
}

// rank is the order in which items look for their records: first those whose job has ended, then those of
// which nothing is known, and last those that are said not to stand.
func (o *open) rank() int {
	switch {
	case o.word == refused || o.gone():
		return 2
	case !o.ended:
		return 1
	}
	return 0
}

// gone reports whether the item was taken for one that does not stand, and is looked for once more.
func (o *open) gone() bool { return o.item.State == Absent || o.item.State == Refused }

// certain reports whether the item's own job says that it can stand, so that equal items of which less
// is known do not matter.
func (o *open) certain() bool { return o.rank() == 0 }

// contradiction says how what stands differs from what was said of it; "" is not at all.
func (o *open) contradiction(record int64) string {
	switch {
	case o.word == refused:
		return "read back, although the results of its job call it refused"
	case o.named != 0 && o.named != record:
		return fmt.Sprintf("read back, although the results of its job name record %d", o.named)
	case o.failed:
		return "read back, although its job ended as " + o.item.JobState
	case o.gone():
		return "read back, although nothing of it showed before"
	case o.named == record:
		return ""
	}
	return "read back"
}
