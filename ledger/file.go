package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/filelock"
)

// FileStore stores a ledger in one JSON file, in the format and under the lock of the Python
// package, so that both can use the file at the same time. Next to `ledger.json` are
//
//	ledger.lock                 the lock, held only to write
//	ledger.json.locks/          one lock for each stream, held while work on it runs
//	ledger.json.bak             the last good state that was written
//	ledger.json.history.jsonl   the runs, one a line, oldest first
//	ledger.json.corrupt-…       the bytes of a damaged file, named by their hash
//
// All have mode 0600. Every write goes to a temporary file, which is synced and renamed over the
// old one, after which the directory is synced.
type FileStore struct {
	path string
	// locks are the names of the Python package's lock: of the path as it was given, of each symbolic link on the way, and of the
	// file itself. A program that was given any of these paths takes one of them.
	locks []string
	cfg   storeConfig
	fs    filesystem
}

var _ Store = (*FileStore)(nil)

// OpenFile returns a store that uses the file at path, or the one that a symbolic link there leads to: a link is never
// replaced by a second ledger. Nothing is created before the first write, except for the directory (mode 0700), which
// the first lock creates.
func OpenFile(path string, opts ...StoreOption) (*FileStore, error) {
	cfg, err := newStoreConfig(opts)
	if err == nil {
		err = argument.Named("ledger.OpenFile", "path", path)
	}
	if err == nil {
		path, err = filepath.Abs(path)
	}
	var names []string
	if err == nil {
		names, err = linked(path)
	}
	if err == nil {
		path = names[len(names)-1]
	}
	if err == nil && slices.ContainsFunc(names, func(name string) bool { return lockName(name) == path }) {
		err = argument.Invalid("ledger.OpenFile", "path", "must not end in .lock: the ledger's lock would be itself")
	}
	if err != nil {
		return nil, fileError("open", path, err, "")
	}
	return &FileStore{path: path, locks: lockNames(names), cfg: cfg, fs: disk{}}, nil
}

