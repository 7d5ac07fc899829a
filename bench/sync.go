package main

import (
	"context"
	"io"
	"iter"
	"net/http"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/rest"
)

var syncJobs = []job{
	{name: "scan", run: scan},
	{name: "list over HTTP", limit: "scan", server: plain, streams: true, run: list},
	{name: "scan and insert", run: scanAndInsert},
	{name: "first sync", limit: "scan and insert", server: plain, streams: true, run: firstSync},
	{name: "first sync, 50 ms away", limit: "first sync", waits: true, server: distant, run: firstSync},
	{name: "requests of nothing new", server: plain, run: requestsAlone},
	{name: "nothing new", limit: "requests of nothing new", server: plain, streams: true, run: laterSync},
	{name: "requests of 0.1 % changed", server: changed, run: requestsAlone},
	{name: "0.1 % changed", limit: "requests of 0.1 % changed", server: changed, streams: true, run: laterSync},
	{name: "requests of 1 % changed", server: changedTen, run: requestsAlone},
	{name: "1 % changed", limit: "requests of 1 % changed", server: changedTen, streams: true, run: laterSync},
	{name: "requests of 20 removed", server: removed, run: requestsAlone},
	{name: "20 removed", limit: "requests of 20 removed", server: removed, streams: true, run: laterSync},
}

func count(records iter.Seq2[imednet.Record, error]) (rows int64, err error) {
	for _, err := range records {
		if err != nil {
			return rows, err
		}
		rows++
	}
	return rows, nil
}

// list lists the study over HTTP and drops the rows.
func list(w *work) error {
	client, err := w.client()
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) { return count(client.Records(w.ctx, studyKey, imednet.ListOptions{})) })
}

func firstSync(w *work) error {
	client, err := w.client(rest.WithLookAhead(rest.MaxLookAhead))
	if err != nil {
		return err
	}
	mirror, err := cache.NewCachedRecordsLoader(w.ctx, client, w.path("mirror.sqlite3"))
	if err != nil {
		return err
	}
	defer mirror.Close()
	return w.measure(func() (int64, error) {
		report, err := mirror.SyncRecords(w.ctx, studyKey, cache.SyncOptions{})
		return report.Added, err
	})
}

// laterSync brings a mirror up to date. Its rows are those that the mirror holds.
func laterSync(w *work) error {
	client, err := w.client()
	if err != nil {
		return err
	}
	return w.laterSync(client, w.measure)
}

func (w *work) laterSync(client cache.Client, measure func(func() (int64, error)) error) error {
	mirror, err := w.ownMirror(client)
	if err != nil {
		return err
	}
	defer mirror.Close()
	return measure(func() (int64, error) {
		report, err := mirror.SyncRecords(w.ctx, studyKey, cache.SyncOptions{})
		if err != nil {
			return 0, err
		}
		return report.After.Total(), w.rightlySynced(report)
	})
}

// rightlySynced checks that a run found what was done to the study.
func (w *work) rightlySynced(report cache.Report) error {
	rows := int64(w.Rows)
	switch w.job.server {
	case changed:
		return same(report.Updated, (rows+999)/1000)
	case changedTen:
		return same(report.Updated, (rows+99)/100)
	case removed:
		return same(report.Vanished, min(removedCount, rows/2))
	}
	return same(report.Updated+report.Vanished, 0)
}

// requestsAlone sends the requests of a run again and drops the answers.
func requestsAlone(w *work) error {
	heard := &listener{}
	client, err := w.client(rest.WithHTTPClient(&http.Client{Transport: heard}))
	if err != nil {
		return err
	}
	err = w.laterSync(client, func(run func() (int64, error)) error { _, err := run(); return err })
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		for _, r := range heard.requests {
			if err := drop(r); err != nil {
				return 0, err
			}
		}
		return int64(w.Rows), nil
	})
}

// listener notes requests, which have no bodies.
type listener struct {
	mu       sync.Mutex
	requests []*http.Request
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.requests = append(l.requests, r)
	l.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

func drop(r *http.Request) error {
	res, err := http.DefaultTransport.RoundTrip(r.Clone(context.Background()))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
