package postgres

import (
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/sentinel"
)

// Sentinels that a caller can test for with errors.Is. [ErrBusy], [ErrUnreachable] and [ErrLeased] are
// retryable ([imednet.Retryable]). A full disk of the server is [syscall.ENOSPC].
var (
	// ErrBusy means that other writers held the store for the whole time set by [WithWait].
	ErrBusy = audit.ErrBusy
	// ErrUnreachable means that the server was away for the whole time set by [WithWait]. Nothing was
	// written.
	ErrUnreachable = sentinel.Retryable("the database server cannot be reached")
	// ErrUnknownOutcome means that the connection was lost while a transaction was committed, and that
	// the server could not be asked afterwards whether it had been.
	ErrUnknownOutcome = sentinel.Permanent("the connection was lost while writing; whether it was written is not known")
	// ErrLeased means that another one holds the lease. *[LeaseError] says who.
	ErrLeased = sentinel.Retryable("leased to another holder")
	// ErrLeaseLost means that a lease has expired, was released, or was taken by another holder. Nothing
	// was written.
	ErrLeaseLost = sentinel.Permanent("the lease was lost")
	// ErrDenied means that the database's user may not do what was asked for.
	ErrDenied = errors.New("the user of the database may not do this")
	// ErrOldServer means that the server is older than PostgreSQL 14, or its database is not in UTF-8.
	ErrOldServer = errors.New("the database cannot be used")
	// ErrNewerSchema means that a newer version of this library made the tables.
	ErrNewerSchema = errors.New("the tables were made by a newer version of this library")
	// ErrNotMigrated means that tables are missing or old, and that this user may not make them.
	ErrNotMigrated = errors.New("tables are missing or of an earlier version, and this user may not make them")
)

const packageName = "postgres"

// refuse is an error with a hint; wrap completes it.
func refuse(err error, hint string) *imednet.Error {
	return &imednet.Error{Package: packageName, Err: err, Hint: hint}
}

// wrap puts an error into an *imednet.Error, unless it is one of this package, and names the operation.
func wrap(op, place string, err error) error {
	if err == nil {
		return nil
	}
	e := &imednet.Error{Package: packageName, Err: err}
	if inner, ok := err.(*imednet.Error); ok && inner.Package == packageName {
		e = inner
	}
	if e.Op == "" {
		e.Op = op
	}
	if e.Place == "" {
		e.Place = place
	}
	return e
}
