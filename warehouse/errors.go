package warehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/imednetgo/imednet/internal/errtext"
)

var (
	// ErrBusy means that another process has the DuckDB file open, or that another run is
	// writing the same stream of the same study. Nothing was changed; run again later.
	ErrBusy = errors.New("another writer is at work")
	// ErrSourceReset means that the source's positions lie behind what was already taken over:
	// another mirror, or one that was built anew. Ingest with Replace.
	ErrSourceReset = errors.New("the source starts over")
	// ErrMassDeletion means that a source no longer lists many of the rows that are held: all of
	// them, or more than a fifth and at least ten. It may be a lost permission; nothing was changed.
	ErrMassDeletion = errors.New("the source no longer lists many of the rows that are held")
	// ErrNewerSchema means that a newer version of this library made the tables.
	ErrNewerSchema = errors.New("the tables were made by a newer version of this library")
	// ErrForeignFile means that the database has a table bronze_revisions of another program, such
	// as the reference's, which holds no ids of revisions. It was not changed.
	ErrForeignFile = errors.New("the database has tables of another program; ingest into a file of its own")
	// ErrNotDuckDB means that the file is of another format.
	ErrNotDuckDB = errors.New("the file is no DuckDB database")
	// ErrSchemaChanged means that the study's forms changed and the caller asked for Freeze.
	ErrSchemaChanged = errors.New("the study's variables changed")
)

// Error says what the warehouse was doing, for which study and stream, and what to do about it.
// Its text holds no subject data: of DuckDB's own messages only those are repeated that cannot
// quote a row.
type Error struct {
	Op       string // "open", "ingest", "build", "export", "backup"
	StudyKey string
	Stream   string
	Hint     string
	Err      error
}

// Error names the operation, the study and the cause.
func (e *Error) Error() string {
	return errtext.Text("warehouse", e.Op, safeText(e.Err), e.Hint, "study", e.StudyKey, "stream", e.Stream)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// safeText leaves out what DuckDB says in errors that may quote values.
func safeText(err error) string {
	var db *duckdb.Error
	if !errors.As(err, &db) {
		return err.Error()
	}
	switch db.Type {
	case duckdb.ErrorTypeIO, duckdb.ErrorTypeTransaction, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeBinder,
		duckdb.ErrorTypeOutOfMemory, duckdb.ErrorTypeConnection, duckdb.ErrorTypeInterrupt:
		return db.Msg
	}
	return fmt.Sprintf("DuckDB error of kind %d", db.Type)
}

// explain turns DuckDB's conflicts into ErrBusy and a lost context into its cause.
func explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var db *duckdb.Error
	if errors.As(err, &db) && isConflict(db) {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return err
}

func isConflict(err *duckdb.Error) bool {
	return err.Type == duckdb.ErrorTypeTransaction && strings.Contains(err.Msg, "onflict") ||
		err.Type == duckdb.ErrorTypeIO && strings.Contains(err.Msg, "lock")
}
