// Command feed sends the changes of a study to a message queue: each change once in the order of the
// mirror's versions, and again after a failure, so that the receiver drops what it knows by its key.
//
// It reads from an embedded server; nothing outside this computer is contacted. Values are sent, and not
// shown.
//
//	go run ./examples/feed
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "feed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "imednet-feed-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	// Your own program has rest.New here; everything below is unchanged.
	mirror, err := cache.NewCachedRecordsLoader(ctx, imednettest.NewServer(study).Client(), filepath.Join(dir, "mirror.sqlite3"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()

	f := feed{mirror: mirror, study: study.Key(), to: &queue{out: out, failsAt: 3}}
	if err := f.start(ctx); err != nil {
		return err
	}
	records := study.RecordIDs()
	if err := errors.Join(study.EditRecord(records[3], "AETERM", "Headache"), study.EditRecord(records[3], "AESEV", "Severe"), study.DeleteRecord(records[5], true)); err != nil {
		return err
	}
	for range 2 {
		if err := f.follow(ctx); err != nil {
			fmt.Fprintln(out, "failed:", err)
		}
	}
	return f.follow(ctx) // nothing new
}

// feed follows a study. In your own program, sent is kept beside what the queue acknowledged.
type feed struct {
	mirror *cache.CachedRecordsLoader
	study  string
	to     *queue
	sent   imednet.MirrorVersion
}

// start takes the study as it is: changes are sent from here on.
func (f *feed) start(ctx context.Context) (err error) {
	f.sent, err = f.sync(ctx)
	return err
}

// follow sends what changed since the version that was sent last. The version moves only when everything was
// acknowledged, so that a failure repeats changes and loses none.
func (f *feed) follow(ctx context.Context) error {
	now, err := f.sync(ctx)
	if err != nil {
		return err
	}
	for change, err := range f.mirror.Changes(ctx, f.study, f.sent) {
		if err != nil {
			return err
		}
		if err := f.to.publish(f.study, change); err != nil {
			return err
		}
	}
	f.sent = now
	_, err = fmt.Fprintf(f.to.out, "all sent; %d changes arrived\n", len(f.to.known))
	return err
}

// sync brings the mirror up to date and returns its version.
func (f *feed) sync(ctx context.Context) (imednet.MirrorVersion, error) {
	if _, err := f.mirror.SyncStudy(ctx, f.study, cache.SyncOptions{}); err != nil {
		return 0, err
	}
	return f.mirror.Client().Version(ctx, f.study)
}

// queue takes the place of a message queue whose consumer drops the keys that it knows.
type queue struct {
	out     io.Writer
	known   map[string]bool
	offered int
	failsAt int // the message that is not acknowledged
}

var errNotAcknowledged = errors.New("the queue did not acknowledge a message")

func (q *queue) publish(study string, c cache.Change) error {
	if q.offered++; q.offered == q.failsAt {
		return errNotAcknowledged
	}
	key := fmt.Sprintf("%s/%d/%s/%s/%s%s", study, c.Version, c.Resource, c.RowID, c.Variable, c.Member)
	if q.known[key] {
		return nil
	}
	if q.known == nil {
		q.known = map[string]bool{}
	}
	q.known[key] = true
	_, err := fmt.Fprintf(q.out, "%s %s %s%s %s\n", c.Resource, c.RowID, c.Variable, c.Member, c.Kind)
	return err
}
