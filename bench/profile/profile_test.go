// Package profile_test measures what profiling costs a record, beside reading the same records and
// doing nothing with them, and how much memory it takes.
//
//	go test ./bench/profile -run x -bench . -benchtime 1x
//	IMEDNET_RECORDS=1000000 go test ./bench/profile -run x -bench . -benchtime 1x
package profile_test

import (
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows"
)

// records is the size of the generated study: IMEDNET_RECORDS, else small enough for every day.
func records(b *testing.B) int {
	b.Helper()
	text := os.Getenv("IMEDNET_RECORDS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func study(b *testing.B) (*imednettest.Client, int) {
	b.Helper()
	n := records(b)
	return imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: n})).Client(), n
}

func perRecord(b *testing.B, n int64) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
}

// BenchmarkIterate is the limit: the study's records arrive and are dropped.
func BenchmarkIterate(b *testing.B) {
	client, _ := study(b)
	n := int64(0)
	for b.Loop() {
		n = 0
		for _, err := range client.Records(b.Context(), "DEMO", imednet.ListOptions{}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	perRecord(b, n)
}

// BenchmarkIterateMembers also walks over every answer, without looking at it.
func BenchmarkIterateMembers(b *testing.B) {
	client, _ := study(b)
	n, answers := int64(0), int64(0)
	for b.Loop() {
		n, answers = 0, 0
		for r, err := range client.Records(b.Context(), "DEMO", imednet.ListOptions{}) {
			if err != nil {
				b.Fatal(err)
			}
			for range r.RecordData.All() {
				answers++
			}
			n++
		}
	}
	perRecord(b, n)
	b.ReportMetric(float64(answers)/float64(n), "answers/record")
}

// BenchmarkProfile profiles the study and reports the peak of the heap, test server included.
func BenchmarkProfile(b *testing.B) {
	client, _ := study(b)
	profiler, err := workflows.NewSchemaProfiler(client)
	if err != nil {
		b.Fatal(err)
	}
	var peak uint64
	var n int64
	watch := func(p imednet.Progress) {
		if p.Done%10_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	for b.Loop() {
		profile, err := profiler.ProfileRecords(b.Context(), "DEMO", workflows.ProfileOptions{Progress: watch})
		if err != nil {
			b.Fatal(err)
		}
		n = profile.Records + profile.Deleted
	}
	perRecord(b, n)
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
}
