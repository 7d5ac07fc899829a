package ledger

import (
	"fmt"

	"github.com/imednetgo/imednet/internal/audit"
)

// numbering proves the numbers of a history, which go on when its oldest runs are cut.
type numbering struct {
	first  int64 // number of the oldest run
	oldest int64 // of the oldest run that the newest one says is kept; 0: none says
}

// numberRuns reads the numbers of runs, oldest first, and notes those that are not in order, and a beginning that
// was removed otherwise than by the limit.
func numberRuns(runs []Run, found *audit.Findings) numbering {
	n := numbering{first: 1}
	for i, r := range runs {
		if r.Number > 0 {
			n.first = r.Number - int64(i)
			break
		}
	}
	for i, r := range runs {
		if number := n.first + int64(i); r.Number != 0 && r.Number != number {
			found.Add(fmt.Sprintf("runs/%d", i+1), "has the number %d and stands where run %d should", r.Number, number)
		}
		if r.Oldest != 0 {
			n.oldest = r.Oldest
		}
	}
	if n.oldest != 0 && n.first != n.oldest {
		found.Add("runs", "the history begins with run %d, but was cut at run %d: its beginning was changed otherwise", n.first, n.oldest)
	}
	return n
}

// cut is the number of the run before which the history was cut by its limit; 0 if it was not.
func (n numbering) cut() int64 {
	if n.first == n.oldest {
		return n.first
	}
	return 0
}
