package queries

import (
	"cmp"
	"slices"

	"github.com/imednetgo/imednet"
)

// State is the state of a data query. The API has no such field; [StateOf] derives it.
type State string

// The states of a query.
const (
	Open    State = "open"
	Closed  State = "closed"
	Unknown State = "unknown" // no comment decides
)

// StateOf returns the state of a query: closed or open according to the comment with the highest
// sequence, or the first of them on a tie. The state is unknown if there are no comments, if none
// of several has a sequence, or if the deciding comment does not say whether it closes the query. A
// guess could hide an open query or invent one.
func StateOf(q imednet.Query) State {
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

// commentsInOrder returns the comments that have a place in the thread, by ascending sequence.
// Of equal sequences only the first to arrive counts, as in StateOf.
func commentsInOrder(q imednet.Query) []imednet.QueryComment {
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
