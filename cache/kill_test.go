package cache_test

import (
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
)

// duration runs a task to its end and returns how long its work took.
func (task childTask) duration(t *testing.T) time.Duration {
	p := childtest.Start(t, task)
	line, _ := p.Next()
	require.NoError(t, p.Wait())
	ns, err := strconv.ParseInt(line, 10, 64)
	require.NoError(t, err)
	return time.Duration(ns)
}

// killed runs a task that kills itself, and reports whether it did before it was done.
func (task childTask) killed(t *testing.T) bool {
	err := childtest.Start(t, task).Wait()
	if err == nil {
		return false
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, -1, exit.ExitCode(), "it failed, and was not killed")
	return true
}

// TestKilled kills a process at random moments of first and later runs. What it leaves is sound,
// holds nothing that the server never showed, and the mark has not run ahead; the next run goes on
// where it was and ends equal to the server.
func TestKilled(t *testing.T) {
	moments := sized(8, 25)
	if long() {
		moments = 200
	}
	options := imednettest.GenerateOptions{Records: 1200}
	const edits = 150
	old, edited := editedStudy(options, 0), editedStudy(options, edits)
	dir := t.TempDir()
	first := childTask{Path: filepath.Join(dir, "measure.sqlite3"), Study: options, Repeat: 1, Batches: 50}
	later := first
	later.Edits = edits
	firstTime, laterTime := first.duration(t), later.duration(t)

	mirror := mirrored(t, old, func(l *cache.CachedRecordsLoader) { sync(t, l, old.Key()) })
	rng := rand.New(rand.NewPCG(3, 4))
	kills, resumed := 0, 0
	for i := 0; kills < moments; i++ {
		require.Less(t, i, 4*moments, "too few were killed in time")
		path := filepath.Join(dir, strconv.Itoa(i), "mirror.sqlite3")
		task, longest := first, firstTime
		if i%3 != 0 {
			task, longest = later, laterTime
			mirror(path)
			task.Sweep = i%3 == 2
		}
		task.Path, task.KillAt = path, 1+time.Duration(rng.Int64N(int64(longest)))
		if !task.killed(t) {
			continue
		}
		kills++
		server := edited
		if task.Edits == 0 {
			server = old
		}
		if requireSurvived(t, path, old, server) {
			resumed++
		}
	}
	t.Logf("%d killed before they were done, %d first passes resumed", kills, resumed)
	require.Positive(t, resumed)
}

// requireSurvived checks what a killed process left and finishes its work.
func requireSurvived(t *testing.T, path string, old, now *imednettest.Study) (resumed bool) {
	server := imednettest.NewServer(now)
	l := openAt(t, server.Client(), path)
	damaged, top, err := l.Check(t.Context(), now.Key())
	require.NoError(t, err)
	require.Empty(t, damaged)
	status, err := l.Status(t.Context(), now.Key())
	require.NoError(t, err)
	requireKnownStates(t, l, status, top, old, now)

	held := status.Records.Total()
	server.ResetRequests()
	r := sync(t, l, now.Key())
	requireEqual(t, now, l)
	if status.Started && !status.Whole {
		require.True(t, r.Resumed)
		first := slices.IndexFunc(server.Requests(), func(q imednettest.Request) bool { return strings.HasSuffix(q.Path, "/records") })
		if held > 0 {
			require.NotEqual(t, "recordId>0", server.Requests()[first].Filter, "started over")
		}
		require.LessOrEqual(t, r.Added, int64(len(now.RecordIDs()))-held)
		return held > 0
	}
	require.False(t, r.Resumed)
	return false
}

// requireKnownStates demands that everything held is a state that the server showed, that a first
// pass holds everything up to where it came, and that a mark that moved stands for a whole mirror.
func requireKnownStates(t *testing.T, l *cache.CachedRecordsLoader, status cache.Status, top int64, old, now *imednettest.Study) {
	held := map[int64]bool{}
	behind := 0
	for id, payload := range l.Payloads(t.Context(), now.Key()) {
		held[id] = true
		before, wasThere := old.Record(id)
		after, isThere := now.Record(id)
		isNow := isThere && string(payload) == string(after.Raw)
		require.True(t, isNow || wasThere && string(payload) == string(before.Raw), "record %d is in no state that the server showed", id)
		if !isNow {
			behind++
		}
	}
	if status.Started && !status.Whole {
		for _, id := range now.RecordIDs() {
			require.Equal(t, id <= top, held[id], "record %d, first pass up to %d", id, top)
		}
		return
	}
	if newest := editedUpTo(old); status.Mark.After(newest) {
		require.Zero(t, behind, "the mark %v ran ahead", status.Mark)
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
