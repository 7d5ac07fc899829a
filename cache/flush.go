package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/internal/fsync"
)

// Flush makes every commit durable. A commit survives the end of the process even without Flush,
// but after a power failure the last commits may be missing, in which case the next run fetches
// them again. Call Flush before reporting the progress of the mirror to another system.
func (l *CachedRecordsLoader) Flush(context.Context) error {
	if err := l.db.StillThere(); err != nil {
		return wrap("flush", "", err)
	}
	// The commits that are not durable yet are those in the log. It is opened beside SQLite
	// without harm: SQLite holds no lock on the log itself, which closing it would drop.
	log, err := os.OpenFile(l.Path()+"-wal", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // everything is in the database, which a checkpoint syncs
	}
	if err != nil {
		return wrap("flush", "", err)
	}
	if err := errors.Join(log.Sync(), log.Close()); err != nil {
		return wrap("flush", "", err)
	}
	return wrap("flush", "", fsync.Dir(filepath.Dir(l.Path())))
}
