package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
)

var noon = time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)

// fakeClock moves by a second at every look and sleeps at once.
type fakeClock struct{ now time.Time }

func (c *fakeClock) Now() time.Time {
	c.now = c.now.Add(time.Second)
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return context.Cause(ctx)
}

func newLedger(t *testing.T, s ledger.Store, opts ...ledger.Option) *ledger.ExtractionStateLedger {
	t.Helper()
	l, err := ledger.NewExtractionStateLedger(s, append([]ledger.Option{ledger.WithClock(&fakeClock{now: noon})}, opts...)...)
	require.NoError(t, err)
	return l
}

func entryOf(t *testing.T, l *ledger.ExtractionStateLedger, study, stream string) *ledger.StreamState {
	t.Helper()
	state, err := l.ReadState(t.Context())
	require.NoError(t, err)
	if e, ok := state.Entry(ledger.Key{StudyKey: study, Stream: stream}); ok {
		return &e
	}
	return nil
}

func runsOf(t *testing.T, l *ledger.ExtractionStateLedger) []ledger.Run {
	t.Helper()
	var all []ledger.Run
	for r, err := range l.Runs(t.Context(), ledger.RunFilter{}) {
		require.NoError(t, err)
		all = append(all, r)
	}
	return all
}

func set(t *testing.T, l *ledger.ExtractionStateLedger, mark time.Time, n int64) {
	t.Helper()
	require.NoError(t, l.SetLastTimestamp(t.Context(), "S", "records", mark, ledger.SetOptions{RecordsProcessed: n}))
}

func TestTransactionSuccessReplacesTheEntry(t *testing.T) {
	l := newLedger(t, newMemory(t))
	err := l.Transaction(t.Context(), "S", "records", noon, func(_ context.Context, tx *ledger.Tx) error {
		require.Equal(t, noon, tx.LastTimestamp, "the fallback")
		tx.NewTimestamp = noon.Add(time.Hour + 1500*time.Nanosecond)
		tx.RecordsProcessed = 3
		return tx.Metadata.Set("a", 1)
	})
	require.NoError(t, err)
	e := entryOf(t, l, "S", "records")
	require.Equal(t, noon.Add(time.Hour+time.Microsecond), e.LastTimestamp, "cut, not rounded")
	require.EqualValues(t, 3, e.RecordsProcessed)
	require.Equal(t, ledger.StatusSuccess, e.LastRunStatus)
	require.Nil(t, e.ErrorMessage)
	var a int
	ok, err := e.Metadata.Get("a", &a)
	require.NoError(t, err)
	require.True(t, ok && a == 1)
	require.Equal(t, e.LastAttempt, e.LastSuccess)
	require.True(t, e.LastAttempt.EndedAt.After(e.LastAttempt.StartedAt))
}

func TestFailureNeverMovesAMark(t *testing.T) {
	l := newLedger(t, newMemory(t))
	set(t, l, noon, 5)
	success := entryOf(t, l, "S", "records").LastSuccess
	why := errors.New("API Error")
	err := l.Transaction(t.Context(), "S", "records", time.Time{}, func(_ context.Context, tx *ledger.Tx) error {
		tx.NewTimestamp, tx.RecordsProcessed = noon.Add(time.Hour), 10
		return why
	})
	require.Equal(t, why, err, "the error comes back as it is")
	e := entryOf(t, l, "S", "records")
	require.Equal(t, noon, e.LastTimestamp)
	require.EqualValues(t, 5, e.RecordsProcessed)
	require.Equal(t, ledger.StatusFailed, e.LastRunStatus)
	require.Equal(t, "API Error", *e.ErrorMessage)
	require.Equal(t, success, e.LastSuccess)
	require.EqualValues(t, 10, e.LastAttempt.Records)
	require.Equal(t, ledger.StatusFailed, e.LastAttempt.Status)
	run := runsOf(t, l)[0]
	require.Equal(t, []any{ledger.RunTransaction, ledger.StatusFailed, "API Error", int64(10)}, []any{run.Kind, run.Status, run.Error, run.Records})
	require.Equal(t, noon, *run.MarkAfter)

	require.NoError(t, l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon, Records: 0}))
	e = entryOf(t, l, "S", "records")
	require.Equal(t, ledger.StatusSuccess, e.LastRunStatus)
	require.Nil(t, e.ErrorMessage, "a success clears the failure")
	require.EqualValues(t, 5, e.RecordsProcessed, "nothing new: the count stays that of the run that set the mark")
}

