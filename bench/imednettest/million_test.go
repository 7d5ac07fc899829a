package imednettest_test

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// processorTime is what this process has used of the processors so far, server and client together.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkMillionRecords lists a study to its end over HTTP through rest, beside the limit: the same
// records made by the study alone, without a server, a network and a client. It reports processor
// time, because that is the same on a busy machine.
//
//	go test -bench Million -benchtime 1x ./bench/imednettest
//	IMEDNETTEST_RECORDS=100000 go test -bench Million -benchtime 1x ./bench/imednettest
func BenchmarkMillionRecords(b *testing.B) {
	records := 1_000_000
	if text := os.Getenv("IMEDNETTEST_RECORDS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(b, err)
		records = n
	}
	study := imednettest.Generate(imednettest.GenerateOptions{Records: records})
	ids := study.RecordIDs()
	b.Run("rows made", func(b *testing.B) {
		measured(b, records, func() {
			for _, id := range ids {
				if _, ok := study.Record(id); !ok {
					b.Fatal("a record is not listed")
				}
			}
		})
	})
	b.Run("listed through rest", func(b *testing.B) {
		client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(b, imednettest.NewServer(study))))
		require.NoError(b, err)
		b.Cleanup(client.CloseIdleConnections)
		measured(b, records, func() {
			n := 0
			for rec, err := range client.Records(b.Context(), study.Key(), imednet.ListOptions{}) {
				if err != nil || rec.RecordID != ids[n] {
					b.Fatal(n, rec.RecordID, err)
				}
				n++
			}
			require.Equal(b, records, n)
		})
	})
}

// measured reports rows for a second of processor time, and the greatest heap seen by the collector.
func measured(b *testing.B, rows int, run func()) {
	runtime.GC()
	before := processorTime(b)
	for b.Loop() {
		run()
	}
	used := processorTime(b) - before
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(rows)*float64(b.N)/used.Seconds(), "rows/cpu-s")
	b.ReportMetric(used.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(memory.NextGC)/1e6, "heap-MB")
}
