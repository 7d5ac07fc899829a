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

// DuckDBIngestion ingests studies into one DuckDB database. It is safe for concurrent use, and any
// number of goroutines can read the database meanwhile. Each of its methods is one transaction, so
// a reader sees the state before or after it, and a crash leaves one of the two. Runs of one
// DuckDBIngestion are serialised; another writer on the same stream gets [ErrBusy].
type DuckDBIngestion struct {
	db       *sql.DB
	path     string // "" in a database of the caller's
	settings settings
	feeds    feeds
	mu       sync.Mutex // one run at a time
}

// Ledger receives the progress of a stream after the data are committed. It is never read: the
// marks in the warehouse, which are committed with the data, decide where a run begins.
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
	sliceRows   int
}

// Option configures [NewDuckDBIngestion], [NewDuckDBIngestionDB] and [OpenReadOnly].
type Option func(*settings) error

// WithClock sets the clock that dates runs; the default is [imednet.SystemClock].
func WithClock(c imednet.Clock) Option {
	return func(s *settings) error {
		s.clock = c
		return argument.Required("warehouse.WithClock", "clock", c)
	}
}

// LedgerPrefix is the prefix of the warehouse's streams in a ledger, as in "warehouse.records",
// which distinguishes them from those of the mirror.
const LedgerPrefix = "warehouse."

// WithLedger sets a ledger that is updated after every finished run, under [LedgerPrefix] and the
// name of the stream.
func WithLedger(l Ledger) Option {
	return func(s *settings) error {
		s.ledger = l
		return argument.Required("warehouse.WithLedger", "ledger", l)
	}
}

// WithProgress sets a function to which every run reports its progress, never from two goroutines
// at once.
func WithProgress(report func(imednet.Progress)) Option {
	return func(s *settings) error {
		s.progress = report
		return argument.Required("warehouse.WithProgress", "report", report)
	}
}

// WithMemoryLimit limits DuckDB's memory, such as "512MB" or "1.5GiB"; the default is DuckDB's. DuckDB spills to
// the directory of [WithTempDirectory]. It applies only to a database that this package opens.
func WithMemoryLimit(limit string) Option {
	return func(s *settings) error {
		s.memoryLimit = limit
		return checkMemory("warehouse.WithMemoryLimit", limit)
	}
}

// WithTempDirectory sets the directory to which DuckDB spills; the default is next to the file. It
// applies only to a database that this package opens.
func WithTempDirectory(dir string) Option {
	return func(s *settings) error {
		s.tempDir = dir
		return checkTempDirectory("warehouse.WithTempDirectory", dir)
	}
}

// WithThreads limits the number of DuckDB's threads; the default is one per core. It applies only
// to a database that this package opens.
func WithThreads(n int) Option {
	return func(s *settings) error {
		if n < 1 {
			return argument.Invalid("warehouse.WithThreads", "threads", fmt.Sprintf("must be at least 1, got %d", n))
		}
		s.threads = n
		return nil
	}
}

// NewDuckDBIngestion opens or creates the DuckDB file at path (mode 0600 in a directory of mode
// 0700) and its tables. The path ":memory:" keeps everything in memory. A file that another process
// has open is [ErrBusy], one of another format is [ErrNotDuckDB], and one of a newer version of
// this library is [ErrNewerSchema]. DuckDB fetches no extension unless a statement requests it.
// DuckDB creates the file's log and spill files according to the umask: place the file in a private
// directory. The caller must close the ingestion.
func NewDuckDBIngestion(ctx context.Context, path string, opts ...Option) (*DuckDBIngestion, error) {
	s, err := newSettings("warehouse.NewDuckDBIngestion", opts)
	if err != nil {
		return nil, err
	}
	if path != memory {
		if err := checkPath("warehouse.NewDuckDBIngestion", path); err != nil {
			return nil, err
		}
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
// it. Close leaves it open. Options for memory, spilling and threads are errors.
func NewDuckDBIngestionDB(ctx context.Context, db *sql.DB, opts ...Option) (*DuckDBIngestion, error) {
	s, err := newSettings("warehouse.NewDuckDBIngestionDB", opts)
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

func newSettings(function string, opts []Option) (settings, error) {
	s := settings{clock: imednet.SystemClock(), progress: func(imednet.Progress) {}, sliceRows: sliceRows}
	err := argument.Options(function, &s, opts)
	return s, err
}

// prepare creates the tables and registers the function through which rows flow in.
func (d *DuckDBIngestion) prepare(ctx context.Context) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return openFailure(ctx, err)
	}
	defer conn.Close()
	if err := createSchema(ctx, conn); err != nil {
		keepFile(ctx, conn)
		return openFailure(ctx, err)
	}
	if err := errors.Join(d.feeds.register(conn), makePrivate(d.path)); err != nil {
		return openFailure(ctx, err)
	}
	return nil
}

// DB returns the database for queries.
func (d *DuckDBIngestion) DB() *sql.DB { return d.db }

// Close closes the database if [NewDuckDBIngestion] opened it. It may be called more than once.
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
