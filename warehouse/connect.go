package warehouse

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/duckdb/duckdb-go/v2"
)

// connect opens a database. That another process has the file open is an error which says so.
func connect(ctx context.Context, dsn string) (*duckdb.Connector, error) {
	connector, err := duckdb.NewConnector(dsn, nil)
	if err == nil {
		return connector, nil
	}
	failed := &Error{Op: "open", Err: explain(ctx, err)}
	if errors.Is(failed, ErrBusy) {
		failed.Hint = "close the other process, or open another file"
	}
	return nil, failed
}

// refuseOther looks at a file before anything is done to it: DuckDB takes one of a format that it
// knows for a reason to fetch an extension.
func refuseOther(path string) error {
	if err := isDuckDB(path); err != nil {
		return &Error{Op: "open", Err: err, Hint: "name another file, or move this one away"}
	}
	return nil
}

// isDuckDB looks for the mark in the header of a file that exists.
func isDuckDB(path string) error {
	if path == memory {
		return nil
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	header := make([]byte, 12)
	switch _, err := io.ReadFull(file, header); {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case string(header[8:]) != "DUCK":
		return ErrNotDuckDB
	}
	return nil
}
