package main

import (
	"context"
	"encoding/json"
	"os"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// watched runs a part while its memory is watched, and prints the result as JSON.
func watched(ctx context.Context, t task, part func(context.Context, task) (result, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	peak := make(chan int64)
	stop := make(chan struct{})
	go func() { peak <- watchRssAnon(stop) }()
	r, err := t.profiled(ctx, part)
	close(stop)
	r.RssAnon = <-peak
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// profiled runs a part, and writes a CPU profile of it if one is wanted.
func (t task) profiled(ctx context.Context, part func(context.Context, task) (result, error)) (result, error) {
	if t.profile == "" {
		return part(ctx, t)
	}
	f, err := os.Create(t.profile)
	if err != nil {
		return result{}, err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return result{}, err
	}
	defer pprof.StopCPUProfile()
	return part(ctx, t)
}

// watchRssAnon samples this process's anonymous resident memory until stop and returns the peak.
func watchRssAnon(stop <-chan struct{}) (peak int64) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		peak = max(peak, rssAnon())
		select {
		case <-stop:
			return max(peak, rssAnon())
		case <-tick.C:
		}
	}
}

// rssAnon returns RssAnon in KiB, 0 where the system does not tell it.
func rssAnon() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "RssAnon:")
	line, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "kB")), 10, 64)
	return n
}
