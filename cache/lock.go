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

// acquirer takes a lock, one way or the other.
type acquirer func(ctx context.Context, path string, mode filelock.Mode, timeout time.Duration, clock imednet.Clock) (*filelock.Lock, error)

// orRunning says in the mirror's words that a lock was not to be had.
func orRunning(lock *filelock.Lock, err error) (*filelock.Lock, error) {
	if errors.Is(err, filelock.ErrTimeout) {
		return nil, fmt.Errorf("%w: %w", ErrSyncRunning, err)
	}
	return lock, err
}

// locked runs fn while it holds the study.
func (l *CachedRecordsLoader) locked(ctx context.Context, studyKey string, fn func() error) (err error) {
	return l.holding(ctx, studyKey, l.db.hold, fn)
}

// lockedToRead runs fn, which only reads, while it holds the study, as far as that is possible without writing: a run that
// changed the study meanwhile is ErrSyncRunning.
func (l *CachedRecordsLoader) lockedToRead(ctx context.Context, studyKey string, fn func() error) error {
	return l.holding(ctx, studyKey, l.db.holdToRead, func() error {
		before, err := l.study(ctx, studyKey)
		if err != nil {
			return err
		}
		if err := fn(); err != nil {
			return err
		}
		after, err := l.study(ctx, studyKey)
		if err == nil && !after.sameAs(&before) {
			err = fmt.Errorf("%w: it has changed the study meanwhile", ErrSyncRunning)
		}
		return err
	})
}

func (l *CachedRecordsLoader) holding(ctx context.Context, studyKey string, hold func(context.Context, string, config) (func() error, error), fn func() error) (err error) {
	if err := argument.Named("cache.CachedRecordsLoader", "studyKey", studyKey); err != nil {
		return err
	}
	release, err := hold(ctx, studyKey, l.cfg)
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