func TestFirstRunThatFailsCreatesNoEntry(t *testing.T) {
	for name, fallback := range map[string]time.Time{"no fallback": {}, "fallback": noon} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t, newMemory(t))
			err := l.Transaction(t.Context(), "S", "records", fallback, func(_ context.Context, tx *ledger.Tx) error {
				tx.NewTimestamp = noon.Add(time.Hour)
				return errors.New("no")
			})
			require.Error(t, err)
			require.Nil(t, entryOf(t, l, "S", "records"))
			require.Len(t, runsOf(t, l), 1)
			require.Nil(t, runsOf(t, l)[0].MarkAfter)
		})
	}
}

func TestCleanRunWithNothingNewIsRecorded(t *testing.T) {
	l := newLedger(t, newMemory(t))
	nothing := func(context.Context, *ledger.Tx) error { return nil }
	require.NoError(t, l.Transaction(t.Context(), "S", "records", noon, nothing))
	require.Nil(t, entryOf(t, l, "S", "records"), "the fallback is not a mark")
	require.Len(t, runsOf(t, l), 1)
	set(t, l, noon, 5)
	before := entryOf(t, l, "S", "records")
	require.NoError(t, l.Transaction(t.Context(), "S", "records", time.Time{}, nothing))
	e := entryOf(t, l, "S", "records")
	require.Equal(t, noon, e.LastTimestamp)
	require.EqualValues(t, 5, e.RecordsProcessed)
	require.True(t, e.LastSuccess.EndedAt.After(before.LastSuccess.EndedAt))
	require.Len(t, runsOf(t, l), 3)
}

func TestPanicIsRecordedAndGoesOn(t *testing.T) {
	l := newLedger(t, newMemory(t))
	set(t, l, noon, 1)
	require.PanicsWithValue(t, "subject 7", func() {
		_ = l.Transaction(t.Context(), "S", "records", time.Time{}, func(_ context.Context, tx *ledger.Tx) error {
			tx.NewTimestamp = noon.Add(time.Hour)
			panic("subject 7")
		})
	})
	e := entryOf(t, l, "S", "records")
	require.Equal(t, noon, e.LastTimestamp)
	require.Equal(t, "panic", *e.ErrorMessage, "the panic's value may hold data")
	set(t, l, noon.Add(time.Hour), 1) // the lock is free
}

func TestEndedContextIsRecordedAsAFailure(t *testing.T) {
	l := newLedger(t, newMemory(t))
	set(t, l, noon, 1)
	ctx, cancel := context.WithCancel(t.Context())
	err := l.Transaction(ctx, "S", "records", time.Time{}, func(ctx context.Context, tx *ledger.Tx) error {
		tx.NewTimestamp = noon.Add(time.Hour)
		cancel()
		return ctx.Err()
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, ledger.StatusFailed, entryOf(t, l, "S", "records").LastRunStatus)
	require.Equal(t, noon, entryOf(t, l, "S", "records").LastTimestamp)
}

func TestMarkGoesBackOnlyWhenAllowed(t *testing.T) {
	l := newLedger(t, newMemory(t))
	set(t, l, noon, 1)
	earlier := noon.Add(-time.Hour)
	back := func(allow bool, reason string) error {
		return l.Transaction(t.Context(), "S", "records", time.Time{}, func(_ context.Context, tx *ledger.Tx) error {
			tx.NewTimestamp, tx.AllowBackward, tx.Reason = earlier, allow, reason
			return nil
		})
	}
	require.ErrorIs(t, back(false, ""), ledger.ErrBackward)
	require.Equal(t, ledger.StatusFailed, entryOf(t, l, "S", "records").LastRunStatus)
	require.ErrorIs(t, l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: earlier}), ledger.ErrBackward)
	require.ErrorIs(t, l.SetLastTimestamp(t.Context(), "S", "records", earlier, ledger.SetOptions{}), ledger.ErrBackward)
	var invalid *imednet.ValidationError
	require.ErrorAs(t, back(true, " "), &invalid, "a reason is needed")
	require.Equal(t, noon, entryOf(t, l, "S", "records").LastTimestamp)
	require.NoError(t, back(true, "site 12 was loaded again"))
	require.Equal(t, earlier, entryOf(t, l, "S", "records").LastTimestamp)
	require.Equal(t, "site 12 was loaded again", runsOf(t, l)[0].Reason)
}

