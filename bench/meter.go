package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// figures are what one sample took.
type figures struct {
	Rows   int64
	Wall   time.Duration
	CPU    time.Duration // user and system, of this process
	Server time.Duration // the same of the test server
	DB     time.Duration // the same of the database server
	Allocs uint64
	Bytes  uint64 // allocated
	Peak   int64  // anonymous resident memory in bytes
}

// cpuPerRow returns microseconds.
func (f figures) cpuPerRow() float64 { return f.perRow(f.CPU.Seconds()) * 1e6 }

func (f figures) perRow(total float64) float64 { return total / float64(f.Rows) }

func (f figures) rowsPerSecond() float64 { return float64(f.Rows) / f.Wall.Seconds() }

// measure adds what f takes, which returns the number of rows it worked on. What happens between two
// measurements does not count.
func (w *work) measure(f func() (rows int64, err error)) error {
	if w.took.Rows == 0 { // memory of the preparations goes back, so that the peak is the job's
		runtime.GC()
		debug.FreeOSMemory()
	}
	served, err := w.serverCPU()
	if err != nil {
		return err
	}
	stored := w.databaseCPU()
	endProfile, err := w.startProfile()
	if err != nil {
		return err
	}
	stop, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- watchMemory(stop) }()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := processorTime(), time.Now()
	rows, err := f()
	w.took.Wall += time.Since(start)
	w.took.CPU += processorTime() - cpu
	runtime.ReadMemStats(&after)
	endProfile()
	close(stop)
	w.took.Peak = max(w.took.Peak, <-peak)
	w.took.Rows += rows
	w.took.Allocs += after.Mallocs - before.Mallocs
	w.took.Bytes += after.TotalAlloc - before.TotalAlloc
	if err != nil {
		return err
	}
	servedThen, err := w.serverCPU()
	w.took.Server += servedThen - served
	w.took.DB += w.databaseCPU() - stored
	return err
}

// processorTime is what this process has used of the processors so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // it has no other errors than wrong arguments
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// watchMemory samples this process's anonymous resident memory until stop and returns the peak in bytes.
func watchMemory(stop <-chan struct{}) (peak int64) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		peak = max(peak, anonymous())
		select {
		case <-stop:
			return max(peak, anonymous())
		case <-tick.C:
		}
	}
}

// anonymous returns RssAnon in bytes, 0 where the system does not tell it.
func anonymous() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0
	}
	return kib << 10
}
