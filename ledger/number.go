package ledger

import (
	"context"
	"iter"
	"slices"
	"time"
)

// tail is the end of a history: the hash of its newest run, when it ended, and that run's number, and how many runs are
// there.
type tail struct {
	hash   string
	ended  time.Time
	number int64 // 0 if there is no run
	runs   int
}

// tailOf reads the end of a history, newest first. Runs that were written before runs had numbers are counted
// from the newest that has one, or else from the oldest that is there.
func tailOf(newestFirst iter.Seq[Run], runs int) (t tail) {
	t.runs = runs
	behind := int64(0)
	for r := range newestFirst {
		if behind == 0 {
			t.hash, t.ended = r.Hash, r.EndedAt
		}
		if r.Number > 0 {
			t.number = r.Number + behind
			return t
		}
		behind++
	}
	t.number = behind
	return t
}

// oldest is the number of the oldest run that stays when so many of the runs that are there are removed.
func (t tail) oldest(removed int) int64 {
	return t.number - int64(t.runs) + int64(removed) + 1
}

// backwards yields runs that are held oldest first.
func backwards(runs []Run) iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for _, r := range slices.Backward(runs) {
			if !yield(r) {
				return
			}
		}
	}
}

// wholeHistory is a store that keeps more runs than it shows.
type wholeHistory interface {
	allRuns() ([]Run, error)
}

// historyOf returns every run that a store keeps, oldest first.
func historyOf(ctx context.Context, s Store) (runs []Run, err error) {
	if whole, ok := s.(wholeHistory); ok {
		return whole.allRuns()
	}
	for r, err := range s.Runs(ctx, RunFilter{}) {
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	slices.Reverse(runs)
	return runs, nil
}
