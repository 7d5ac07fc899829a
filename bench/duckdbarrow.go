//go:build duckdb_arrow

package main

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/imednetgo/imednet/workflows/tables"
)

// DuckDB's Arrow interface is an option of its driver.
func init() {
	silverJobs = append(silverJobs, job{name: "Arrow batches to DuckDB", limit: "DuckDB's own tables", streams: true, run: arrowToDuckDB})
}

// arrowToDuckDB streams the narrow study into a table of a file, as Arrow batches while they are mapped.
func arrowToDuckDB(w *work) error {
	connector, err := duckdb.NewConnector(w.path("arrow.duckdb"), nil)
	if err != nil {
		return err
	}
	defer connector.Close()
	conn, err := connector.Connect(w.ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	m, err := tables.NewRecordMapper(w.narrow())
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		run := m.MapForm(w.ctx, studyKey, formKey(0), tables.MapOptions{})
		if err := arrowTable(w.ctx, conn, run); err != nil {
			return 0, err
		}
		return run.Report().Rows, nil
	})
}

func arrowTable(ctx context.Context, conn driver.Conn, run *tables.Run) error {
	rows, err := run.Reader18()
	if err != nil {
		return err
	}
	defer rows.Release()
	db, err := duckdb.NewArrowFromConn(conn)
	if err != nil {
		return err
	}
	release, err := db.RegisterView(rows, "arriving")
	if err != nil {
		return err
	}
	defer release()
	done, err := db.QueryContext(ctx, "CREATE TABLE arrived AS SELECT * FROM arriving")
	if err != nil {
		return err
	}
	done.Release()
	return errors.Join(rows.Err(), ctx.Err())
}
