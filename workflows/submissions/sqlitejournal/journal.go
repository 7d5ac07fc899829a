package sqlitejournal

import (
	"context"
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/internal/sqljournal"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// applicationID marks our files: "imjn".
const applicationID = 0x696D6A6E

// Journal is a [submissions.Journal] in one SQLite file. It is safe for concurrent use, and several
// processes can use the same file.
type Journal struct {
	submissions.Journal
	tables   *sqljournal.Journal // the same
	file     *audit.Store
	clock    imednet.Clock
	access   audit.Access
	presence presence
}

// Option configures [Open].
type Option func(*Journal) error

// WithClock sets the clock that dates events and ends leases; the default is [imednet.SystemClock].
func WithClock(c imednet.Clock) Option {
	return func(j *Journal) error {
		j.clock = c
		return argument.Required("sqlitejournal.WithClock", "c", c)
	}
}

// WithoutCreating opens only a journal that exists; a missing file is fs.ErrNotExist.
func WithoutCreating() Option {
	return func(j *Journal) error {
		j.access = audit.Existing
		return nil
	}
}

// ReadOnly opens a journal that exists to read or verify it: nothing is written to the file, and no file
// appears beside it that stays. The journal of an earlier version is brought up to date first.
func ReadOnly() Option {
	return func(j *Journal) error {
		j.access = audit.Existing
		return nil
	}
}

// ErrBusy means that other processes locked the file for too long.
var ErrBusy = audit.ErrBusy

// Open opens or creates the journal at path.
func Open(ctx context.Context, path string, opts ...Option) (*Journal, error) {
	j := &Journal{clock: imednet.SystemClock(), presence: presence{path: path}}
	if err := argument.Options("sqlitejournal.Open", j, opts); err != nil {
		return nil, err
	}
	file, err := audit.Open(ctx, audit.Config{Timing: audit.Timing{Clock: j.clock}, Access: j.access, SQLite: sqlite.Config{
		Path: path, ApplicationID: applicationID, Migrations: sqljournal.Migrations(audit.SQLite), Synchronous: "FULL",
	}})
	if err != nil {
		return nil, &imednet.Error{Package: "sqlitejournal", Op: "open", Place: "file " + path, Err: err}
	}
	j.file = file
	j.tables = sqljournal.New(file, "sqlitejournal", &j.presence)
	j.Journal = j.tables
	return j, nil
}

// Backup copies the file, as of one moment, to a new file with mode 0600 while others read and
// write. It is an error if the new file already exists.
func (j *Journal) Backup(ctx context.Context, path string) error {
	if err := j.file.Backup(ctx, path); err != nil {
		return &imednet.Error{Package: "sqlitejournal", Op: "backup", Err: err}
	}
	return nil
}

// Clock returns the clock by which items are dated and leases end.
func (j *Journal) Clock() imednet.Clock { return j.clock }

// ExportLog implements [submissions.Exporter].
func (j *Journal) ExportLog(ctx context.Context, dir string) (submissions.Export, error) {
	return j.tables.ExportLog(ctx, dir)
}

// Head implements [submissions.HeadVerifier].
func (j *Journal) Head(ctx context.Context) (string, error) { return j.tables.Head(ctx) }

// VerifyHeads implements [submissions.HeadVerifier].
func (j *Journal) VerifyHeads(ctx context.Context, head string, kept []imednet.KeptHead) (submissions.Verification, error) {
	return j.tables.VerifyHeads(ctx, head, kept)
}

// Close closes the file. Leases that were not given up end with it.
func (j *Journal) Close() error {
	left := j.presence.close(func(mark string) bool { return j.tables.Marked(context.Background(), mark) })
	return errors.Join(left, j.file.Close())
}
