package cachetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// Task is what a process of [Config.Kill] does: a sync over a server of its own, in the middle of which it
// kills itself. Equal options and equal edits make equal studies.
type Task struct {
	Place      string
	Study      imednettest.GenerateOptions
	Edits      int
	Sweep, All bool          // All syncs every resource
	Request    int           // the request, from 1, at which it kills itself
	Delay      time.Duration // and how long after
}

// Run runs the task with the mirror that open opens. It returns only when it was done before it was to be killed.
func (task Task) Run(ctx context.Context, open Opener) error {
	study := editedStudy(task.Study, task.Edits)
	server := imednettest.NewServer(study)
	var requests atomic.Int64
	server.OnRequest(func(imednettest.Request) {
		if requests.Add(1) == int64(task.Request) {
			time.AfterFunc(task.Delay, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })
		}
	})
	l, err := open(ctx, task.Place, server.Client(), cache.WithLockTimeout(time.Minute), cache.WithPageSize(250))
	if err != nil {
		return err
	}
	if task.All {
		_, err = l.SyncStudy(ctx, study.Key(), cache.SyncOptions{Sweep: task.Sweep})
	} else {
		_, err = l.SyncRecords(ctx, study.Key(), cache.SyncOptions{Sweep: task.Sweep})
	}
	if err != nil {
		return err
	}
	return l.Close()
}

// editedStudy generates a study and makes so many changes to it, always the same ones.
func editedStudy(opts imednettest.GenerateOptions, edits int) *imednettest.Study {
	study := imednettest.Generate(opts)
	NewMeddler(panicking{}, study, 42, edits).MeddleOn()
	return study
}

// panicking stands for the test in a child process.
type panicking struct{}

func (panicking) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (panicking) FailNow()                          { panic("failed") }

// killed kills a process at random moments of first and later runs. What it leaves is sound, holds nothing that
// the server never showed, and the mark has not run ahead; the next run goes on where it was and ends equal to
// the server.
func (s suite) killed(t *testing.T) {
	s.needsKills(t)
	task := Task{Study: imednettest.GenerateOptions{Records: 3000}}
	const edits = 150
	old, edited := editedStudy(task.Study, 0), editedStudy(task.Study, edits)
	rng := rand.New(rand.NewPCG(3, 4))
	kills, resumed := 0, 0
	moments := times(4, 6, 200)
	for i := 0; kills < moments || resumed == 0; i++ { // a slow process may be killed before its first commit each time
		require.Less(t, i, 8*moments, "too few were killed in time, or none within a first pass")
		task.Place, task.Edits, task.Sweep = s.Place(t), 0, false
		now, requests := old, 16 // of a first run
		if i%2 == 1 {
			s.fill(t, task, old)
			task.Edits, task.Sweep = edits, i%4 == 3
			now, requests = edited, 22
		}
		task.Request = 1 + ((i+1)*requests/moments+rng.IntN(1+requests/moments))%requests // all of a run in turn
		task.Delay = time.Duration(rng.IntN(10_000)) * time.Microsecond
		if !s.Kill(t, task) {
			continue
		}
		kills++
		t.Run("survived", func(t *testing.T) { // and closes what it opened
			if s.requireSurvived(t, task.Place, old, now) {
				resumed++
			}
		})
	}
	t.Logf("%d killed before they were done, %d first passes resumed", kills, resumed)
}

func (s suite) needsKills(t *testing.T) {
	if s.Kill == nil {
		t.Skip("no processes to be killed")
	}
}

// fill brings what a task syncs into the mirror of its place, and closes it.
func (s suite) fill(t *testing.T, task Task, study *imednettest.Study) {
	t.Run("fill", func(t *testing.T) {
		l := s.Open(t, task.Place, imednettest.NewServer(study).Client())
		sync(t, l, study.Key())
		if task.All {
			syncStudy(t, l, study.Key(), cache.SyncOptions{})
		}
	})
}

