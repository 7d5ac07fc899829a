//go:build unix

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
	"syscall"
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/profiles"
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

// meter counts processor time, which a busy machine does not stretch as it stretches hours.
type meter struct {
	b     *testing.B
	start syscall.Rusage
}

func startMeter(b *testing.B) *meter {
	b.Helper()
	m := &meter{b: b}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &m.start); err != nil {
		b.Fatal(err)
	}
	return m
}

// perRecord reports the processor time a record, the collector's included.
func (m *meter) perRecord(records int64) {
	m.b.Helper()
	var end syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &end); err != nil {
		m.b.Fatal(err)
	}
	spent := end.Utime.Nano() - m.start.Utime.Nano() + end.Stime.Nano() - m.start.Stime.Nano()
	m.b.ReportMetric(float64(spent)/float64(m.b.N)/float64(records), "cpu-ns/record")
}

// BenchmarkIterate is the limit: the study's records arrive and are dropped.
func BenchmarkIterate(b *testing.B) {
	client, _ := study(b)
	n := int64(0)
	m := startMeter(b)
	for b.Loop() {
		n = 0
		for _, err := range client.Records(b.Context(), "DEMO", imednet.ListOptions{}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	m.perRecord(n)
}

// BenchmarkIterateMembers also walks over every answer, without looking at it.
func BenchmarkIterateMembers(b *testing.B) {
	client, _ := study(b)
	n, answers := int64(0), int64(0)
	m := startMeter(b)
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
	m.perRecord(n)
	b.ReportMetric(float64(answers)/float64(n), "answers/record")
}

// BenchmarkProfile profiles the study and reports the peak of the heap, test server included.
func BenchmarkProfile(b *testing.B) {
	client, _ := study(b)
	var peak uint64
	var n int64
	watch := func(p imednet.Progress) {
		if p.Done%10_000 == 0 {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapAlloc)
		}
	}
	profiler, err := profiles.NewSchemaProfiler(client, profiles.WithProgress(watch))
	if err != nil {
		b.Fatal(err)
	}
	m := startMeter(b)
	for b.Loop() {
		profile, err := profiler.ProfileRecords(b.Context(), "DEMO", profiles.Options{})
		if err != nil {
			b.Fatal(err)
		}
		n = profile.Records + profile.Deleted
	}
	m.perRecord(n)
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
}

// BenchmarkProfileAlone profiles records that are in memory already, so that nothing but the
// profiler is measured.
func BenchmarkProfileAlone(b *testing.B) {
	client, _ := study(b)
	var held []imednet.Record
	for r, err := range client.Records(b.Context(), "DEMO", imednet.ListOptions{}) {
		if err != nil {
			b.Fatal(err)
		}
		if held = append(held, r); len(held) == 20_000 {
			break
		}
	}
	profiler, err := profiles.NewSchemaProfiler(client)
	if err != nil {
		b.Fatal(err)
	}
	rows := func(yield func(imednet.Record, error) bool) {
		for _, r := range held {
			if !yield(r, nil) {
				return
			}
		}
	}
	m := startMeter(b)
	for b.Loop() {
		if _, err := profiler.ProfileRecords(b.Context(), "DEMO", profiles.Options{Records: rows}); err != nil {
			b.Fatal(err)
		}
	}
	m.perRecord(int64(len(held)))
}
