package ledger

import (
	"context"

	"github.com/imednetgo/imednet/internal/audit"
)

// headKind begins the exported line of a head.
const headKind = "imednet-ledger-head/1"

// Head is the end of the history: the number of its newest run, counted from the first that was ever
// recorded, and the run's hash, which covers all runs before it. Store it elsewhere, so that
// [VerifyOptions.Kept] can reveal that runs were removed from the end.
type Head struct {
	Number int64
	Hash   string // empty if there is no run
}

// String returns the head as one line of text.
func (h Head) String() string { return audit.FormatHead(headKind, h.Number, h.Hash) }

// Head returns the end of the history.
func (l *ExtractionStateLedger) Head(ctx context.Context) (Head, error) {
	runs, err := historyOf(ctx, l.store)
	if err != nil {
		return Head{}, wrap("head", Key{}, err)
	}
	newest := tailOf(backwards(runs), len(runs))
	return Head{newest.number, newest.hash}, nil
}

// parseKept reads a line that [Head.String] wrote.
func parseKept(line string) (group string, number int64, hash string, err error) {
	number, hash, err = audit.ParseHead(line, headKind)
	return "", number, hash, err
}