func TestReentrantUseIsAnError(t *testing.T) {
	l := newLedger(t, newMemory(t))
	err := l.Transaction(t.Context(), "S", "records", time.Time{}, func(ctx context.Context, tx *ledger.Tx) error {
		require.ErrorIs(t, l.Transaction(ctx, "S", "records", noon, func(context.Context, *ledger.Tx) error { return nil }), ledger.ErrReentrant)
		require.ErrorIs(t, l.Advance(ctx, "S", "records", imednet.Watermark{Time: noon}), ledger.ErrReentrant)
		require.NoError(t, l.Advance(ctx, "S", "queries", imednet.Watermark{Time: noon}), "another stream is fine")
		_, err := l.DeleteEntry(ctx, "S", "", ledger.DeleteOptions{Reason: "x"})
		require.NoError(t, err, "records has no entry yet")
		require.ErrorIs(t, l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon}), ledger.ErrLocked, "without the context it is a timeout")
		return nil
	})
	require.NoError(t, err)
}

// TestAnotherProgramsChangeIsAConflict writes behind the ledger's back, as the Python package does: it
// knows nothing of the locks of streams.
func TestAnotherProgramsChangeIsAConflict(t *testing.T) {
	s := newMemory(t)
	l := newLedger(t, s)
	set(t, l, noon, 1)
	err := l.Transaction(t.Context(), "S", "records", time.Time{}, func(ctx context.Context, tx *ledger.Tx) error {
		old := *entryOf(t, l, "S", "records")
		theirs := old.Clone()
		theirs.LastTimestamp = noon.Add(time.Minute)
		require.NoError(t, s.Commit(ctx, ledger.Commit{Changes: []ledger.Change{{Key: ledger.Key{StudyKey: "S", Stream: "records"}, Old: &old, New: &theirs}}}))
		tx.NewTimestamp = noon.Add(time.Hour)
		return nil
	})
	require.ErrorIs(t, err, ledger.ErrConflict)
	require.True(t, imednet.Retryable(err))
	require.Equal(t, noon.Add(time.Minute), entryOf(t, l, "S", "records").LastTimestamp)
	require.Equal(t, ledger.StatusFailed, runsOf(t, l)[0].Status, "the lost run is recorded")
}

func TestLocksHaveATimeoutAndAContext(t *testing.T) {
	s := newMemory(t)
	unlock, ok, err := s.TryLock(t.Context(), ledger.Key{StudyKey: "S", Stream: "records"})
	require.NoError(t, err)
	require.True(t, ok)
	clock := &fakeClock{now: noon}
	l := newLedger(t, s, ledger.WithClock(clock), ledger.WithLockTimeout(time.Minute))
	err = l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon})
	require.ErrorIs(t, err, ledger.ErrLocked)
	require.True(t, imednet.Retryable(err))
	require.GreaterOrEqual(t, clock.now.Sub(noon), time.Minute)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("shutting down")
	cancel(why)
	require.ErrorIs(t, l.Advance(ctx, "S", "records", imednet.Watermark{Time: noon}), why)
	require.NoError(t, l.Advance(t.Context(), "S", "other", imednet.Watermark{Time: noon}))
	require.NoError(t, unlock())
	require.NoError(t, l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon}))
}

func TestDeleteEntryAsksForAReason(t *testing.T) {
	l := newLedger(t, newMemory(t))
	for _, stream := range []string{"records", "queries"} {
		require.NoError(t, l.SetLastTimestamp(t.Context(), "S", stream, noon, ledger.SetOptions{}))
	}
	require.NoError(t, l.SetLastTimestamp(t.Context(), "T", "records", noon, ledger.SetOptions{}))
	_, err := l.DeleteEntry(t.Context(), "S", "records", ledger.DeleteOptions{})
	require.Error(t, err)
	for _, c := range []struct {
		study, stream string
		want          bool
	}{{"S", "none", false}, {"none", "", false}, {"S", "records", true}, {"S", "records", false}, {"S", "", true}, {"S", "", false}} {
		got, err := l.DeleteEntry(t.Context(), c.study, c.stream, ledger.DeleteOptions{Reason: "new protocol"})
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%+v", c)
	}
	state, err := l.ReadState(t.Context())
	require.NoError(t, err)
	require.Equal(t, []ledger.Key{{StudyKey: "T", Stream: "records"}}, state.Keys())
	require.Len(t, state.Studies, 1)
	run := runsOf(t, l)[0]
	require.Equal(t, []any{ledger.RunReset, "new protocol", noon}, []any{run.Kind, run.Reason, *run.MarkBefore})
	require.Len(t, runsOf(t, l), 5, "a reset that finds nothing writes nothing")
}

