// Package querythread follows the comments of a data query: its state, its age, and how long the answer
// and the closing took. Everything that counts queries counts them by it.
package querythread

import (
	"cmp"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// State is the state of a query.
type State string

// The states of a query.
const (
	Open    State = "open"
	Closed  State = "closed"
	Unknown State = "unknown" // no comment decides
)

// StateOf is the state by the comment with the highest sequence, or the first of them on a tie; unknown
// if there are no comments, if none of several has a sequence, or if the deciding comment does not say.
func StateOf(q *imednet.Query) State {
	deciding := -1
	highest := int64(0)
	for i, c := range q.QueryComments {
		sequence, ok := c.Sequence.Get()
		if ok && (deciding < 0 || sequence > highest) {
			deciding, highest = i, sequence
		}
	}
	if deciding < 0 && len(q.QueryComments) == 1 {
		deciding = 0
	}
	if deciding < 0 {
		return Unknown
	}
	return stateAfter(q.QueryComments[deciding])
}

func stateAfter(c imednet.QueryComment) State {
	closed, ok := c.Closed.Get()
	switch {
	case !ok:
		return Unknown
	case closed:
		return Closed
	}
	return Open
}

// Comments returns the comments that have a place in the thread, by ascending sequence. Of equal
// sequences only the first to arrive counts, as in [StateOf].
func Comments(q *imednet.Query) []imednet.QueryComment {
	if len(q.QueryComments) == 1 {
		return q.QueryComments
	}
	var placed []imednet.QueryComment
	for _, c := range q.QueryComments {
		if c.Sequence.IsSet() {
			placed = append(placed, c)
		}
	}
	slices.SortStableFunc(placed, func(a, b imednet.QueryComment) int {
		return cmp.Compare(a.Sequence.Or(0), b.Sequence.Or(0))
	})
	return slices.CompactFunc(placed, func(a, b imednet.QueryComment) bool {
		return a.Sequence.Or(0) == b.Sequence.Or(0)
	})
}

// RaisedAt is the query's own date, else that of the first of its [Comments].
func RaisedAt(q *imednet.Query, comments []imednet.QueryComment) (time.Time, bool) {
	if date, ok := q.DateCreated.Get(); ok {
		return date.Time, true
	}
	if len(comments) == 0 {
		return time.Time{}, false
	}
	date, ok := comments[0].Date.Get()
	return date.Time, ok
}

// AnsweredByAnother reports whether another user than the one who raised the query wrote a comment that
// does not close it.
func AnsweredByAnother(opening, later imednet.QueryComment) bool {
	asker, known := opening.User.Get()
	user, ok := later.User.Get()
	return known && ok && user != asker && !later.Closed.Or(false)
}

// Thread is what became of a query by some moment.
type Thread struct {
	State    State
	Age      time.Duration // of an open query since it was raised; negative if unknown
	ToAnswer time.Duration // negative if there is no answer or a date is missing
	ToClose  time.Duration // of a closed query; negative if a date is missing
	Answered bool
	Cycles   int64 // how often it was opened
}

// Follow follows a query up to a moment; answered reports whether a later comment answers the first. It
// reports false for a query that was raised later.
//
// A comment without a date takes that of the comment before it: it cannot be older, and it does not move
// anything into the future.
func Follow(q *imednet.Query, asOf time.Time, answered func(opening, later imednet.QueryComment) bool) (Thread, bool) {
	t := Thread{State: Unknown, Age: -1, ToAnswer: -1, ToClose: -1}
	comments := Comments(q)
	raised, dated := RaisedAt(q, comments)
	if dated && raised.After(asOf) {
		return t, false
	}
	at, known := raised, dated
	for i, comment := range comments {
		if date, ok := comment.Date.Get(); ok {
			at, known = date.Time, true
		}
		if known && at.After(asOf) {
			break
		}
		t.follow(stateAfter(comment), elapsed(raised, dated, at, known))
		if i > 0 && !t.Answered && answered(comments[0], comment) {
			t.Answered = true
			t.ToAnswer = elapsed(raised, dated, at, known)
		}
	}
	if t.State == Open && dated {
		t.Age = asOf.Sub(raised)
	}
	return t, true
}

// follow takes the state after the next comment. A comment that says nothing about the state leaves it
// unknown, as StateOf does.
func (t *Thread) follow(next State, since time.Duration) {
	switch next {
	case Open:
		if t.State == Closed || t.Cycles == 0 {
			t.Cycles++
		}
		t.ToClose = -1
	case Closed:
		t.Cycles = max(t.Cycles, 1)
		if t.State != Closed {
			t.ToClose = since
		}
	default:
		t.ToClose = -1
	}
	t.State = next
}

// elapsed is -1 when either end is unknown or the end lies before the start.
func elapsed(from time.Time, fromKnown bool, to time.Time, toKnown bool) time.Duration {
	if !fromKnown || !toKnown || to.Before(from) {
		return -1
	}
	return to.Sub(from)
}
