package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// bench runs tasks in processes of their own, on data of one size.
type bench struct {
	options
	program string // that does the tasks
	dir     string
	made    bool // the directory, which is removed afterwards
	servers map[string]string
	stops   []func() error // of the servers
}

// newBench makes the data, unless dir has those of an earlier run. An empty program is this one; an empty
// dir is a new one, which is removed afterwards.
func newBench(ctx context.Context, o options, program, dir string) (*bench, error) {
	b := &bench{options: o, program: program, dir: dir, made: dir == "", servers: map[string]string{}}
	var err error
	if program == "" {
		b.program, err = os.Executable()
	}
	if err == nil && dir == "" {
		b.dir, err = os.MkdirTemp("", "imednet-bench")
	}
	if err == nil {
		err = os.MkdirAll(b.dir, 0o700)
	}
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(contentsPath(b.dir)); err == nil {
		return b, nil
	}
	if _, err := b.command(ctx, task{Role: "data"}).Output(); err != nil {
		return nil, errors.Join(fmt.Errorf("the data could not be made: %w", err), b.close())
	}
	return b, nil
}

func (b *bench) close() (err error) {
	for _, stop := range b.stops {
		err = errors.Join(err, stop())
	}
	if b.made {
		err = errors.Join(err, os.RemoveAll(b.dir))
	}
	return err
}

// command is a process that does a task.
func (b *bench) command(ctx context.Context, t task) *exec.Cmd {
	t.Rows, t.Wide, t.Forms, t.Variables, t.Data, t.Servers = b.rows, b.wideRows(), b.forms, b.variables, b.dir, b.servers
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // it holds texts and numbers
	}
	cmd := exec.CommandContext(ctx, b.program)
	cmd.Env = append(os.Environ(), taskVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	return cmd
}

// need starts a server unless it runs.
func (b *bench) need(ctx context.Context, edit string) error {
	if edit == "" || b.servers[edit] != "" {
		return nil
	}
	cmd := b.command(ctx, task{Role: "server", Edit: edit})
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	b.stops = append(b.stops, func() error { return errors.Join(in.Close(), cmd.Wait()) })
	address, err := bufio.NewReader(out).ReadString('\n')
	b.servers[edit] = strings.TrimSpace(address)
	return err
}

// sample runs a job once, in a process of its own.
func (b *bench) sample(ctx context.Context, j job, round int) (f figures, err error) {
	if err := b.need(ctx, j.server); err != nil {
		return f, err
	}
	t := task{Role: "sample", Job: j.name}
	if b.profiles != "" && round == 0 {
		t.Profile = filepath.Join(b.profiles, strings.NewReplacer(" ", "_", "/", "_").Replace(j.name)+".pprof")
	}
	text, err := b.command(ctx, t).Output()
	if err != nil {
		return f, fmt.Errorf("%s: %w", j.name, err)
	}
	return f, json.Unmarshal(text, &f)
}

// rounds takes samples of each job with each bench, in turns, so that a busy minute meets all of them
// alike.
func rounds(ctx context.Context, list []job, benches ...*bench) ([]map[string][]figures, error) {
	samples := make([]map[string][]figures, len(benches))
	for i := range samples {
		samples[i] = map[string][]figures{}
	}
	for round := range benches[0].n {
		for _, j := range list {
			for i, b := range benches {
				b.progress("%d/%d %s", round+1, b.n, j.name)
				f, err := b.sample(ctx, j, round)
				if err != nil {
					return nil, err
				}
				samples[i][j.name] = append(samples[i][j.name], f)
			}
		}
	}
	benches[0].progress("")
	return samples, nil
}

// progress replaces the last line of a terminal.
func (b *bench) progress(format string, args ...any) {
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(os.Stderr, "\r\033[K"+format, args...)
	}
}

// measureJobs measures jobs once or more, in the order of the list.
func measureJobs(ctx context.Context, o options, list []job) (m measured, err error) {
	b, err := newBench(ctx, o, "", o.dir)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	samples, err := rounds(ctx, list, b)
	if err != nil {
		return m, err
	}
	return newMeasured(o, list, samples[0]), nil
}
