package cache_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
)

// childTask is what a child process does: this test binary, started again. Its server is one of
// its own, in memory; equal options and equal edits make equal studies.
type childTask struct {
	Path    string
	Study   imednettest.GenerateOptions
	Edits   int
	Sweep   bool
	KillAt  time.Duration // after the study was made ready; 0 is never
	Repeat  int
	Batches int
	Read    string // only read this study's records, without a client, and print how many there are
	Backup  bool
	All     bool   // every resource
	Work    string // only run a worker, until it is killed, over the server of this URL; Path is its folder
}

func TestMain(m *testing.M) {
	childtest.Main(m, func(ctx context.Context, task childTask, say childtest.Say) error {
		switch {
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
	study := editedStudy(task.Study, task.Edits)
	server := imednettest.NewServer(study)
	if task.KillAt > 0 {
		time.AfterFunc(task.KillAt, func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })
	}
	start := time.Now()
	l, err := cache.NewCachedRecordsLoader(ctx, server.Client(), task.Path, cache.WithBatchRows(cmp.Or(task.Batches, 2000)), cache.WithLockTimeout(time.Minute))
	for i := 0; err == nil && i < task.Repeat; i++ {
		if task.All {
			_, err = l.SyncStudy(ctx, study.Key(), cache.SyncOptions{Sweep: task.Sweep})
			continue
		}
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

// read says how many records of a study there are, without a client.
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
	say(strconv.Itoa(n))
	return nil
}

// editedStudy generates a study and makes so many changes to it, always the same ones.
func editedStudy(opts imednettest.GenerateOptions, edits int) *imednettest.Study {
	study := imednettest.Generate(opts)
	m := newMeddler(panicking{}, study, 42, edits)
	for m.left > 0 {
		m.meddle()
	}
	return study
}

// panicking stands for the test in a child process.
type panicking struct{}

func (panicking) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (panicking) FailNow()                          { panic("failed") }
