package warehouse

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"syscall"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/imednetgo/imednet"
)

var (
	// ErrBusy means that another process has the DuckDB file open, or that another run is writing
	// the same stream of the same study. Nothing was changed; try again later.
	ErrBusy = errors.New("the database is in use by another writer")
	// ErrSourceReset means that the positions of the source are behind those already ingested, as
	// with a different or rebuilt mirror. Ingest with [Replace].
	ErrSourceReset = errors.New("the source has been reset")
	// ErrMassDeletion means that the source no longer lists many of the rows held, as the mirror counts
	// it: more than half, or more than a fifth and at least ten. The cause may be a lost permission.
	// Nothing was changed.
	ErrMassDeletion = errors.New("the source no longer lists many of the rows held")
	// ErrNewerSchema means that a newer version of this library created the tables.
	ErrNewerSchema = errors.New("the tables were created by a newer version of this library")
	// ErrForeignFile means that the database has a table bronze_revisions of another program, such
	// as that of the Python package, which holds no revision ids. The database was not changed.
	ErrForeignFile = errors.New("the database has tables of another program; ingest into a separate file")
	// ErrNotDuckDB means that the file is not a DuckDB database.
	ErrNotDuckDB = errors.New("the file is not a DuckDB database")
	// ErrDamaged means that the DuckDB file is damaged: restore it from a backup, or ingest into a
	// new one.
	ErrDamaged = errors.New("the DuckDB file is damaged")
	// ErrMemory means that DuckDB may use too little memory, or too little of the disk to spill to.
	// Nothing was changed: raise [WithMemoryLimit], or name a [WithTempDirectory] with more room.
	ErrMemory = errors.New("DuckDB needs more memory than it may use")
	// ErrSchemaChanged means that the study's forms have changed and the caller chose [Freeze].
	ErrSchemaChanged = errors.New("the study's variables changed")
)

// failure reports what failed in the one shape of this library. place is a stream, "" for none.
func failure(ctx context.Context, op, studyKey, stream string, err error, hint string) error {
	if stream != "" {
		stream = "stream " + stream
	}
	if ctx.Err() != nil {
		hint = "" // it is about another failure than the one that is reported
	}
	return &imednet.Error{Package: "warehouse", Op: op, StudyKey: studyKey, Place: stream, Err: explain(ctx, err), Hint: hint}
}

// explain turns what DuckDB reports into what a caller can branch on, and a lost context into its
// cause. Every text of DuckDB's that may quote a row is left out.
func explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var reported *duckdb.Error
	if !errors.As(err, &reported) || errors.As(err, new(*databaseError)) {
		return err
	}
	safe := &databaseError{reported}
	switch {
	case isConflict(reported):
		return fmt.Errorf("%w: %w", ErrBusy, safe)
	case strings.Contains(reported.Msg, "No space left on device"):
		return fmt.Errorf("%w: %w", syscall.ENOSPC, safe)
	case reported.Type == duckdb.ErrorTypeOutOfMemory:
		return fmt.Errorf("%w: %w", ErrMemory, safe)
	case isDamage(reported):
		return fmt.Errorf("%w: %w", ErrDamaged, safe)
	}
	return safe
}

// databaseError is an error of DuckDB whose text holds no data.
type databaseError struct{ reported *duckdb.Error }

// Error repeats those of DuckDB's messages that cannot quote a row. What DuckDB advises about memory are
// settings of its own, which are not at hand.
func (e *databaseError) Error() string {
	switch e.reported.Type {
	case duckdb.ErrorTypeOutOfMemory:
		what, _, _ := strings.Cut(e.reported.Msg, "\n")
		return what
	case duckdb.ErrorTypeIO, duckdb.ErrorTypeTransaction, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeBinder,
		duckdb.ErrorTypeConnection, duckdb.ErrorTypeInterrupt:
		return e.reported.Msg
	}
	if kind, _, _ := strings.Cut(e.reported.Msg, ":"); errorKind.MatchString(kind) {
		return "DuckDB: " + kind + ", whose text may hold data"
	}
	return fmt.Sprintf("DuckDB error of kind %d", e.reported.Type)
}

// errorKind is what stands before the colon of DuckDB's messages.
var errorKind = regexp.MustCompile(`^[A-Z][A-Za-z -]{0,40} Error$`)

// Unwrap returns DuckDB's own error, whose text may hold data.
func (e *databaseError) Unwrap() error { return e.reported }

// isConflict recognises another writer: of the same row, or of the whole file.
func isConflict(err *duckdb.Error) bool {
	return err.Type == duckdb.ErrorTypeTransaction && strings.Contains(err.Msg, "onflict") ||
		err.Type == duckdb.ErrorTypeIO && (strings.Contains(err.Msg, "Could not set lock on file") || strings.Contains(err.Msg, "used by another process"))
}

// isDamage recognises a file that cannot be what DuckDB wrote.
func isDamage(err *duckdb.Error) bool {
	switch err.Type {
	case duckdb.ErrorTypeSerialization:
		return true
	case duckdb.ErrorTypeIO, duckdb.ErrorTypeInternal, duckdb.ErrorTypeFatal:
		return strings.Contains(err.Msg, "Corrupt database file") || strings.Contains(err.Msg, "Could not read enough bytes") ||
			strings.Contains(err.Msg, "not a valid DuckDB database file")
	}
	return false
}
