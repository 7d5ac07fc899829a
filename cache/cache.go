package cache

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// Client is the part of an [imednet.Client] through which the mirror reads the server.
//
// Optional interfaces are detected by type assertion. An [imednet.RecordPager] returns rows, their
// number and the server's time in one request; without it an [imednet.RecordProber] and Records are
// used, at the cost of one more request each time. With neither, there is no count against which to
// verify the mirror, so that every run ends with a sweep, and no server time, so that the mark
// stays at the latest dateModified held when the run began. [CachedRecordsLoader.SyncStructure]
// requires an [imednet.StructureReader], an [imednet.SubjectReader] and an [imednet.VisitReader].
type Client interface {
	imednet.RecordSource
	imednet.RevisionReader
}

// CachedRecordsLoader is a local mirror of the records and the structure of studies in one SQLite
// file. It is safe for concurrent use, and several processes can use the same file.
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

// NewCachedRecordsLoader opens the mirror in the file at path. It creates the file (mode 0600) and
// its directory (mode 0700) if necessary. A file written by the Python package is adopted: its rows
// can be read at once, and the first sync reads everything. A nil client opens the mirror
// read-only, which requires neither a lock nor write permission. The caller must close the mirror.
//
// Errors, in an *[imednet.Error]: [ErrForeignFile], [ErrNewerSchema], an invalid option, or an
// error of the file system.
func NewCachedRecordsLoader(ctx context.Context, client Client, path string, opts ...Option) (*CachedRecordsLoader, error) {
	cfg := defaults()
	if client != nil { // a nil pointer in the interface is a mistake, not the wish to read only
		if err := argument.Required("cache.NewCachedRecordsLoader", "client", client); err != nil {
			return nil, wrap("open", "", err)
		}
	}
	for _, opt := range opts {
		if err := argument.Required("cache.NewCachedRecordsLoader", "opts", opt); err != nil {
			return nil, wrap("open", "", err)
		}
		if err := opt.applyToMirror(&cfg); err != nil {
			return nil, wrap("open", "", err)
		}
	}
	err := argument.File("cache.NewCachedRecordsLoader", "path", path)
	if err == nil {
		path, err = filepath.Abs(path)
	}
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
		CacheKiB:       8 << 10,
		ReaderCacheKiB: 4 << 10,
		WALPages:       4000,
		SecureDelete:   true,
	}
}

// openTimeout is how long opening waits for others that open the same file.
const openTimeout = 30 * time.Second

// Path returns the absolute path of the file.
func (l *CachedRecordsLoader) Path() string { return l.db.Path() }

// Backup copies the file, as of one moment, to a new file with mode 0600 while others read and
// write. It is an error if the new file already exists.
func (l *CachedRecordsLoader) Backup(ctx context.Context, path string) error {
	return wrap("backup", "", l.db.Backup(ctx, path))
}

// Close closes the file. Iterations in progress fail.
func (l *CachedRecordsLoader) Close() error { return wrap("close", "", l.db.Close()) }
