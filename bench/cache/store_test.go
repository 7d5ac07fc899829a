package main

import (
	"context"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// ready is a client whose records are ready in memory.
type ready []imednet.Record

func (r ready) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for _, rec := range r {
			if !yield(rec, nil) {
				return
			}
		}
	}
}

func (ready) RecordRevisions(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return func(func(imednet.RecordRevision, error) bool) {}
}

func (r ready) RecordPage(_ context.Context, _ string, f imednet.Filter, size int) (imednet.RecordPage, error) {
	page := imednet.RecordPage{ServerTime: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for i := range r {
		if !f.MatchRecord(&r[i]) {
			continue
		}
		if page.Total++; len(page.Records) < size {
			page.Records = append(page.Records, r[i])
		}
	}
	return page, nil
}

// BenchmarkStore is a first sync without a network and without decoding: what storing alone costs.
func BenchmarkStore(b *testing.B) {
	var records ready
	for chunk := range (task{rows: 40_000}).chunks() {
		records = append(records, chunk...)
	}
	for b.Loop() {
		mirror, err := cache.NewCachedRecordsLoader(b.Context(), records, filepath.Join(b.TempDir(), "mirror.sqlite3"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := mirror.SyncRecords(b.Context(), studyKey, cache.SyncOptions{}); err != nil {
			b.Fatal(err)
		}
		if err := mirror.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(records))/b.Elapsed().Seconds(), "rows/s")
}
