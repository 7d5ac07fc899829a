package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/internal/fsync"
)

// filesystem is what a file store asks of the disk. It is this small so that a test can record
// every step and cut the power after any of them.
type filesystem interface {
	ReadFile(name string) ([]byte, error)
	// Create makes or empties a file of mode 0600.
	Create(name string) (file, error)
	// Append opens a file for writing at its end, or makes it with mode 0600.
	Append(name string) (file, error)
	// Truncate cuts a file to size bytes.
	Truncate(name string, size int64) error
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes what happened to the directory's names durable.
	SyncDir(dir string) error
}

type file interface {
	io.WriteCloser
	Sync() error
}

// disk is the operating system's file system.
type disk struct{}

// ReadFile reads regular files only: a pipe would be waited for, and a device has no end.
func (disk) ReadFile(name string) ([]byte, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, fmt.Errorf("%s: %w", name, errNoFile)
	}
	return os.ReadFile(name)
}

var errNoFile = errors.New("is not a regular file")

func (disk) Create(name string) (file, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
}

func (disk) Append(name string) (file, error) {
	return os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

func (disk) Truncate(name string, size int64) error { return os.Truncate(name, size) }
func (disk) Rename(from, to string) error           { return os.Rename(from, to) }
func (disk) Remove(name string) error               { return os.Remove(name) }

func (disk) SyncDir(dir string) error { return fsync.Dir(dir) }

// replace writes a file beside its place, makes its bytes durable and renames it. Its name is
// durable after the next SyncDir. The temporary name is fixed: the caller holds the file's lock,
// and what an interrupted run left is written over.
func replace(fsys filesystem, name string, data []byte) error {
	return replaceBy(fsys, name, data, writeSynced)
}

// replaceUnsynced is replace without making anything durable.
func replaceUnsynced(fsys filesystem, name string, data []byte) error {
	return replaceBy(fsys, name, data, func(open func(string) (file, error), name string, data []byte) error {
		f, err := open(name)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return errors.Join(err, f.Close())
	})
}

func replaceBy(fsys filesystem, name string, data []byte, write func(func(string) (file, error), string, []byte) error) error {
	temp := name + ".tmp"
	err := write(fsys.Create, temp, data)
	if err == nil {
		err = fsys.Rename(temp, name)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(fsys.Remove(temp)))
	}
	return nil
}

// writeSynced opens a file, writes to it, syncs and closes it.
func writeSynced(open func(string) (file, error), name string, data []byte) error {
	f, err := open(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// lockName is the Python package's name of a ledger's lock: the path with its suffix replaced. A name
// that begins or ends with its only dot has no suffix.
func lockName(path string) string {
	dir, base := filepath.Split(path)
	for i := len(base) - 2; i > 0; i-- {
		if base[i] == '.' {
			return dir + base[:i] + ".lock"
		}
	}
	return path + ".lock"
}
