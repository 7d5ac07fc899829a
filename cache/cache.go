package cache

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
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

// CachedRecordsLoader is a mirror of the records and the structure of studies in one SQLite file
// ([NewCachedRecordsLoader]) or in a database server ([NewDatabaseLoader]). It is safe for concurrent use,
// and several processes can use the same file or database.
type CachedRecordsLoader struct {
	client Client
	db     storage
	cfg    config
}

// The mirror is a source of records like the server itself.
var (
	_ imednet.RecordSource        = (*CachedRecordsLoader)(nil)
	_ imednet.SubjectRecordSource = (*CachedRecordsLoader)(nil)
	_ imednet.RecordHistorySource = (*CachedRecordsLoader)(nil)
)

// configure applies the options of a mirror.
func configure(function string, client Client, opts []Option) (config, error) {
	cfg := defaults()
	if client != nil { // a nil pointer in the interface is a mistake, not the wish to read only
		if err := argument.Required(function, "client", client); err != nil {
			return cfg, err
		}
	}
	for _, opt := range opts {
		if err := argument.Required(function, "opts", opt); err != nil {
			return cfg, err
		}
		if err := opt.applyToMirror(&cfg); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// Path returns the absolute path of the file, or "" for a mirror in a [Database].
func (l *CachedRecordsLoader) Path() string { return l.db.path() }

// Backup copies the file, as of one moment, to a new file with mode 0600 while others read and
// write. It is an error if the new file already exists. A mirror in a [Database] has no file
// ([ErrNoFile]).
func (l *CachedRecordsLoader) Backup(ctx context.Context, path string) error {
	return wrap("backup", "", l.db.backup(ctx, path))
}

// Close closes the file. Iterations in progress fail. A [Database] stays open for others.
func (l *CachedRecordsLoader) Close() error { return wrap("close", "", l.db.close()) }
