// Package filelock locks files between processes by flock, as the Python package does, with a timeout
// and a context. A lock belongs to the opened file, so two goroutines of one process exclude each
// other too. Lock files are never removed: removing one while another process waits for it would
// let two hold "the" lock.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/imednetgo/imednet"
)

// ErrTimeout means that the lock was held elsewhere for the whole time.
var ErrTimeout = errors.New("lock is held elsewhere")

// Mode says who may hold a lock together.
type Mode bool

// A shared lock excludes only exclusive ones.
const (
	Exclusive Mode = false
	Shared    Mode = true
)

// Lock is a held lock; nil holds none.
type Lock struct{ f *flock.Flock }

// Release gives the lock back.
func (l *Lock) Release() error {
	if l == nil {
		return nil
	}
	return l.f.Unlock()
}

// Try takes the lock if it is free. The file is created with mode 0600, its directory with 0700.
func Try(path string, mode Mode) (*Lock, bool, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, false, err
	}
	return try(flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600)), mode)
}

// TryExisting is Try for who only reads: nothing is written, and a file that is not there, or that this user may not read,
// gives no lock and no error.
func TryExisting(path string, mode Mode) (*Lock, bool, error) {
	lock, held, err := try(flock.New(path, flock.SetFlag(os.O_RDONLY)), mode)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, true, nil
	}
	return lock, held, err
}

func try(f *flock.Flock, mode Mode) (*Lock, bool, error) {
	path := f.Path()
	try := f.TryLock
	if mode == Shared {
		try = f.TryRLock
	}
	held, err := try()
	if err != nil {
		return nil, false, fmt.Errorf("lock %s: %w", path, err)
	}
	if !held {
		return nil, false, f.Close()
	}
	return &Lock{f: f}, true, nil
}

// Acquire waits for the lock, at most for timeout (ErrTimeout) or until ctx ends. A timeout of 0
// tries once.
func Acquire(ctx context.Context, path string, mode Mode, timeout time.Duration, clock imednet.Clock) (*Lock, error) {
	return acquire(ctx, path, mode, timeout, clock, Try)
}

// AcquireExisting is Acquire by TryExisting.
func AcquireExisting(ctx context.Context, path string, mode Mode, timeout time.Duration, clock imednet.Clock) (*Lock, error) {
	return acquire(ctx, path, mode, timeout, clock, TryExisting)
}

func acquire(ctx context.Context, path string, mode Mode, timeout time.Duration, clock imednet.Clock, try func(string, Mode) (*Lock, bool, error)) (*Lock, error) {
	var lock *Lock
	err := Poll(ctx, timeout, clock, func() (held bool, err error) {
		lock, held, err = try(path, mode)
		return held, err
	})
	if err != nil {
		return nil, err
	}
	return lock, nil
}

// The waits between two tries grow from the first to the second: short enough for a lock that is
// held for one write, rare enough for one that is held for a whole run.
const (
	firstWait = time.Millisecond
	lastWait  = 25 * time.Millisecond
)

// Poll calls try until it holds, fails, the timeout is over (ErrTimeout) or ctx ends.
func Poll(ctx context.Context, timeout time.Duration, clock imednet.Clock, try func() (bool, error)) error {
	end := clock.Now().Add(timeout)
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		held, err := try()
		if held || err != nil {
			return err
		}
		left := end.Sub(clock.Now())
		if left <= 0 {
			return fmt.Errorf("%w (waited %v)", ErrTimeout, timeout)
		}
		if err := clock.Sleep(ctx, min(wait, left)); err != nil {
			return err
		}
	}
}
