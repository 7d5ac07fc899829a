//go:build duckdb_arrow

// Command duckdb asks DuckDB about a study without writing a file: the records of a form go from the
// mapper into a table as Arrow batches, while they are mapped.
//
// It reads from an embedded server; nothing outside this computer is contacted. DuckDB's Arrow
// interface is an option of its Go driver:
//
//	go run -tags duckdb_arrow ./examples/duckdb
package main

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/duckdb/duckdb-go/v2"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "duckdb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 5000})
	// Your own program has rest.New or a mirror here; everything below is unchanged.
	mapper, err := tables.NewRecordMapper(imednettest.NewServer(study).Client())
	if err != nil {
		return err
	}
	return withDuckDB(ctx, func(conn driver.Conn) error {
		return ask(ctx, out, conn, mapper.MapForm(ctx, study.Key(), "AE", tables.MapOptions{}))
	})
}

// withDuckDB opens a database in memory.
func withDuckDB(ctx context.Context, do func(driver.Conn) error) error {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return err
	}
	defer connector.Close()
	conn, err := connector.Connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close())
}

// load streams the run's batches into a table. Of a registered reader DuckDB must be asked for all
// columns: a query of some of them crashes the process (duckdb/duckdb-go, issue 28).
func load(ctx context.Context, db *duckdb.Arrow, events *tables.Run) error {
	rows, err := events.Reader18()
	if err != nil {
		return err
	}
	defer rows.Release()
	release, err := db.RegisterView(rows, "arriving")
	if err != nil {
		return err
	}
	defer release()
	done, err := db.QueryContext(ctx, "CREATE TABLE ae AS SELECT * FROM arriving")
	if err != nil {
		return err
	}
	done.Release()
	return rows.Err() // DuckDB sees an end; only the reader knows whether it came too early
}

func ask(ctx context.Context, out io.Writer, conn driver.Conn, events *tables.Run) error {
	db, err := duckdb.NewArrowFromConn(conn)
	if err != nil {
		return err
	}
	if err := load(ctx, db, events); err != nil {
		return err
	}
	answer, err := db.QueryContext(ctx, `SELECT AESEV AS severity, count(*) AS events, count(DISTINCT subjectKey) AS subjects
		FROM ae GROUP BY ALL ORDER BY events DESC, severity`)
	if err != nil {
		return err
	}
	defer answer.Release()
	for answer.Next() {
		if err := printRows(out, answer.RecordBatch()); err != nil {
			return err
		}
	}
	if err := answer.Err(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, events.Report())
	return err
}

func printRows(out io.Writer, batch arrow.RecordBatch) error {
	for row := range int(batch.NumRows()) {
		for _, column := range batch.Columns() {
			if _, err := fmt.Fprintf(out, "%-10s", column.ValueStr(row)); err != nil {
				return err
			}
		}
		fmt.Fprintln(out)
	}
	return nil
}
