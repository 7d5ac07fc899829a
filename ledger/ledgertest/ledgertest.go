package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/ledger"
)

// Config configures the suite.
type Config struct {
	// Open returns a store whose data are in dir. Two stores with the same dir share their data, as
	// two processes would. Close the store in t.Cleanup.
	Open func(t *testing.T, dir string) ledger.Store
	// Volatile is true for a store that keeps nothing in dir; tests of sharing are then skipped.
	Volatile bool
}

// TestStore tests that a store satisfies the contract of [ledger.Store].
func TestStore(t *testing.T, cfg Config) {
	tests := []struct {
		name    string
		run     func(*testing.T, ledger.Store)
		sharing func(t *testing.T, a, b ledger.Store)
	}{
		{name: "EmptyStoreLoads", run: emptyStoreLoads},
		{name: "EntryComesBackExactly", run: entryComesBackExactly},
		{name: "CommitIsAllOrNothing", run: commitIsAllOrNothing},
		{name: "CommitComparesEveryOld", run: commitComparesEveryOld},
		{name: "LoadedStateIsACopy", run: loadedStateIsACopy},
		{name: "RunsComeNewestFirst", run: runsComeNewestFirst},
		{name: "RunsStopWhenToldTo", run: runsStopWhenToldTo},
		{name: "LocksExcludeByKey", run: locksExcludeByKey},
		{name: "EndedContextWritesNothing", run: endedContextWritesNothing},
		{name: "ConcurrentCommitsLoseNothing", run: concurrentCommitsLoseNothing},
		{name: "LedgerOverTheStore", run: ledgerOverTheStore},
		{name: "SharedDataAndLocks", sharing: sharedDataAndLocks},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if test.run != nil {
				test.run(t, cfg.Open(t, dir))
				return
			}
			if cfg.Volatile {
				t.Skip("the store is volatile")
			}
			test.sharing(t, cfg.Open(t, dir), cfg.Open(t, dir))
		})
	}
}

var (
	noon  = time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)
	keyA  = ledger.Key{StudyKey: "A/1", Stream: "records"}
	keyB  = ledger.Key{StudyKey: "B ü", Stream: "revisions, late"}
	dummy = ledger.Run{StudyKey: "A/1", Stream: "records", Kind: ledger.RunSet, Status: ledger.StatusSuccess, StartedAt: noon, EndedAt: noon}
)

// fullEntry has a value in every field, with what is easily lost: microseconds, an offset, a
// number beyond float64, members nobody knows.
func fullEntry() ledger.StreamState {
	text := "HTTP 503"
	attempt := &ledger.Attempt{StartedAt: noon, EndedAt: noon.Add(time.Minute), Status: ledger.StatusFailed, Records: 7, Error: text}
	success := &ledger.Attempt{StartedAt: noon.Add(-time.Hour), EndedAt: noon, Status: ledger.StatusSuccess, Records: 9}
	return ledger.StreamState{
		LastTimestamp:    noon.Add(123456 * time.Microsecond).In(time.FixedZone("", 2*3600)),
		RecordsProcessed: 1 << 60, LastRunStatus: ledger.StatusFailed, ErrorMessage: &text,
		Metadata:    ledger.Metadata{"cursor": []byte(`12345678901234567890123`), "nested": []byte(`{"b":[1,2.50],"a":null}`)},
		LastAttempt: attempt, LastSuccess: success, Unknown: []byte(`{"elsewhere":true}`),
	}
}

func entry(mark time.Time, records int64) *ledger.StreamState {
	return &ledger.StreamState{LastTimestamp: mark, RecordsProcessed: records, LastRunStatus: ledger.StatusSuccess, Metadata: ledger.Metadata{}}
}

func load(t *testing.T, s ledger.Store) ledger.LedgerState {
	t.Helper()
	state, err := s.Load(t.Context())
	require.NoError(t, err)
	return state
}

func commit(t *testing.T, s ledger.Store, changes []ledger.Change, runs ...ledger.Run) {
	t.Helper()
	require.NoError(t, s.Commit(t.Context(), ledger.Commit{Changes: changes, Runs: runs}))
}