func TestSetLastTimestampChecksItsOptions(t *testing.T) {
	l := newLedger(t, newMemory(t))
	set(t, l, noon, 2)
	bad := map[string]func() error{
		"status":      func() error { return setWith(t, l, noon, ledger.SetOptions{Status: "done"}) },
		"error alone": func() error { return setWith(t, l, noon, ledger.SetOptions{ErrorMessage: "x"}) },
		"negative":    func() error { return setWith(t, l, noon, ledger.SetOptions{RecordsProcessed: -1}) },
		"zero":        func() error { return setWith(t, l, time.Time{}, ledger.SetOptions{}) },
		"no reason":   func() error { return setWith(t, l, noon, ledger.SetOptions{AllowBackward: true}) },
		"reserved name": func() error {
			return setWith(t, l, noon, ledger.SetOptions{Metadata: ledger.Metadata{"_imednet": []byte("1")}})
		},
		"no JSON": func() error {
			return setWith(t, l, noon, ledger.SetOptions{Metadata: ledger.Metadata{"a": []byte("{")}})
		},
		"failed moves": func() error { return setWith(t, l, noon.Add(1e9), ledger.SetOptions{Status: ledger.StatusFailed}) },
		"year 10000":   func() error { return setWith(t, l, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), ledger.SetOptions{}) },
		"empty study":  func() error { return l.SetLastTimestamp(t.Context(), " ", "records", noon, ledger.SetOptions{}) },
		"not UTF-8":    func() error { return l.SetLastTimestamp(t.Context(), "S", "\xff", noon, ledger.SetOptions{}) },
		"advance zero": func() error { return l.Advance(t.Context(), "S", "records", imednet.Watermark{}) },
		"advance minus": func() error {
			return l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon, Records: -1})
		},
	}
	for name, call := range bad {
		var invalid *imednet.ValidationError
		var located *imednet.Error
		err := call()
		require.ErrorAs(t, err, &invalid, name)
		require.ErrorAs(t, err, &located, name)
		require.Equal(t, noon, entryOf(t, l, "S", "records").LastTimestamp, name)
	}
	require.NoError(t, setWith(t, l, time.Time{}, ledger.SetOptions{Status: ledger.StatusFailed, ErrorMessage: "disk full"}))
	e := entryOf(t, l, "S", "records")
	require.Equal(t, []any{noon, "disk full", int64(2)}, []any{e.LastTimestamp, *e.ErrorMessage, e.RecordsProcessed})
}

func setWith(t *testing.T, l *ledger.ExtractionStateLedger, mark time.Time, opts ledger.SetOptions) error {
	return l.SetLastTimestamp(t.Context(), "S", "records", mark, opts)
}

func TestLongErrorTextsAreCut(t *testing.T) {
	l := newLedger(t, newMemory(t))
	set(t, l, noon, 1)
	_ = l.Transaction(t.Context(), "S", "records", noon, func(context.Context, *ledger.Tx) error {
		return errors.New(strings.Repeat("ü", 5000) + "\xff")
	})
	require.Less(t, len(*entryOf(t, l, "S", "records").ErrorMessage), 2010)
}

func TestWriteStateMergesOnlyWhatChanged(t *testing.T) {
	l := newLedger(t, newMemory(t))
	set(t, l, noon, 1)
	require.NoError(t, l.Advance(t.Context(), "S", "queries", imednet.Watermark{Time: noon}))
	state, err := l.ReadState(t.Context())
	require.NoError(t, err)
	records := ledger.Key{StudyKey: "S", Stream: "records"}
	e, _ := state.Entry(records)
	e.LastTimestamp = noon.Add(time.Hour)
	state.Put(records, e)
	require.NoError(t, l.Advance(t.Context(), "S", "queries", imednet.Watermark{Time: noon.Add(time.Minute), Records: 4})) // someone else
	require.NoError(t, l.Advance(t.Context(), "T", "records", imednet.Watermark{Time: noon}))
	require.NoError(t, l.WriteState(t.Context(), state, ledger.WriteOptions{}))
	require.Equal(t, noon.Add(time.Hour), entryOf(t, l, "S", "records").LastTimestamp)
	require.Equal(t, noon.Add(time.Minute), entryOf(t, l, "S", "queries").LastTimestamp, "not written over")
	require.NotNil(t, entryOf(t, l, "T", "records"))

	require.ErrorIs(t, l.WriteState(t.Context(), state, ledger.WriteOptions{}), ledger.ErrConflict, "the state is no longer what was read")
	state.Remove(records)
	require.ErrorIs(t, l.WriteState(t.Context(), state, ledger.WriteOptions{}), ledger.ErrBackward)
	require.Error(t, l.WriteState(t.Context(), state, ledger.WriteOptions{AllowBackward: true}))
	require.NoError(t, l.WriteState(t.Context(), state, ledger.WriteOptions{Overwrite: true, AllowBackward: true, Reason: "restored by hand"}))
	require.Nil(t, entryOf(t, l, "S", "records"))
	require.Nil(t, entryOf(t, l, "T", "records"))
}

