package triage

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Database has the queue's tables in place of a file. Package postgres implements it.
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

// NewDatabaseStore returns a queue in a database, whose tables it makes if they are missing. The items
// are compared with the log, as [NewTriageStore] does. [WithImport] is refused, since no other
// program writes there; how long a call waits for other writers is the database's affair.
func NewDatabaseStore(ctx context.Context, db Database, opts ...Option) (*TriageStore, error) {
	const function = "triage.NewDatabaseStore"
	s := &TriageStore{settings: defaultSettings()}
	err := argument.Options(function, &s.settings, opts)
	if err == nil {
		err = argument.Required(function, "db", db)
	}
	if err == nil && s.importer != "" {
		err = argument.Invalid(function, "opts", "WithImport is for files of the Python package")
	}
	if err == nil {
		err = db.Migrate(ctx, []string{postgresSchema + guards.SQL(audit.PostgreSQL), guards.Repath()})
	}
	if err != nil {
		return nil, wrap("open", "", "", err)
	}
	s.file = audit.NewStore(db, s.timing())
	if err := s.checkAtOpening(ctx); err != nil {
		return nil, wrap("open", "", "", err)
	}
	return s, nil
}

// checkAtOpening compares the items with the log, unless told not to: all of a short log, and otherwise a sample.
func (s *TriageStore) checkAtOpening(ctx context.Context) error {
	if s.unchecked {
		return nil
	}
	return s.file.Read(ctx, func(tx *sql.Tx) error {
		short, err := isShort(ctx, tx)
		if err != nil {
			return err
		}
		if !short {
			return checkSample(ctx, tx, s.file.Dialect())
		}
		v, err := s.inspect(ctx, tx, VerifyOptions{})
		if err == nil && v.Faults > 0 {
			err = refuse(ErrIntegrity, "the review queue is not what its log says: `imednet triage verify` lists all that is wrong")
		}
		return err
	})
}

// shortLog is how many entries are read whole at each opening, in some hundredths of a second. What a damaged index hides
// from a list, no sample finds for certain.
const shortLog = 2000

func isShort(ctx context.Context, tx *sql.Tx) (short bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT count(*) <= ? FROM (SELECT 1 FROM triage_events LIMIT ?) AS entries`, shortLog, shortLog+1).Scan(&short)
	return short, err
}
