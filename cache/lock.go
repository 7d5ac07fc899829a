package cache

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/filelock"
)

const (
	exclusive = filelock.Exclusive
	shared    = filelock.Shared
)

func acquire(ctx context.Context, path string, mode filelock.Mode, timeout time.Duration, clock imednet.Clock) (*filelock.Lock, error) {
	lock, err := filelock.Acquire(ctx, path, mode, timeout, clock)
	if errors.Is(err, filelock.ErrTimeout) {
		return nil, fmt.Errorf("%w: %w", ErrSyncRunning, err)
	}
	return lock, err
}

// locked runs fn while it holds the study.
func (l *CachedRecordsLoader) locked(ctx context.Context, studyKey string, fn func() error) (err error) {
	if err := argument.Named("cache.CachedRecordsLoader", "studyKey", studyKey); err != nil {
		return err
	}
	release, err := l.db.hold(ctx, studyKey, l.cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := l.db.stillThere(); err != nil {
		return err
	}
	return fn()
}

// studyLockPath names a study's lock file by a hash, since a study key may hold anything.
func studyLockPath(path, studyKey string) string {
	return fmt.Sprintf("%s.%x.lock", path, sha256.Sum256([]byte(studyKey)))
}