// requireSurvived checks what a killed process left and finishes its work.
func (s suite) requireSurvived(t *testing.T, place string, old, now *imednettest.Study) (resumed bool) {
	server := imednettest.NewServer(now)
	l := s.Open(t, place, server.Client())
	left := status(t, l, now.Key())
	requireKnownStates(t, l, left, old, now)
	if left.Whole {
		v, err := l.Verify(t.Context(), now.Key())
		require.NoError(t, err)
		require.Empty(t, v.Findings)
	}
	r := sync(t, l, now.Key())
	requireEqual(t, now, l)
	requireVerified(t, l, now.Key())
	held := left.Records.Total()
	require.Equal(t, left.Started && !left.Whole, r.Resumed)
	if r.Resumed {
		require.LessOrEqual(t, r.Added, int64(len(now.RecordIDs()))-held)
	}
	return r.Resumed && held > 0
}

// requireKnownStates demands that every active record held is a state that the server showed, that a first pass
// holds everything up to where it came, and that a mark that moved stands for a whole mirror.
func requireKnownStates(t *testing.T, l *cache.CachedRecordsLoader, left cache.Status, old, now *imednettest.Study) {
	held := map[int64]bool{}
	var top int64
	behind := 0
	for rec, err := range l.IterCachedRecords(t.Context(), now.Key()) {
		require.NoError(t, err)
		top, held[rec.RecordID] = rec.RecordID, true
		before, wasThere := old.Record(rec.RecordID)
		after, isThere := now.Record(rec.RecordID)
		isNow := isThere && string(rec.Raw) == string(after.Raw)
		require.True(t, isNow || wasThere && string(rec.Raw) == string(before.Raw), "record %d is in no state that the server showed", rec.RecordID)
		if !isNow {
			behind++
		}
	}
	if left.Started && !left.Whole {
		for _, id := range now.RecordIDs() {
			if rec, _ := now.Record(id); !rec.IsDeleted() {
				require.Equal(t, id <= top, held[id], "record %d, first pass up to %d", id, top)
			}
		}
		return
	}
	if newest := editedUpTo(old); left.Mark.After(newest) {
		require.Zero(t, behind, "the mark %v ran ahead", left.Mark)
	}
}

// editedUpTo returns the greatest dateModified of a study.
func editedUpTo(study *imednettest.Study) (newest time.Time) {
	for _, id := range study.RecordIDs() {
		rec, _ := study.Record(id)
		if at, ok := rec.DateModified.Get(); ok && at.After(newest) {
			newest = at.Time
		}
	}
	return newest
}

// resourcesKilled kills a process at random moments of runs over all resources.
func (s suite) resourcesKilled(t *testing.T) {
	s.needsKills(t)
	task := Task{Study: imednettest.GenerateOptions{Records: 1000}, Edits: 150, All: true}
	old, edited := editedStudy(task.Study, 0), editedStudy(task.Study, task.Edits)
	rng := rand.New(rand.NewPCG(7, 4))
	kills, moments := 0, times(2, 4, 100)
	for i := 0; kills < moments; i++ {
		require.Less(t, i, 4*moments, "too few were killed in time")
		task.Place, task.Sweep = s.Place(t), i%4 == 2
		if i%2 == 0 {
			s.fill(t, task, old)
		}
		task.Request, task.Delay = 1+rng.IntN(60), time.Duration(rng.IntN(10_000))*time.Microsecond
		if !s.Kill(t, task) {
			continue
		}
		kills++
		t.Run("survived", func(t *testing.T) {
			server := imednettest.NewServer(edited)
			l := s.Open(t, task.Place, server.Client())
			syncStudy(t, l, edited.Key(), cache.SyncOptions{Sweep: true})
			requireEqualRows(t, server.Client(), l, edited.Key())
			requireVerified(t, l, edited.Key())
		})
	}
}
