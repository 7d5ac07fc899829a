package cache_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
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
	All     bool // every resource
}

const childVariable = "IMEDNET_CACHE_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		var task childTask
		if err := json.Unmarshal([]byte(text), &task); err != nil {
			panic(err)
		}
		os.Exit(task.run())
	}
	os.Exit(m.Run())
}

func (task childTask) run() int {
	ctx := context.Background()
	if task.Read != "" {
		return task.read(ctx)
	}
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
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Print(time.Since(start).Nanoseconds())
	return 0
}

// read prints how many records of a study there are, without a client.
func (task childTask) read(ctx context.Context) int {
	l, err := cache.NewCachedRecordsLoader(ctx, nil, task.Path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	n := 0
	for _, err := range l.Records(ctx, task.Read, imednet.ListOptions{}) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		n++
	}
	fmt.Print(n)
	return 0
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

// command starts nothing yet: it is the child that does the task.
func (task childTask) command(ctx context.Context) (*exec.Cmd, error) {
	text, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	return cmd, nil
}

// panicking stands for the test in a child process.
type panicking struct{}

func (panicking) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (panicking) FailNow()                          { panic("failed") }
