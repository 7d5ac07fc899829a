package cache

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// Client is what the mirror reads the server by. Every imednet.Client is one.
//
// Optional abilities are found by type assertion. An imednet.RecordPager gives rows, their number
// and the server's time in one request; without it an imednet.RecordProber and Records serve, at
// one request more each time. With neither there is no count to prove the mirror by, so that
// every run ends in a sweep, and no server time, so that the mark stays at the greatest
// dateModified held when the run began. SyncStructure needs an
// [imednet.StructureReader], [imednet.SubjectReader] and [imednet.VisitReader].
type Client interface {
	imednet.RecordSource
	imednet.RevisionReader
}

// CachedRecordsLoader is a local mirror of the records and the structure of studies in one SQLite
// file. It may be used by many goroutines, and the file by many processes, at the same time.
type CachedRecordsLoader struct {
	client Client
	db     *sqlite.DB
	cfg    config
}

// The mirror is a source of records like the server itself.
var (
	_ imednet.RecordSource        = (*CachedRecordsLoader)(nil)
	_ imednet.SubjectRecordSource = (*CachedRecordsLoader)(nil)
	_ imednet.RecordHistorySource = (*CachedRecordsLoader)(nil)
)

// NewCachedRecordsLoader opens the mirror in the file at path, and creates the file (mode 0600)
// and its directory (0700) if need be. A file that the Python package wrote is adopted: its rows can
// be read at once, and the first sync reads everything. A nil client opens the mirror for reading
// alone, which needs neither a lock nor the right to write. Close it after use.
//
// Errors: ErrForeignFile, ErrNewerSchema, an invalid option, or what the file system says, in an *imednet.Error.
func NewCachedRecordsLoader(ctx context.Context, client Client, path string, opts ...Option) (*CachedRecordsLoader, error) {
	cfg := defaults()
	for _, opt := range opts {
		if err := opt.applyToMirror(&cfg); err != nil {
			return nil, wrap("open", "", err)
		}
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, wrap("open", "", err)
	}
	db, err := open(ctx, path, cfg, client == nil)
	if err != nil {
		return nil, wrap("open", "", err)
	}
	return &CachedRecordsLoader{client: client, db: db, cfg: cfg}, nil
}

// open opens the file while no other process opens it: changing a new file to WAL is the one step
// that SQLite does not wait for.
//
// Whoever only reads needs no lock, and no right to write, for a file whose schema is up to date.
func open(ctx context.Context, path string, cfg config, reading bool) (_ *sqlite.DB, err error) {
	settings := fileSettings(path)
	if reading {
		if db, err := sqlite.OpenCurrent(ctx, settings); db != nil || err != nil {
			return db, err
		}
	}
	lock, err := acquire(ctx, path+".open.lock", exclusive, openTimeout, cfg.clock)
	if err != nil {
		return nil, fmt.Errorf("lock the file to open it: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	return sqlite.Open(ctx, settings)
}

func fileSettings(path string) sqlite.Config {
	return sqlite.Config{
		Path:           path,
		ApplicationID:  applicationID,
		Foreign:        pythonTable,
		Migrations:     migrations,
		Synchronous:    "NORMAL",
		PageSize:       16 << 10,
		CacheKiB:       64 << 10,
		ReaderCacheKiB: 8 << 10,
		WALPages:       4000,
		SecureDelete:   true,
	}
}

// openTimeout is how long opening waits for others that open the same file.
const openTimeout = 30 * time.Second

// Path returns the absolute path of the file.
func (l *CachedRecordsLoader) Path() string { return l.db.Path() }

// Backup writes a copy of the file, as it stands at one moment, to a new file of mode 0600, while others
// read and write. An existing file is an error.
func (l *CachedRecordsLoader) Backup(ctx context.Context, path string) error {
	return wrap("backup", "", l.db.Backup(ctx, path))
}

// Close closes the file. Readings that are under way fail.
func (l *CachedRecordsLoader) Close() error { return wrap("close", "", l.db.Close()) }
