package scenarios

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/rest"
)

// syncUntilKilled syncs a study in another process: the server's address, and the mirror's file. It says
// when it begins and when it is done.
func syncUntilKilled(ctx context.Context, args []string, _ *bufio.Scanner, say func(string)) (err error) {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(args[0]))
	if err != nil {
		return err
	}
	mirror, err := cache.NewCachedRecordsLoader(ctx, client, args[1])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	say("begins")
	if _, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{}); err != nil {
		return err
	}
	say("done")
	return nil
}

var mirrorKilled = qualification.Scenario{
	ID: "OQ-MIR-4", Title: "A killed sync loses nothing",
	Requirements: []string{"MIR-02", "MIR-11"},
	Run: func(ctx context.Context, t *qualification.Trial) (err error) {
		s, err := generated(ctx, t, 5000)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		path := t.Path("mirror/records_cache.sqlite3")
		for _, after := range []int64{3, 9, 12} {
			if err := killAfter(ctx, t, s, path, after); err != nil {
				return err
			}
		}
		mirror, err := openMirror(ctx, t, s)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, mirror.Close()) }()
		status, err := mirror.Status(ctx, s.study.Key())
		if err != nil {
			return err
		}
		t.Note("records held after three kills", status.Records.Active+status.Records.Deleted)
		if _, err := mirror.SyncRecords(ctx, s.study.Key(), cache.SyncOptions{}); err != nil {
			return err
		}
		return sameAsServer(ctx, t, "after three kills and one more sync", s, mirror)
	},
}

// killAfter kills a process that syncs, at one of its requests.
func killAfter(ctx context.Context, t *qualification.Trial, s *site, path string, after int64) error {
	var asked atomic.Int64
	reached := make(chan struct{})
	s.server.OnRequest(func(imednettest.Request) {
		switch n := asked.Add(1); {
		case n == after:
			close(reached)
		case n > after:
			<-ctx.Done() // is not answered any more
		}
	})
	defer s.server.OnRequest(nil)
	trial, cancel := context.WithCancel(ctx)
	defer cancel()
	process, err := qualification.Start(trial, t.Executable, qualification.Task{Name: "sync", Args: []string{s.url, path}})
	if err != nil {
		return err
	}
	t.Equal(fmt.Sprintf("the process that is killed at request %d", after), "begins", process.Next())
	select {
	case <-reached:
	case <-process.Ended():
		return errors.Join(errors.New("the process ended before it was killed"), process.End())
	}
	err = secondRun(ctx, t, s, path)
	return errors.Join(err, process.Kill(), context.Cause(ctx))
}

// secondRun tries to sync the study while the other process does.
func secondRun(ctx context.Context, t *qualification.Trial, s *site, path string) error {
	mirror, err := cache.NewCachedRecordsLoader(ctx, s.client, path, cache.WithClock(t.Clock), cache.WithLockTimeout(0))
	if err != nil {
		return err
	}
	_, err = mirror.SyncRecords(ctx, s.study.Key(), cache.SyncOptions{})
	t.Refused("a second run of the study meanwhile", cache.ErrSyncRunning, err)
	return mirror.Close()
}