// linked follows symbolic links, also to a file that is not there yet, and returns all paths on the way.
func linked(path string) (names []string, err error) {
	const most = 40 // as Linux
	for range most {
		names = append(names, path)
		target, err := os.Readlink(path)
		if err != nil {
			return names, nil //nolint:nilerr // it is none
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
}

// Path returns the file's absolute path; of a symbolic link, of what it leads to.
func (s *FileStore) Path() string { return s.path }

// HistoryPath returns the path of the run history.
func (s *FileStore) HistoryPath() string { return s.path + ".history.jsonl" }

// BackupPath returns the path of the file with the last good state.
func (s *FileStore) BackupPath() string { return s.path + ".bak" }

// Load reads the file and writes nothing. It needs no lock, because files are replaced atomically.
// A missing file is an empty ledger; one that is empty or not a ledger is [ErrDamaged], and the
// next call that would write saves its bytes.
func (s *FileStore) Load(ctx context.Context) (LedgerState, error) {
	if ctx.Err() != nil {
		return LedgerState{}, context.Cause(ctx)
	}
	state, _, err := s.read()
	return state, err
}

func (s *FileStore) read() (LedgerState, []byte, error) {
	data, err := s.fs.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return LedgerState{Studies: map[string]StudyState{}}, nil, nil
	}
	if err != nil {
		return LedgerState{}, nil, fileError("read", s.path, err, "")
	}
	state, err := decodeState(data)
	if err != nil {
		return LedgerState{}, data, fileError("read", s.path, fmt.Errorf("%w: %w", ErrDamaged, err),
			"bring back the last good state, "+s.BackupPath()+", with RestoreBackup or `imednet state restore`, or move the file away to start anew")
	}
	return state, data, nil
}

// saveDamaged copies the bytes of a damaged file and adds the copy's name to the error. The name
// comes from the bytes, so that one damage makes one copy however often it is met.
func (s *FileStore) saveDamaged(data []byte, damage error) error {
	sum := sha256.Sum256(data)
	name := s.path + ".corrupt-" + hex.EncodeToString(sum[:6])
	if old, err := s.fs.ReadFile(name); err != nil || string(old) != string(data) {
		if err := errors.Join(replace(s.fs, name, data), s.fs.SyncDir(filepath.Dir(name))); err != nil {
			return errors.Join(damage, fmt.Errorf("the damaged bytes could not be saved: %w", err))
		}
	}
	var e *imednet.Error
	if errors.As(damage, &e) {
		named := *e
		named.Err = &DamageError{name, e.Err}
		return &named
	}
	return damage
}

// locked runs fn under the Python package's lock.
func (s *FileStore) locked(ctx context.Context, fn func() error) (err error) {
	if s.cfg.pythonLock && holds(ctx, s) {
		return fn()
	}
	if err := s.regular(); err != nil {
		return fileError("lock", s.path, err, "")
	}
	var held heldFiles
	defer func() { err = joined(err, held.release()) }()
	for _, name := range s.locks {
		lock, err := filelock.Acquire(ctx, name, filelock.Exclusive, s.cfg.commitTimeout, s.cfg.clock)
		if unusable(err) && name != s.locks[len(s.locks)-1] {
			continue
		}
		if errors.Is(err, filelock.ErrTimeout) {
			err = fmt.Errorf("%s: %w for %v", name, ErrLocked, s.cfg.commitTimeout)
		}
		if err != nil {
			return fileError("lock", s.path, err, "")
		}
		held = append(held, lock)
	}
	return fn()
}

// regular refuses what can never be a ledger, before a lock is made beside it.
func (s *FileStore) regular() error {
	info, err := os.Stat(s.path)
	switch {
	case err != nil || info.Mode().IsRegular():
		return nil
	case info.IsDir():
		return syscall.EISDIR
	}
	return errNoFile
}

// Commit implements [Store]. It writes the entries first and then the runs: an interruption in
// between loses a line of history but never an entry.
func (s *FileStore) Commit(ctx context.Context, c Commit) error {
	return s.locked(ctx, func() error {
		if len(c.Changes) > 0 {
			if err := s.change(c.Changes); err != nil {
				return err
			}
		}
		if err := s.appendRuns(c.Runs); err != nil {
			if len(c.Changes) > 0 {
				err = fmt.Errorf("%w: %w", ErrNotRecorded, err)
			}
			return fileError("record", s.HistoryPath(), err, "")
		}
		return nil
	})
}

func (s *FileStore) change(changes []Change) error {
	state, data, err := s.read()
	if errors.Is(err, ErrDamaged) {
		return s.saveDamaged(data, err)
	}
	if err != nil {
		return err
	}
	if err := state.apply(changes); err != nil {
		return fileError("commit", s.path, err, hint(err))
	}
	return s.write(state)
}

// write puts a state in place and then its backup. The backup is a copy of its own, not a link:
// a program that overwrites the ledger in place must not reach it. It is not synced: a power cut that
// takes the backup leaves the ledger, which is.
func (s *FileStore) write(state LedgerState) error {
	data, err := encodeState(state)
	if err == nil {
		err = replace(s.fs, s.path, data)
	}
	if err == nil {
		err = s.fs.SyncDir(filepath.Dir(s.path))
	}
	if err == nil {
		err = replaceUnsynced(s.fs, s.BackupPath(), data)
	}
	if err != nil {
		return fileError("write", s.path, err, "")
	}
	return nil
}

// TryLock implements [Store]. With [WithPythonLock] it first acquires the lock of the file.
func (s *FileStore) TryLock(_ context.Context, k Key) (func() error, bool, error) {
	if err := s.regular(); err != nil {
		return nil, false, fileError("lock", s.path, err, "")
	}
	var whole heldFiles
	if s.cfg.pythonLock {
		var ok bool
		var err error
		if whole, ok, err = tryAll(s.locks); err != nil || !ok {
			return nil, false, err
		}
	}
	unlock, ok, err := tryStreamLock(s.path, k)
	if err != nil || !ok {
		return nil, false, joined(err, whole.release())
	}
	return func() error { return joined(unlock(), whole.release()) }, true, nil
}

// tryStreamLock takes the lock of one stream of the ledger at path.
func tryStreamLock(path string, k Key) (func() error, bool, error) {
	lock, ok, err := filelock.Try(filepath.Join(path+".locks", streamLockName(k)), filelock.Exclusive)
	if err != nil || !ok {
		return nil, false, err
	}
	return lock.Release, true, nil
}

// streamLockName is unique to the key: a comma is escaped in either part.
func streamLockName(k Key) string {
	name := url.PathEscape(k.StudyKey) + "," + url.PathEscape(k.Stream)
	if len(name) > 200 {
		sum := sha256.Sum256([]byte(name))
		name = hex.EncodeToString(sum[:])
	}
	return name + ".lock"
}

// Runs implements [Store]. It ignores a last line that was truncated by a power failure; any other
// unreadable line is [ErrDamaged].
func (s *FileStore) Runs(ctx context.Context, f RunFilter) iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		runs, err := s.readRuns()
		if err != nil {
			yield(Run{}, err)
			return
		}
		yieldNewestFirst(ctx, runs, f, yield)
	}
}

var _ filesystem = disk{}

var _ file = (*os.File)(nil)
