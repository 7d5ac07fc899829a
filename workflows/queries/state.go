package queries

import (
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/querythread"
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
func StateOf(q imednet.Query) State { return State(querythread.StateOf(&q)) }
