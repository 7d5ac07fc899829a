// Worker keeps the mirrors of two studies fresh and tells the world about it: /healthz answers
// whether every study is healthy, /metrics what Prometheus wants to know. It runs against a test
// server of its own, which refuses one of the studies for a while.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/rest"
)

// maxAge is how old the last whole run of a healthy study may be.
const maxAge = time.Hour

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run starts the server, the worker and the service, and plays a visitor of the service.
func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "worker")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	server := imednettest.NewServer(
		imednettest.Generate(imednettest.GenerateOptions{StudyKey: "CARDIO", Records: 500, Seed: 1}),
		imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DERMA", Records: 200, Seed: 2}))
	server.Inject(imednettest.Fault{Path: "DERMA/records", Times: -1, Status: http.StatusServiceUnavailable})
	edc, err := serve(server)
	if err != nil {
		return err
	}
	defer edc.Close()

	seen := make(chan cache.Event)
	worker, closeMirror, err := newWorker(ctx, edc.url, dir, func(e cache.Event) {
		select {
		case seen <- e:
		default: // nobody waits for it
		}
	})
	if err != nil {
		return err
	}
	defer func() { err = first(err, closeMirror()) }()
	service, err := serve(cache.StatusHandler(worker, maxAge))
	if err != nil {
		return err
	}
	defer service.Close()

	result := make(chan error, 1)
	go func() { result <- worker.Run(ctx) }()
	err = visit(ctx, out, server, service.url, seen)
	if err := first(err, worker.Stop(ctx), <-result); err != nil {
		return err
	}
	fmt.Fprintln(out, "stopped")
	return nil
}

// newWorker opens the mirror and the ledger in dir and puts a worker over them. The times are far
// shorter than those of a real service, for which the defaults are meant.
func newWorker(ctx context.Context, url, dir string, events func(cache.Event)) (*cache.SyncWorker, func() error, error) {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(url), rest.WithRetry(rest.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		return nil, nil, err
	}
	store, err := ledger.OpenFile(filepath.Join(dir, "pipeline_ledger.json"))
	if err != nil {
		return nil, nil, err
	}
	marks, err := ledger.NewExtractionStateLedger(store)
	if err != nil {
		return nil, nil, err
	}
	mirror, err := cache.NewCachedRecordsLoader(ctx, client, filepath.Join(dir, "records_cache.sqlite3"))
	if err != nil {
		return nil, nil, err
	}
	worker, err := cache.NewSyncWorker(mirror, []string{"CARDIO", "DERMA"},
		cache.WithInterval(200*time.Millisecond),
		cache.WithBackoff(50*time.Millisecond, 200*time.Millisecond),
		cache.WithBreaker(1000, time.Minute),
		cache.WithMarkLedger(marks, "records"),
		cache.WithEvents(events))
	if err != nil {
		return nil, nil, first(err, mirror.Close())
	}
	return worker, mirror.Close, nil
}

// visit waits for what is to be seen and looks at it over HTTP.
func visit(ctx context.Context, out io.Writer, server *imednettest.Server, url string, seen <-chan cache.Event) error {
	await(ctx, seen, cache.EventSynced, "CARDIO")
	await(ctx, seen, cache.EventFailed, "DERMA")
	if err := show(ctx, out, url+"/healthz", ""); err != nil {
		return err
	}
	server.ClearFaults()
	await(ctx, seen, cache.EventSynced, "DERMA")
	if err := show(ctx, out, url+"/healthz", ""); err != nil {
		return err
	}
	return show(ctx, out, url+"/metrics", "imednet_sync_mirror_records")
}

// await takes events until one of the kind and study comes.
func await(ctx context.Context, seen <-chan cache.Event, kind cache.EventKind, study string) {
	for {
		select {
		case e := <-seen:
			if e.Kind == kind && e.StudyKey == study {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// show prints an answer: its status and those of its lines that hold the word.
func show(ctx context.Context, out io.Writer, url, word string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "GET %s: %s, %s\n", req.URL.Path, resp.Status, resp.Header.Get("Content-Type"))
	for line := range strings.Lines(string(body)) {
		if strings.Contains(line, word) {
			fmt.Fprint(out, "  ", line)
		}
	}
	return nil
}

// listening is an HTTP server at an address of this computer.
type listening struct {
	http.Server
	url string
}

func serve(h http.Handler) (*listening, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &listening{Server: http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}, url: "http://" + l.Addr().String()}
	go func() { _ = s.Serve(l) }() // it ends with ErrServerClosed
	return s, nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
