package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// task is what one process is told to do.
type task struct {
	Role             string // "sample", "data" or "server"
	Job              string // of a sample
	Rows             int
	Wide             int               // records of the wide study
	Forms, Variables int               // of the wide study
	Data             string            // directory of the data generated once
	Servers          map[string]string // addresses by what was done to the study
	Edit             string            // of a server: what it does to its study
	Profile          string            // file for a CPU profile; that of allocations is beside it; "" for none
}

// work is one sample of a job under way.
type work struct {
	task
	ctx     context.Context
	job     job
	dir     string // of the sample's own, removed afterwards
	server  string // address of the server that the job uses
	profile *os.File
	// database is the id of the database server's first process; "" if it is not known
	database string
	took     figures
}

// taskVariable is the name of the environment variable that makes a process do a task.
const taskVariable = "IMEDNET_BENCH_TASK"

// child does the task that the environment names, and reports whether there was one.
func child(ctx context.Context) (was bool, err error) {
	text := os.Getenv(taskVariable)
	if text == "" {
		return false, nil
	}
	var t task
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return true, err
	}
	switch t.Role {
	case "data":
		return true, makeData(ctx, t)
	case "server":
		return true, serve(t)
	}
	f, err := sample(ctx, t)
	if err != nil {
		return true, fmt.Errorf("%s: %w", t.Job, err)
	}
	return true, json.NewEncoder(os.Stdout).Encode(f)
}

// sample runs a job once.
func sample(ctx context.Context, t task) (figures, error) {
	j, known := jobNamed(t.Job)
	if !known {
		return figures{}, fmt.Errorf("there is no such job")
	}
	dir, err := os.MkdirTemp(t.Data, "sample")
	if err != nil {
		return figures{}, err
	}
	defer os.RemoveAll(dir)
	t.Rows = j.size(t)
	w := &work{task: t, ctx: ctx, job: j, dir: dir, server: t.Servers[j.server]}
	if err := j.run(w); err != nil {
		return figures{}, err
	}
	return w.took, w.writeAllocations()
}

func (w *work) path(name string) string { return filepath.Join(w.dir, name) }

// startProfile begins the CPU profile with the first measurement. Later ones are not in it: a profile
// cannot be resumed.
func (w *work) startProfile() (end func(), err error) {
	if w.Profile == "" || w.profile != nil {
		return func() {}, nil
	}
	if w.profile, err = os.Create(w.Profile); err != nil {
		return nil, err
	}
	return pprof.StopCPUProfile, pprof.StartCPUProfile(w.profile)
}

// writeAllocations writes what was allocated, the preparations included, beside the CPU profile.
func (w *work) writeAllocations() error {
	if w.profile == nil {
		return nil
	}
	f, err := os.Create(w.Profile + ".allocs")
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("allocs").WriteTo(f, 0), f.Close(), w.profile.Close())
}

// same fails a job that did not do its work on as many rows as it should have.
func same(got, want int64) error {
	if got != want {
		return fmt.Errorf("%d rows, want %d", got, want)
	}
	return nil
}
