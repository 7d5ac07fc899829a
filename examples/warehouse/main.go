// Command warehouse collects two studies in one DuckDB database and answers a data manager's
// questions: enrolment over time, how old queries are, how many adverse events there are, and who
// changed a cell when and why. Everything runs offline on generated studies.
//
//	go run ./examples/warehouse
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "warehouse:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "imednet-warehouse-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	north := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "NORTH", Seed: 1, Records: 1_000})
	south := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "SOUTH", Seed: 2, Records: 1_500})
	client := imednettest.NewServer(north, south).Client()
	mirror, err := cache.NewCachedRecordsLoader(ctx, client, filepath.Join(dir, "mirror.sqlite3"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	w, err := warehouse.NewDuckDBIngestion(ctx, filepath.Join(dir, "studies.duckdb"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()

	flow := flow{mirror: mirror, client: client, warehouse: w, out: out}
	for _, study := range []string{north.Key(), south.Key()} {
		if err := flow.load(ctx, study); err != nil {
			return err
		}
	}
	// A site corrects a value; the next run ingests only the difference.
	north.SetTime(time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC))
	if err := north.EditRecord(north.RecordIDs()[0], "NOTE", "corrected after monitoring"); err != nil {
		return err
	}
	if err := flow.load(ctx, north.Key()); err != nil {
		return err
	}
	return flow.ask(ctx)
}

// flow ingests studies from the server into the warehouse: records through the mirror, which sees
// every state once, and the audit trail through the client.
type flow struct {
	mirror    *cache.CachedRecordsLoader
	client    *imednettest.Client
	warehouse *warehouse.DuckDBIngestion
	out       io.Writer
}

func (f flow) load(ctx context.Context, study string) error {
	if _, err := f.mirror.SyncStructure(ctx, study, cache.SyncOptions{}); err != nil {
		return err
	}
	if _, err := f.mirror.SyncRecords(ctx, study, cache.SyncOptions{}); err != nil {
		return err
	}
	records, err := f.warehouse.IngestRecords(ctx, f.mirror, study, warehouse.RecordOptions{})
	if err != nil {
		return err
	}
	revisions, err := f.warehouse.IngestRevisions(ctx, f.client, study, warehouse.RevisionOptions{})
	if err != nil {
		return err
	}
	if _, err := f.warehouse.IngestMetadata(ctx, f.client, study, warehouse.MetadataOptions{}); err != nil {
		return err
	}
	mapper, err := tables.NewRecordMapper(f.mirror)
	if err != nil {
		return err
	}
	silver, err := f.warehouse.BuildSilverTables(ctx, mapper, study, warehouse.SilverOptions{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f.out, "%s: %d states of records, %d cells, %d revisions, %d typed tables\n", study, records.Inserted, records.CellsChanged, revisions.Inserted, len(silver.Tables))
	return err
}

// ask runs the questions of questions.go and prints their answers.
func (f flow) ask(ctx context.Context) error {
	for _, q := range questions {
		fmt.Fprintf(f.out, "\n%s\n", q.title)
		rows, err := f.warehouse.DB().QueryContext(ctx, q.sql)
		if err != nil {
			return fmt.Errorf("%s: %w", q.title, err)
		}
		if err := printRows(f.out, rows); err != nil {
			return err
		}
	}
	return nil
}
