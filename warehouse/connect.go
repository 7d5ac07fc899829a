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
	return nil, openFailure(ctx, err)
}

// openFailure reports why a database could not be opened, and what to do about it.
func openFailure(ctx context.Context, err error) error {
	hint := ""
	switch err := explain(ctx, err); {
	case errors.Is(err, ErrBusy):
		hint = "close the other process, or open another file"
	case errors.Is(err, ErrDamaged):
		hint = damageHint
	case errors.Is(err, ErrMemory):
		hint = memoryHint
	}
	return failure(ctx, "open", "", "", err, hint)
}

const (
	damageHint = "bring the file back from a copy, or move it away and ingest anew"
	memoryHint = "nothing was changed; raise WithMemoryLimit, lower WithThreads, or name a WithTempDirectory with more room"
)

// refuseOther looks at a file before anything is done to it: DuckDB takes one of a format that it
// knows for a reason to fetch an extension.
func refuseOther(ctx context.Context, path string) error {
	if err := isDuckDB(path); err != nil {
		return failure(ctx, "open", "", "", err, "name another file, or move this one elsewhere")
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
