// Command layouts measures what an export of a wide study costs: many forms with many variables,
// their records mixed, in each layout and format. Each export runs in a process of its own, so that
// the peak of its resident memory is known. RATIO compares the processor time of the export with that of
// its writing alone, which is what is left without the time of reading and mapping the same records:
//
//	go run ./bench/layouts -forms 300 -variables 200 -records 1000000 -layouts forms,hive,wide
//
// Data sets are written below TMPDIR, which should not be in memory.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// job is one export to measure.
type job struct {
	Study  size
	Layout pipeline.Layout
	Format pipeline.Format
	Keep   string // directory that keeps the data set
}

// result is what an export cost.
type result struct {
	Rows    int64
	Bytes   int64
	Files   int
	Seconds float64
	CPU     float64
	PeakMB  float64
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "child" {
		exitOn(child(os.Args[2]))
		return
	}
	var s size
	flag.IntVar(&s.Forms, "forms", 300, "forms")
	flag.IntVar(&s.Variables, "variables", 200, "variables of each form")
	flag.IntVar(&s.Records, "records", 20_000, "records")
	layouts := flag.String("layouts", "forms,hive,wide", "layouts")
	formats := flag.String("formats", "parquet", "formats")
	keep := flag.String("keep", "", "directory to keep the data sets in, by layout and format")
	flag.Parse()
	fmt.Printf("%d forms of %d variables, %d records\n", s.Forms, s.Variables, s.Records)
	fmt.Printf("%-8s %-8s %10s %8s %8s %10s %10s %8s %6s\n", "LAYOUT", "FORMAT", "ROWS", "FILES", "MB", "SECONDS", "CPU µs/row", "PEAK MB", "RATIO")
	mapping, err := measure(job{Study: s, Layout: mappingAlone})
	exitOn(err)
	show(mappingAlone, "", mapping, 0)
	for _, layout := range strings.Split(*layouts, ",") {
		for _, format := range strings.Split(*formats, ",") {
			r, err := measure(job{s, pipeline.Layout(layout), pipeline.Format(format), *keep})
			exitOn(err)
			show(layout, format, r, r.CPU/(r.CPU-mapping.CPU))
		}
	}
}

// mappingAlone reads and maps the records and writes nothing.
const mappingAlone = "none"

func show(layout, format string, r result, ratio float64) {
	fmt.Printf("%-8s %-8s %10d %8d %8.1f %10.1f %10.1f %8.0f %6.2f\n", layout, format, r.Rows, r.Files, float64(r.Bytes)/1e6, r.Seconds, r.CPU*1e6/float64(r.Rows), r.PeakMB, ratio)
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// measure runs a job in a process of its own.
func measure(j job) (r result, err error) {
	text, err := json.Marshal(j)
	if err != nil {
		return r, err
	}
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	cmd := exec.Command(self, "child", string(text))
	cmd.Stderr = os.Stderr
	began := time.Now()
	out, err := cmd.Output()
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, err
	}
	r.Seconds = time.Since(began).Seconds()
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return r, errors.New("the system does not say what a process used")
	}
	r.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	r.PeakMB = float64(usage.Maxrss) / 1024
	return r, nil
}

// child writes one data set into a directory that is removed, and prints its size.
func child(text string) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	dir := filepath.Join(j.Keep, string(j.Layout)+"-"+string(j.Format))
	if j.Keep == "" {
		temporary, err := os.MkdirTemp("", "layouts")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	debug.SetMemoryLimit(400 << 20) // this and the size of batches are the command's
	mapper, err := tables.NewRecordMapper(study{j.Study}, tables.WithBatchBytes(8<<20))
	if err != nil {
		return err
	}
	if j.Layout == mappingAlone {
		return mapAlone(mapper)
	}
	p, err := pipeline.New()
	if err != nil {
		return err
	}
	write := p.WriteParquet
	switch j.Format {
	case pipeline.CSV:
		write = p.WriteCSV
	case pipeline.NDJSON:
		write = p.WriteNDJSON
	}
	m, err := write(context.Background(), mapper, studyKey, dir, pipeline.DataSetOptions{Layout: j.Layout})
	if err != nil {
		return err
	}
	var r result
	for _, table := range m.Tables {
		r.Rows += table.Rows
		r.Files += len(table.Files)
		for _, f := range table.Files {
			r.Bytes += f.Bytes
		}
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func mapAlone(mapper *tables.RecordMapper) error {
	var r result
	for batch, err := range mapper.MapForms(context.Background(), studyKey, tables.MapOptions{}).Batches() {
		if err != nil {
			return err
		}
		r.Rows += batch.Record.NumRows()
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}
