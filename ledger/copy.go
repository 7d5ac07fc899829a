package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/imednetgo/imednet/internal/argument"
)

// ErrNotEmpty means that a store to which another was to be copied has other content.
var ErrNotEmpty = errors.New("the ledger that is to be copied to is neither empty nor the same")

// Copy copies the entries and the history of one store to another, which must be empty, or have the same from a
// copy before ([ErrNotEmpty]), as they are: hashes included, and without a run of its own. The first is verified before, and both are
// compared afterwards. It returns the number of entries and runs. Nobody should write to the first
// meanwhile.
func Copy(ctx context.Context, to, from Store) (n int64, err error) {
	if err := errors.Join(argument.Required("ledger.Copy", "to", to), argument.Required("ledger.Copy", "from", from)); err != nil {
		return 0, err
	}
	n, err = copyStore(ctx, to, from)
	return n, wrap("copy", Key{}, err)
}

func copyStore(ctx context.Context, to, from Store) (int64, error) {
	source, err := NewExtractionStateLedger(from)
	if err != nil {
		return 0, err
	}
	if _, err := source.Verify(ctx, VerifyOptions{}); err != nil {
		return 0, err
	}
	taken, takenRuns, err := contents(ctx, to)
	if err != nil {
		return 0, err
	}
	state, runs, err := contents(ctx, from)
	if err != nil {
		return 0, err
	}
	rows := int64(len(state.Keys()) + len(runs))
	if len(taken.Keys())+len(takenRuns) > 0 {
		if err := sameContents(ctx, to, state, runs); err != nil {
			return 0, errors.Join(ErrNotEmpty, err)
		}
		return rows, nil
	}
	c := Commit{Runs: runs}
	for _, k := range state.Keys() {
		e, _ := state.Entry(k)
		c.Changes = append(c.Changes, Change{Key: k, New: &e})
	}
	if err := to.Commit(ctx, c); err != nil {
		return 0, err
	}
	return rows, sameContents(ctx, to, state, runs)
}

// contents are the entries and the runs of a store, oldest first.
func contents(ctx context.Context, s Store) (state LedgerState, runs []Run, err error) {
	if state, err = s.Load(ctx); err != nil {
		return state, nil, err
	}
	runs, err = historyOf(ctx, s)
	return state, runs, err
}

func sameContents(ctx context.Context, s Store, state LedgerState, runs []Run) error {
	copied, copiedRuns, err := contents(ctx, s)
	if err != nil {
		return err
	}
	same := slices.Equal(copied.Keys(), state.Keys()) && slices.EqualFunc(copiedRuns, runs, func(a, b Run) bool { return a.Hash == b.Hash && a.Previous == b.Previous })
	for _, k := range state.Keys() {
		a, _ := state.Entry(k)
		b, _ := copied.Entry(k)
		same = same && a.Equal(b)
	}
	if !same {
		return errors.New("the copy is not what was copied: its history may be limited to fewer runs")
	}
	ledger, err := NewExtractionStateLedger(s)
	if err == nil {
		_, err = ledger.Verify(ctx, VerifyOptions{})
	}
	return err
}
