package versioning

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Database has the history's tables in place of a file. Package postgres implements it.
type Database interface {
	// Migrate runs the statements of the migrations that the database has not seen, each once and in
	// order. Those that it has seen never change.
	Migrate(ctx context.Context, migrations []string) error
	// Read runs fn over one unchanging state. fn may run again.
	Read(ctx context.Context, fn func(*sql.Tx) error) error
	// Write runs fn in one transaction, with no other writer beside it, and commits what it did unless
	// it fails. fn may run again.
	Write(ctx context.Context, fn func(*sql.Tx) error) error
}

// NewDatabaseStore returns a history in a database, whose tables it makes if they are missing. [WithImport]
// is refused, since no other program writes there; how long a call waits for other writers is the
// database's affair.
func NewDatabaseStore(ctx context.Context, db Database, opts ...Option) (*ConfigVersionStore, error) {
	const function = "versioning.NewDatabaseStore"
	s := &ConfigVersionStore{}
	err := argument.Options(function, &s.settings, opts)
	if err == nil {
		err = argument.Required(function, "db", db)
	}
	if err == nil && s.importer != "" {
		err = argument.Invalid(function, "opts", "WithImport is for files of the Python package")
	}
	if err == nil {
		err = db.Migrate(ctx, migrations(audit.PostgreSQL))
	}
	if err != nil {
		return nil, wrap("open", "", "", err)
	}
	s.file = audit.NewStore(db, s.timing())
	return s, nil
}