func runs(t *testing.T, s ledger.Store, f ledger.RunFilter) []ledger.Run {
	t.Helper()
	var all []ledger.Run
	for r, err := range s.Runs(t.Context(), f) {
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

func emptyStoreLoads(t *testing.T, s ledger.Store) {
	require.Empty(t, load(t, s).Keys())
	require.Empty(t, runs(t, s, ledger.RunFilter{}))
}

func entryComesBackExactly(t *testing.T, s ledger.Store) {
	want := fullEntry()
	commit(t, s, []ledger.Change{{Key: keyA, New: &want}, {Key: keyB, New: entry(noon, 3)}})
	got, ok := load(t, s).Entry(keyA)
	require.True(t, ok)
	require.True(t, want.Equal(got), "want %+v\ngot  %+v", want, got)
	require.Equal(t, want.LastTimestamp.Format(time.RFC3339Nano), got.LastTimestamp.Format(time.RFC3339Nano), "the offset stays")
	require.Equal(t, []ledger.Key{keyA, keyB}, load(t, s).Keys())
	commit(t, s, []ledger.Change{{Key: keyA, Old: &got}})
	require.Equal(t, []ledger.Key{keyB}, load(t, s).Keys())
}

func commitIsAllOrNothing(t *testing.T, s ledger.Store) {
	commit(t, s, []ledger.Change{{Key: keyA, New: entry(noon, 1)}})
	err := s.Commit(t.Context(), ledger.Commit{
		Changes: []ledger.Change{{Key: keyB, New: entry(noon, 2)}, {Key: keyA, New: entry(noon, 3)}},
		Runs:    []ledger.Run{dummy},
	})
	require.ErrorIs(t, err, ledger.ErrConflict)
	require.Equal(t, []ledger.Key{keyA}, load(t, s).Keys(), "the change that fitted is not applied either")
	require.Empty(t, runs(t, s, ledger.RunFilter{}))
}

func commitComparesEveryOld(t *testing.T, s ledger.Store) {
	one, two := entry(noon, 1), entry(noon, 2)
	conflicts := []ledger.Change{{Key: keyA, Old: one, New: two}, {Key: keyA, Old: one}}
	for _, c := range conflicts {
		require.ErrorIs(t, s.Commit(t.Context(), ledger.Commit{Changes: []ledger.Change{c}}), ledger.ErrConflict, "there is no entry yet")
	}
	commit(t, s, []ledger.Change{{Key: keyA, New: one}})
	for _, c := range []ledger.Change{{Key: keyA, New: two}, {Key: keyA, Old: two, New: one}, {Key: keyA, Old: two}} {
		require.ErrorIs(t, s.Commit(t.Context(), ledger.Commit{Changes: []ledger.Change{c}}), ledger.ErrConflict)
	}
	commit(t, s, []ledger.Change{{Key: keyA, Old: one, New: two}})
	got, _ := load(t, s).Entry(keyA)
	require.True(t, two.Equal(got))
}

func loadedStateIsACopy(t *testing.T, s ledger.Store) {
	full := fullEntry()
	commit(t, s, []ledger.Change{{Key: keyA, New: &full}})
	full.Metadata["cursor"][0] = '9'
	state := load(t, s)
	mine, _ := state.Entry(keyA)
	mine.Metadata["nested"] = []byte(`1`)
	mine.LastAttempt.Records = 1000
	state.Remove(keyA)
	got, _ := load(t, s).Entry(keyA)
	require.True(t, fullEntry().Equal(got))
}

func runsComeNewestFirst(t *testing.T, s ledger.Store) {
	before := noon.Add(-time.Hour)
	for i := range 5 {
		r := dummy
		r.Records, r.MarkBefore, r.MarkAfter = int64(i), &before, &noon
		r.Error, r.Reason, r.Metadata = "x", "because", ledger.Metadata{"n": []byte(`12345678901234567890123`)}
		other := dummy
		other.StudyKey, other.Stream = keyB.StudyKey, keyB.Stream
		commit(t, s, nil, r, other)
	}
	all := runs(t, s, ledger.RunFilter{})
	require.Len(t, all, 10)
	require.Equal(t, keyB.StudyKey, all[0].StudyKey)
	mine := runs(t, s, ledger.RunFilter{StudyKey: keyA.StudyKey, Stream: keyA.Stream})
	require.Len(t, mine, 5)
	for i, r := range mine {
		require.EqualValues(t, 4-i, r.Records)
		require.True(t, r.StartedAt.Equal(noon) && r.MarkBefore.Equal(before) && r.MarkAfter.Equal(noon))
		require.Equal(t, "12345678901234567890123", string(r.Metadata["n"]))
	}
	require.Len(t, runs(t, s, ledger.RunFilter{StudyKey: keyA.StudyKey, Limit: 2}), 2)
	require.Empty(t, runs(t, s, ledger.RunFilter{StudyKey: "none"}))
}

func runsStopWhenToldTo(t *testing.T, s ledger.Store) {
	commit(t, s, nil, dummy, dummy, dummy)
	n := 0
	for range s.Runs(t.Context(), ledger.RunFilter{}) {
		n++
		break
	}
	require.Equal(t, 1, n)
	commit(t, s, nil, dummy) // nothing is held by the iteration that was broken off
}

func locksExcludeByKey(t *testing.T, s ledger.Store) {
	unlock, ok, err := s.TryLock(t.Context(), keyA)
	require.NoError(t, err)
	require.True(t, ok)
	_, ok, err = s.TryLock(t.Context(), keyA)
	require.NoError(t, err)
	require.False(t, ok)
	other, ok, err := s.TryLock(t.Context(), keyB)
	require.NoError(t, err)
	require.True(t, ok, "another stream is free")
	require.NoError(t, other())
	commit(t, s, []ledger.Change{{Key: keyA, New: entry(noon, 1)}}) // a stream's lock does not bar commits
	require.NoError(t, unlock())
	unlock, ok, err = s.TryLock(t.Context(), keyA)
	require.NoError(t, err)
	require.True(t, ok, "free again")
	require.NoError(t, unlock())
}

func endedContextWritesNothing(t *testing.T, s ledger.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Commit(ctx, ledger.Commit{Changes: []ledger.Change{{Key: keyA, New: entry(noon, 1)}}}), context.Canceled)
	require.Empty(t, load(t, s).Keys())
}

// concurrentCommitsLoseNothing adds one, many times from many goroutines, by compare-and-set.
func concurrentCommitsLoseNothing(t *testing.T, s ledger.Store) {
	const goroutines, times = 8, 10
	commit(t, s, []ledger.Change{{Key: keyA, New: entry(noon, 0)}})
	var wg sync.WaitGroup
	errs := make(chan error, goroutines)
	for range goroutines {
		wg.Go(func() {
			for range times {
				if err := addOne(t.Context(), s); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	got, _ := load(t, s).Entry(keyA)
	require.EqualValues(t, goroutines*times, got.RecordsProcessed)
	require.Len(t, runs(t, s, ledger.RunFilter{}), goroutines*times)
}

func addOne(ctx context.Context, s ledger.Store) error {
	for {
		state, err := s.Load(ctx)
		if err != nil {
			return err
		}
		old, ok := state.Entry(keyA)
		if !ok {
			return errors.New("the entry is gone")
		}
		err = s.Commit(ctx, ledger.Commit{Changes: []ledger.Change{{Key: keyA, Old: &old, New: entry(noon, old.RecordsProcessed+1)}}, Runs: []ledger.Run{dummy}})
		if !errors.Is(err, ledger.ErrConflict) {
			return err
		}
	}
}

// ledgerOverTheStore drives the store as programs do.
func ledgerOverTheStore(t *testing.T, s ledger.Store) {
	l, err := ledger.NewExtractionStateLedger(s)
	require.NoError(t, err)
	for i := range 3 {
		err = l.Transaction(t.Context(), keyA.StudyKey, keyA.Stream, noon, func(_ context.Context, tx *ledger.Tx) error {
			tx.NewTimestamp = tx.LastTimestamp.Add(time.Hour)
			tx.RecordsProcessed = int64(i)
			if i == 1 {
				return fmt.Errorf("run %d fails", i)
			}
			return nil
		})
		require.Equal(t, i == 1, err != nil)
	}
	mark, ok, err := l.LastTimestamp(t.Context(), keyA.StudyKey, keyA.Stream)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, noon.Add(2*time.Hour), mark)
	require.Len(t, runs(t, s, ledger.RunFilter{}), 3)
}

func sharedDataAndLocks(t *testing.T, a, b ledger.Store) {
	commit(t, a, []ledger.Change{{Key: keyA, New: entry(noon, 1)}}, dummy)
	got, ok := load(t, b).Entry(keyA)
	require.True(t, ok)
	require.EqualValues(t, 1, got.RecordsProcessed)
	require.Len(t, runs(t, b, ledger.RunFilter{}), 1)
	commit(t, b, []ledger.Change{{Key: keyA, Old: &got, New: entry(noon, 2)}})
	require.ErrorIs(t, a.Commit(t.Context(), ledger.Commit{Changes: []ledger.Change{{Key: keyA, Old: &got}}}), ledger.ErrConflict)
	unlock, ok, err := a.TryLock(t.Context(), keyA)
	require.NoError(t, err)
	require.True(t, ok)
	_, ok, err = b.TryLock(t.Context(), keyA)
	require.NoError(t, err)
	require.False(t, ok)
	require.NoError(t, unlock())
}
