// Command warehouse measures how fast revisions enter DuckDB, beside the fastest and the naive way
// of the same machine in the same run: DuckDB making the rows itself, and one prepared INSERT a row.
//
//	go run ./bench/warehouse -rows 1000000
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"iter"
	"log"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

func main() {
	rows := flag.Int64("rows", 200_000, "number of revisions")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			log.Fatal(err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			log.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	if err := measure(context.Background(), *rows); err != nil {
		log.Fatal(err)
	}
}

// trail is an audit trail whose rows are ready in memory, so that only the way in is measured.
type trail []imednet.RecordRevision

func newTrail(n int64) trail {
	t := make(trail, n)
	for i := range t {
		t[i] = revision(int64(i + 1))
	}
	return t
}

func revision(id int64) imednet.RecordRevision {
	return imednet.RecordRevision{
		RecordRevisionID: id, RecordID: imednet.Some(1_000_000 + id/2), RecordRevision: imednet.Some(id%2 + 1), DataRevision: imednet.Some(id%2 + 1),
		RecordOID: imednet.Some(fmt.Sprintf("AE|%d", id/2)), RecordStatus: imednet.Some("Record Complete"),
		SubjectID: imednet.Some(id / 100), SubjectOID: imednet.Some(fmt.Sprintf("01-%d", id/100)), SubjectKey: imednet.Some(fmt.Sprint(id / 100)),
		SiteID: imednet.Some(id % 17), FormKey: imednet.Some("AE"), IntervalID: imednet.Some(id % 20),
		Role: imednet.Some("Research Coordinator"), User: imednet.Some("coord01"), ReasonForChange: imednet.Some("Data entry error"),
		Deleted: imednet.Some(false), DateCreated: imednet.Some(imednet.NewTime(time.Unix(1_700_000_000+id, 0))),
	}
}

func (t trail) RecordRevisions(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	after := int64(0)
	for _, c := range opts.Filter.Conditions() {
		after = c.Value.(int64)
	}
	return func(yield func(imednet.RecordRevision, error) bool) {
		for _, r := range t[after:] {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// full is an audit trail that ignores the mark: every row is offered again.
type full struct{ trail }

func (f full) RecordRevisions(ctx context.Context, study string, _ imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return f.trail.RecordRevisions(ctx, study, imednet.ListOptions{})
}

func measure(ctx context.Context, n int64) error {
	dir, err := os.MkdirTemp("", "imednet-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d, err := warehouse.NewDuckDBIngestion(ctx, filepath.Join(dir, "study.duckdb"))
	if err != nil {
		return err
	}
	defer d.Close()

	extra := n / 100
	rows := newTrail(n + extra)
	limit, err := timed("DuckDB's own rows (the limit)", n, func() error { return ownRows(ctx, d.DB(), n) })
	if err != nil {
		return err
	}
	steps := []struct {
		name string
		rows int64
		run  func() error
	}{
		{"ingest", n, func() error { return ingest(ctx, d, rows[:n], n) }},
		{"ingest again, every row offered", n, func() error { return ingest(ctx, d, full{rows[:n]}, 0) }},
		{fmt.Sprintf("ingest %d new rows among all", extra), n + extra, func() error { return ingest(ctx, d, full{rows}, extra) }},
		{"ingest again from the mark", 400, func() error { return ingest(ctx, d, rows, 0) }},
	}
	var first float64
	for i, s := range steps {
		speed, err := timed(s.name, s.rows, s.run)
		if err != nil {
			return err
		}
		if i == 0 {
			first = speed
		}
	}
	few := min(n, 5_000)
	naive, err := timed("one prepared INSERT a row", few, func() error { return insertEach(ctx, d.DB(), rows[:few]) })
	if err != nil {
		return err
	}
	fmt.Printf("\ningest reaches %.0f %% of the limit and %.0f times the naive way\n", 100*first/limit, first/naive)
	return nil
}

func timed(name string, rows int64, run func() error) (perSecond float64, err error) {
	start := time.Now()
	if err := run(); err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	took := time.Since(start)
	perSecond = float64(rows) / took.Seconds()
	fmt.Printf("%-40s %9d rows  %8.2fs  %10.0f rows/s\n", name, rows, took.Seconds(), perSecond)
	return perSecond, nil
}

func ingest(ctx context.Context, d *warehouse.DuckDBIngestion, src warehouse.RevisionSource, want int64) error {
	run, err := d.IngestRevisions(ctx, src, "BENCH", warehouse.RevisionOptions{})
	if err == nil && run.Inserted != want {
		err = fmt.Errorf("%d rows inserted, want %d", run.Inserted, want)
	}
	return err
}

// ownRows lets DuckDB make rows of the same shape out of nothing.
func ownRows(ctx context.Context, db *sql.DB, n int64) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE own AS SELECT * FROM bronze_revisions LIMIT 0`); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, `INSERT INTO own SELECT 'BENCH', 1000000 + i // 2, NULL, '', '', i % 2 + 1, TIMESTAMP '2023-11-14' + to_seconds(i), 'coord01',
		i, 'AE|' || i // 2, i % 2 + 1, 'Record Complete', i // 100, '01-' || i // 100, (i // 100)::VARCHAR, i % 17, 'AE', i % 20,
		'Research Coordinator', 'Data entry error', false, NULL FROM range(?) t(i)`, n)
	return err
}

// insertEach is what a loop over executemany does.
func insertEach(ctx context.Context, db *sql.DB, rows trail) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO own (study_key, record_id, variable_name, value, revision_number, date_modified, modified_by) VALUES (?, ?, '', '', ?, ?, ?)`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if _, err := stmt.ExecContext(ctx, "BENCH", r.RecordID.Or(0), r.RecordRevision.Or(0), r.DateCreated.Or(imednet.Time{}).Time, r.User.Or("")); err != nil {
			return err
		}
	}
	return tx.Commit()
}
