// Command cache measures the first sync of a generated study over HTTP, the server in a process of
// its own, and the reading of the mirror, beside two limits of the same machine in the same run:
// inserting the same rows with no network, and scanning the same JSON with no database. Memory is
// the peak of anonymous resident memory (RssAnon) of the process that does the work (Linux only).
//
//	go run ./bench/cache -rows 1000000
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// result is what one part measured.
type result struct {
	Rows    int64
	Bytes   int64
	Time    time.Duration
	RssAnon int64 // peak, in KiB
	Note    string
}

func (r result) perSecond() float64 { return float64(r.Rows) / r.Time.Seconds() }

// task is what one process is to do.
type task struct {
	role string
	rows int
	dir  string
	url  string

	profile string
}

func main() {
	var t task
	flag.IntVar(&t.rows, "rows", 50_000, "number of records")
	flag.StringVar(&t.dir, "dir", "", "where the mirror is put; default a directory that is removed afterwards")
	flag.StringVar(&t.role, "role", "all", "part to run: all, or one process's share")
	flag.StringVar(&t.profile, "cpuprofile", "", "write a CPU profile of the part to this file (not with -role all)")
	flag.StringVar(&t.url, "url", "", "address of the server, for the parts that need one")
	flag.Parse()
	if err := run(context.Background(), t); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, t task) error {
	parts := map[string]func(context.Context, task) (result, error){
		"sync": syncPart, "again": againPart, "iterate": iteratePart, "raw": rawPart, "list": listPart, "insert": insertPart, "scan": scanPart,
	}
	switch part, known := parts[t.role]; {
	case t.role == "all":
		return all(ctx, t)
	case t.role == "server":
		return serve(t)
	case !known:
		return fmt.Errorf("no such role: %s", t.role)
	default:
		return watched(ctx, t, part)
	}
}

// all runs every part in a process of its own and prints the ratios.
func all(ctx context.Context, t task) error {
	if t.dir == "" {
		dir, err := os.MkdirTemp("", "bench-cache")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		t.dir = dir
	}
	server, url, err := startServer(ctx, t)
	if err != nil {
		return err
	}
	defer server.Wait()
	defer server.Process.Kill()
	t.url = url
	results := map[string]result{}
	for _, role := range []string{"insert", "scan", "list", "sync", "again", "iterate", "raw"} {
		if results[role], err = t.spawn(ctx, role); err != nil {
			return fmt.Errorf("%s: %w", role, err)
		}
	}
	report(t, results)
	return nil
}

func report(t task, results map[string]result) {
	insert, scan := results["insert"], results["scan"]
	fmt.Printf("%d records, %.0f MB of JSON\n\n", t.rows, float64(scan.Bytes)/1e6)
	for _, line := range []struct{ role, what string }{
		{"insert", "limit: insert the same rows, no network"},
		{"scan", "limit: scan the same JSON, no database"},
		{"list", "list over HTTP, no database"},
		{"sync", "first sync over HTTP"},
		{"again", "sync that finds nothing new"},
		{"iterate", "iterate the mirror, decoded"},
		{"raw", "limit: read the same rows, not decoded"},
	} {
		r := results[line.role]
		fmt.Printf("%-42s %9.0f rows/s  %8v  peak RssAnon %4d MB  %s\n", line.what, r.perSecond(), r.Time.Round(time.Millisecond), r.RssAnon>>10, r.Note)
	}
	sync := results["sync"].perSecond()
	fmt.Printf("\nfirst sync is %.2f of inserting, %.2f of scanning, %.2f of listing; iterating is %.2f of reading undecoded\n",
		sync/insert.perSecond(), sync/scan.perSecond(), sync/results["list"].perSecond(), results["iterate"].perSecond()/results["raw"].perSecond())
}

func (t task) command(ctx context.Context, role string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], "-role", role, "-rows", fmt.Sprint(t.rows), "-dir", t.dir, "-url", t.url)
	cmd.Stderr = os.Stderr
	return cmd
}

func (t task) spawn(ctx context.Context, role string) (r result, err error) {
	out, err := t.command(ctx, role).Output()
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(out, &r)
}

// startServer starts the server's process and waits until it says where it listens.
func startServer(ctx context.Context, t task) (*exec.Cmd, string, error) {
	cmd := t.command(ctx, "server")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	return cmd, strings.TrimSpace(url), err
}

func (t task) path() string { return filepath.Join(t.dir, "mirror.sqlite3") }
