// Command fleet keeps the mirrors of 40 studies in one PostgreSQL database with four worker processes,
// and registers subjects meanwhile. Workers are killed at random moments, and the database crashes once.
// In the end it proves that every mirror equals the server, that every subject was registered once, and
// that no mark in the ledger was ever ahead of its data.
//
// The processes run on one machine, with an embedded API server. They share nothing but the database,
// so they might as well run on four. The database is a private one, started from PostgreSQL's programs,
// or that of IMEDNET_POSTGRES_URL, which crashes only as far as the fleet notices: all of the fleet's
// connections are cut.
//
//	go run ./examples/fleet
//	go run ./examples/fleet -kills 200 -subjects 12
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/signal"

	"github.com/imednetgo/imednet/imednettest"
)

// The size of the fleet.
const (
	studyCount  = 40
	recordCount = 60 // of each study, to begin with
	workerCount = 4  // processes
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

// start runs the program, or one of the processes that it has started.
func start(ctx context.Context) error {
	if t, isWorker := readTask(); isWorker {
		return t.work(ctx, os.Stdout)
	}
	kills := flag.Int("kills", 12, "workers to kill")
	subjects := flag.Int("subjects", 2, "subjects to register in each study")
	flag.Parse()
	return run(ctx, os.Stdout, *kills, *subjects)
}

func run(ctx context.Context, out io.Writer, kills, subjects int) (err error) {
	db, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()

	w := &world{random: rand.New(rand.NewPCG(23, 40))} //nolint:gosec // equal runs, no secrets
	for i := range studyCount {
		w.add(imednettest.Generate(imednettest.GenerateOptions{StudyKey: fmt.Sprintf("S%02d", i), Seed: uint64(i), Records: recordCount}))
	}
	api := httptest.NewServer(imednettest.NewServer(w.studies...)) // takes the place of the real API
	defer api.Close()
	fmt.Fprintf(out, "%d studies of %d records, %d worker processes, one database\n", studyCount, recordCount, workerCount)

	c := &crew{world: w, ctx: ctx, task: task{API: api.URL, Database: db.url, Subjects: subjects}}
	defer c.dismiss()
	if err := c.underKills(kills, db); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d workers killed while they worked, %s\n", kills, db.crash)

	p, err := newProof(ctx, w, c.task)
	if err != nil {
		return err
	}
	defer p.close()
	ahead, err := p.marksAhead(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "all workers killed: %d marks ahead of their data\n", ahead)
	if err := c.lastRound(); err != nil {
		return err
	}
	fmt.Fprintln(out, "one last round, without faults:")
	return p.print(ctx, out)
}
