package cache_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
)

// childTask is what a child process does: this test binary, started again. Its server is one of
// its own, in memory; equal options and equal edits make equal studies.
type childTask struct {
	Path    string
	Study   imednettest.GenerateOptions
	Sweep   bool
	Repeat  int
	Batches int
	Read    string // only read this study's records without a client, compare them with a server, and print how many there are
	Copy    string // of a reader: where to
	Backup  bool
	Killed  *cachetest.Task
	Work    string // only run a worker, until it is killed, over the server of this URL; Path is its folder
}

func TestMain(m *testing.M) {
	childtest.Main(m, func(ctx context.Context, task childTask, say childtest.Say) error {
		switch {
		case task.Killed != nil:
			return task.Killed.Run(ctx, openFile)
		case task.Read != "":
			return task.read(ctx, say)
		case task.Work != "":
			return task.work(ctx)
		}
		return task.sync(ctx, say)
	})
}

// sync makes the study and syncs it, and says how many nanoseconds that took.
func (task childTask) sync(ctx context.Context, say childtest.Say) error {
	study := imednettest.Generate(task.Study)
	server := imednettest.NewServer(study)
	start := time.Now()
	l, err := cache.NewCachedRecordsLoader(ctx, server.Client(), task.Path, cache.WithBatchRows(cmp.Or(task.Batches, 2000)), cache.WithLockTimeout(time.Minute))
	for i := 0; err == nil && i < task.Repeat; i++ {
		_, err = l.SyncRecords(ctx, study.Key(), cache.SyncOptions{Sweep: task.Sweep})
	}
	if err == nil && task.Backup {
		err = l.Backup(ctx, task.Path+".copy")
	}
	if err == nil {
		err = l.Close()
	}
	if err == nil {
		say(strconv.FormatInt(time.Since(start).Nanoseconds(), 10))
	}
	return err
}

// read says how many records of a study there are without a client, and how many are as a server has them, and copies the
// mirror.
func (task childTask) read(ctx context.Context, say childtest.Say) error {
	l, err := cache.NewCachedRecordsLoader(ctx, nil, task.Path)
	if err != nil {
		return err
	}
	n := 0
	for _, err := range l.Records(ctx, task.Read, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		n++
	}
	if err := errors.Join(l.Backup(ctx, task.Copy), l.Close()); err != nil {
		return err
	}
	l, err = cache.NewCachedRecordsLoader(ctx, imednettest.NewServer(imednettest.Generate(task.Study)).Client(), task.Path)
	if err != nil {
		return err
	}
	r, err := l.Verify(ctx, task.Read)
	say(fmt.Sprintf("%d and %d equal", n, r.Equal))
	return errors.Join(err, l.Close())
}

// panicking stands for the test in a child process.
type panicking struct{}

func (panicking) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (panicking) FailNow()                          { panic("failed") }
