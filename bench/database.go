package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// databaseCPU is what the job's database server, if it runs on this machine, has used of the processors so far: its
// first process, those that it waits for and those that have ended.
func (w *work) databaseCPU() (used time.Duration) {
	if w.database == "" {
		return 0
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	for _, path := range stats {
		p, err := readProcess(path)
		switch {
		case err != nil: // it has ended
		case p.id == w.database:
			used += p.own + p.ended
		case p.parent == w.database:
			used += p.own
		}
	}
	return used
}

// process is what Linux tells of one.
type process struct {
	id, parent string
	own, ended time.Duration // its processor time, and that of children that it has waited for
}

// The fields of /proc/…/stat behind the name, and the length of their clock's tick.
const (
	parentField = 1
	ownField    = 11
	endedField  = 13
	tick        = 10 * time.Millisecond
)

func readProcess(path string) (p process, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return p, err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) <= endedField+1 {
		return p, fmt.Errorf("%s has %d fields", path, len(fields))
	}
	times := func(at int) (sum time.Duration) {
		for _, field := range fields[at : at+2] { // in user mode and in the kernel
			n, _ := strconv.ParseInt(field, 10, 64)
			sum += time.Duration(n) * tick
		}
		return sum
	}
	return process{filepath.Base(filepath.Dir(path)), fields[parentField], times(ownField), times(endedField)}, nil
}

// watchDatabase has the processor time of a server measured with the job's.
func (w *work) watchDatabase(url string) error {
	conn, err := pgx.Connect(w.ctx, url)
	if err != nil {
		return err
	}
	p, err := readProcess(fmt.Sprintf("/proc/%d/stat", conn.PgConn().PID()))
	if err == nil {
		w.database = p.parent
	}
	return conn.Close(w.ctx)
}
