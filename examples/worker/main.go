// Command worker keeps the mirrors of two studies current and serves their health: /healthz reports
// whether every study is healthy, /metrics has metrics for Prometheus. It runs against an embedded
// server, which refuses one of the studies for a while, and requests its own endpoints.
//
//	go run ./examples/worker
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/rest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// run starts the server, the worker and the service, and plays a visitor.
func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "imednet-worker-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	server := imednettest.NewServer(
		imednettest.Generate(imednettest.GenerateOptions{StudyKey: "CARDIO", Records: 500, Seed: 1}),
		imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DERMA", Records: 200, Seed: 2}))
	server.Inject(imednettest.Fault{Path: "DERMA/records", Times: -1, Status: http.StatusServiceUnavailable})
	edc := httptest.NewServer(server) // takes the place of the real API
	defer edc.Close()

	v := visitor{out: out, server: server, seen: make(chan cache.Event)}
	worker, closeMirror, err := newWorker(ctx, edc.URL, dir, v.tell)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeMirror()) }()
	service := httptest.NewServer(cache.StatusHandler(worker, time.Hour)) // an http.Server in your own program
	defer service.Close()

	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	err = v.visit(ctx, service.URL)
	if err := errors.Join(err, worker.Stop(ctx), <-ended); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "stopped")
	return err
}

// newWorker opens the mirror and the ledger in dir and starts a worker with them. The intervals are
// far shorter than those of a real service, for which the defaults are meant.
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
		return nil, nil, errors.Join(err, mirror.Close())
	}
	return worker, mirror.Close, nil
}