func TestExportImportCopy(t *testing.T) {
	a, b, c := newLedger(t, newMemory(t)), newLedger(t, newMemory(t)), newLedger(t, openFile(t, filepath.Join(t.TempDir(), "l.json")))
	set(t, a, noon, 1)
	require.NoError(t, a.Advance(t.Context(), "T", "records", imednet.Watermark{Time: noon, Records: 2}))
	var file bytes.Buffer
	require.NoError(t, a.Export(t.Context(), &file))
	exported := file.String()
	require.NoError(t, b.Advance(t.Context(), "T", "records", imednet.Watermark{Time: noon.Add(-time.Hour)}))
	require.NoError(t, b.Advance(t.Context(), "U", "records", imednet.Watermark{Time: noon}))
	report, err := b.Import(t.Context(), strings.NewReader(exported), ledger.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, ledger.ImportReport{Read: 2, Added: 1, Changed: 1}, report)
	report, err = b.Import(t.Context(), strings.NewReader(exported), ledger.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, ledger.ImportReport{Read: 2, Unchanged: 2}, report)
	require.True(t, entryOf(t, a, "T", "records").Equal(*entryOf(t, b, "T", "records")))
	require.NotNil(t, entryOf(t, b, "U", "records"), "what the file does not name stays")

	require.NoError(t, b.Advance(t.Context(), "T", "records", imednet.Watermark{Time: noon.Add(time.Hour)}))
	_, err = b.Import(t.Context(), strings.NewReader(exported), ledger.ImportOptions{})
	require.ErrorIs(t, err, ledger.ErrBackward)
	_, err = b.Import(t.Context(), strings.NewReader(exported), ledger.ImportOptions{AllowBackward: true, Reason: "go back"})
	require.NoError(t, err)
	_, err = b.Import(t.Context(), strings.NewReader(`[]`), ledger.ImportOptions{})
	require.ErrorIs(t, err, ledger.ErrDamaged)

	report, err = c.CopyFrom(t.Context(), a, ledger.ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, ledger.ImportReport{Read: 2, Added: 2, Runs: 2}, report)
	file.Reset()
	require.NoError(t, c.Export(t.Context(), &file))
	require.Equal(t, exported, file.String())
	require.Len(t, runsOf(t, c), 4, "two copied, two of the copy")
}

func testHistoryBound(t *testing.T, s ledger.Store, bound int) {
	l := newLedger(t, s)
	for i := range 200 {
		require.NoError(t, l.Advance(t.Context(), "S", "records", imednet.Watermark{Time: noon.Add(time.Duration(i) * time.Second), Records: int64(i)}))
	}
	runs := runsOf(t, l)
	require.Len(t, runs, bound)
	for i, r := range runs {
		require.EqualValues(t, 199-i, r.Records)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	testHistoryBound(t, newMemory(t, ledger.WithHistoryLimit(20)), 20)
	testHistoryBound(t, openFile(t, filepath.Join(t.TempDir(), "l.json"), ledger.WithHistoryLimit(20)), 20)
}

// TestAWholeHistoryIsKept, whatever the limit is beside it.
func TestAWholeHistoryIsKept(t *testing.T) {
	testHistoryBound(t, newMemory(t, ledger.WithHistoryLimit(20), ledger.WithWholeHistory()), 200)
	testHistoryBound(t, openFile(t, filepath.Join(t.TempDir(), "l.json"), ledger.WithWholeHistory(), ledger.WithHistoryLimit(20)), 200)
}

func TestConstructorsRefuseNonsense(t *testing.T) {
	_, err := ledger.NewExtractionStateLedger(nil)
	require.Error(t, err)
	for _, opt := range []ledger.Option{ledger.WithClock(nil), ledger.WithLockTimeout(-1)} {
		_, err = ledger.NewExtractionStateLedger(newMemory(t), opt)
		require.Error(t, err)
	}
	for _, opt := range []ledger.StoreOption{ledger.WithHistoryLimit(0), ledger.WithCommitTimeout(0), ledger.WithClock(nil)} {
		_, err = ledger.NewMemoryStore(opt)
		require.Error(t, err)
	}
	for _, path := range []string{"", "a.lock"} {
		_, err = ledger.OpenFile(path)
		require.Error(t, err)
	}
}
