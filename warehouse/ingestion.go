package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// DuckDBIngestion fills and shapes one DuckDB database. Any number of goroutines may read the
// database meanwhile; each of its own methods is one transaction, so a reader sees the state
// before or after it and a crash leaves one of the two. Runs of one DuckDBIngestion follow each
// other; another writer on the same stream gets ErrBusy.
type DuckDBIngestion struct {
	db       *sql.DB
	path     string // "" in a database of the caller's
	settings settings
	feeds    feeds
	mu       sync.Mutex // one run at a time
}

// Ledger takes how far a stream has come, after the data are committed. It is never read: the
// warehouse's own marks, which commit with the data, decide.
type Ledger interface {
	Advance(ctx context.Context, study, stream string, m imednet.Watermark) error
}

type settings struct {
	clock       imednet.Clock
	ledger      Ledger
	progress    func(imednet.Progress)
	memoryLimit string
	tempDir     string
	threads     int
}

// Option changes a setting of a DuckDBIngestion.
type Option func(*settings) error

// WithClock sets the clock that dates runs. Default: the system's.
func WithClock(c imednet.Clock) Option {
	return func(s *settings) error {
		s.clock = c
		return argument.Required("warehouse.WithClock", "clock", c)
	}
}

// LedgerPrefix stands before the names of the warehouse's streams in a ledger, as in
// "warehouse.records", so that they do not meet the mirror's.
const LedgerPrefix = "warehouse."

// WithLedger names a ledger that is told of every finished run, under LedgerPrefix and the stream.
// Default: none.
func WithLedger(l Ledger) Option {
	return func(s *settings) error {
		s.ledger = l
		return argument.Required("warehouse.WithLedger", "ledger", l)
	}
}

// WithProgress sets a function that hears how far a run has come, never from two goroutines at
// once. Default: none.
func WithProgress(report func(imednet.Progress)) Option {
	return func(s *settings) error {
		s.progress = report
		return argument.Required("warehouse.WithProgress", "report", report)
	}
}

// WithMemoryLimit bounds DuckDB's memory, as in "512MB"; what does not fit is spilled to the
// directory of WithTempDirectory. Only for a database that New opens. Default: DuckDB's.
func WithMemoryLimit(limit string) Option {
	return func(s *settings) error {
		s.memoryLimit = limit
		return nil
	}
}

// WithTempDirectory says where DuckDB spills. Only for a database that New opens. Default: beside
// the file.
func WithTempDirectory(dir string) Option {
	return func(s *settings) error {
		s.tempDir = dir
		return nil
	}
}

// WithThreads bounds DuckDB's threads. Only for a database that New opens. Default: all cores.
func WithThreads(n int) Option {
	return func(s *settings) error {
		if n < 1 {
			return argument.Invalid("warehouse.WithThreads", "threads", fmt.Sprintf("must be at least 1, got %d", n))
		}
		s.threads = n
		return nil
	}
}

// NewDuckDBIngestion opens or creates the DuckDB file at path, with mode 0600 in a directory of
// mode 0700, and its tables. The path ":memory:" keeps everything in memory. A file that another
// process has open is ErrBusy, one of another format ErrNotDuckDB, one of a newer version of this
// library ErrNewerSchema. DuckDB fetches no
// extension unless a statement says so. It creates the file's log, and what it spills, by the
// umask: put the file into a private directory.
func NewDuckDBIngestion(ctx context.Context, path string, opts ...Option) (*DuckDBIngestion, error) {
	s, err := newSettings(opts)
	if err != nil {
		return nil, err
	}
	if err := refuseOther(ctx, path); err != nil {
		return nil, err
	}
	if err := prepareFile(path); err != nil {
		return nil, openFailure(ctx, err)
	}
	connector, err := connect(ctx, dsn(path, s))
	if err != nil {
		return nil, err
	}
	d := &DuckDBIngestion{db: sql.OpenDB(connector), path: path, settings: s}
	if err := d.prepare(ctx); err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return d, nil
}

// NewDuckDBIngestionDB uses the caller's database, which must be DuckDB, and creates the tables in
// it. Close leaves it open; options about memory, spilling and threads are refused.
func NewDuckDBIngestionDB(ctx context.Context, db *sql.DB, opts ...Option) (*DuckDBIngestion, error) {
	s, err := newSettings(opts)
	if err == nil {
		err = argument.Required("warehouse.NewDuckDBIngestionDB", "db", db)
	}
	if err == nil && (s.memoryLimit != "" || s.tempDir != "" || s.threads != 0) {
		err = argument.Invalid("warehouse.NewDuckDBIngestionDB", "opts", "must not set memory, spilling or threads: they are the caller's own database's")
	}
	if err != nil {
		return nil, err
	}
	d := &DuckDBIngestion{db: db, settings: s}
	if err := d.prepare(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

func newSettings(opts []Option) (settings, error) {
	s := settings{clock: imednet.SystemClock(), progress: func(imednet.Progress) {}}
	var problems []error
	for _, o := range opts {
		problems = append(problems, o(&s))
	}
	return s, errors.Join(problems...)
}

// prepare creates the tables and registers the function through which rows flow in.
func (d *DuckDBIngestion) prepare(ctx context.Context) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return openFailure(ctx, err)
	}
	defer conn.Close()
	if err := createSchema(ctx, conn); err != nil {
		return openFailure(ctx, err)
	}
	if err := errors.Join(d.feeds.register(conn), makePrivate(d.path)); err != nil {
		return openFailure(ctx, err)
	}
	return nil
}

// DB returns the database, for queries.
func (d *DuckDBIngestion) DB() *sql.DB { return d.db }

// Close closes the database if New opened it. It may be called twice.
func (d *DuckDBIngestion) Close() error {
	if d.path == "" {
		return nil
	}
	return d.db.Close()
}

func dsn(path string, s settings) string {
	if path == memory {
		path = ""
	}
	query := "?preserve_insertion_order=false&autoinstall_known_extensions=false" // nothing is fetched unasked
	if s.memoryLimit != "" {
		query += "&memory_limit=" + escape(s.memoryLimit)
	}
	if s.tempDir != "" {
		query += "&temp_directory=" + escape(filepath.Clean(s.tempDir))
	}
	if s.threads > 0 {
		query += fmt.Sprintf("&threads=%d", s.threads)
	}
	return path + query
}
