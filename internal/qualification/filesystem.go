package qualification

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/imednetgo/imednet/internal/filelock"
	"github.com/imednetgo/imednet/internal/fsync"
)

// fileSystem tries what the library needs of the file system of a directory, in a directory of its own
// that it removes.
func (q *Qualification) fileSystem(ctx context.Context, id, name, dir string) *Result {
	r := &Result{ID: id, Title: "File system of " + name, Requirements: []string{"CMD-22"}}
	r.Note("directory", dir)
	r.Note("kind of file system", fileSystemOf(dir))
	if err := q.tryDirectory(ctx, r, dir); err != nil {
		r.Problem = err.Error()
	}
	return r
}

func (q *Qualification) tryDirectory(ctx context.Context, r *Result, dir string) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, ".qualify-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	p := probe{r, work, q.options.Executable}
	for _, try := range []func() error{p.modes, p.exclusive, p.rename, p.content,
		func() error { return p.locks(ctx) }, func() error { return p.wal(ctx) }} {
		if err := try(); err != nil {
			return err
		}
	}
	return nil
}

// probe tries one file system.
type probe struct {
	*Result
	dir        string
	executable string
}

func (p probe) path(name string) string { return filepath.Join(p.dir, name) }

func (p probe) modes() error {
	dir, file := p.path("private"), p.path("private/file")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(file, []byte("x"), 0o600)); err != nil {
		return err
	}
	ofDir, err := os.Stat(dir)
	if err != nil {
		return err
	}
	ofFile, err := os.Stat(file)
	if err != nil {
		return err
	}
	p.Equal("mode of a directory for its owner alone", fs.FileMode(0o700), ofDir.Mode().Perm())
	p.Equal("mode of a file for its owner alone", fs.FileMode(0o600), ofFile.Mode().Perm())
	return nil
}

func (p probe) exclusive() error {
	create := func() error {
		f, err := os.OpenFile(p.path("new"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		return f.Close()
	}
	if err := create(); err != nil {
		return err
	}
	p.Holds("a file that must be new is refused where one exists", errors.Is(create(), fs.ErrExist))
	return nil
}

func (p probe) rename() error {
	old, replacement := p.path("old"), p.path("replacement")
	if err := errors.Join(os.WriteFile(old, []byte("before"), 0o600), os.WriteFile(replacement, []byte("after"), 0o600)); err != nil {
		return err
	}
	reader, err := os.Open(old)
	if err != nil {
		return err
	}
	defer reader.Close()
	if err := os.Rename(replacement, old); err != nil {
		return err
	}
	now, err := os.ReadFile(old)
	if err != nil {
		return err
	}
	held, err := io.ReadAll(reader)
	p.Equal("content after a file took another's place", "after", string(now))
	p.Equal("content for who had it open", "before", string(held))
	_, left := os.Lstat(replacement)
	p.Holds("the earlier name is gone", errors.Is(left, fs.ErrNotExist))
	return err
}

// content writes a megabyte, makes it durable as far as the system says so, and reads it back.
func (p probe) content() error {
	text := []byte(strings.Repeat("0123456789abcdef", 1<<16))
	if err := os.WriteFile(p.path("content"), text, 0o600); err != nil {
		return err
	}
	p.Equal("fsync of a file and its directory", "done", outcome(fsync.File(p.path("content"))))
	read, err := os.ReadFile(p.path("content"))
	p.Equal("SHA-256 of a megabyte, read back", fmt.Sprintf("%x", sha256.Sum256(text)), fmt.Sprintf("%x", sha256.Sum256(read)))
	return err
}

// outcome is "done", or what went wrong.
func outcome(err error) string {
	if err != nil {
		return err.Error()
	}
	return "done"
}

// locks holds a lock in another process, which ends, and in one that is killed.
func (p probe) locks(ctx context.Context) error {
	path := p.path("x.lock")
	for _, end := range []struct {
		name string
		end  func(*Process) error
	}{{"has ended", (*Process).End}, {"was killed", (*Process).Kill}} {
		other, err := Start(ctx, p.executable, Task{"lock", []string{path}})
		if err != nil {
			return err
		}
		if said := other.Next(); said != "held" {
			return errors.Join(errors.New("the other process holds no lock"), other.Kill())
		}
		_, held, err := filelock.Try(path, filelock.Exclusive)
		p.Equal("a lock that another process holds", "refused", granted(held, err))
		if err := end.end(other); err != nil {
			return err
		}
		lock, held, err := filelock.Try(path, filelock.Exclusive)
		p.Equal("the lock after the other process "+end.name, "granted", granted(held, err))
		if held {
			if err := lock.Release(); err != nil {
				return err
			}
		}
	}
	return nil
}

func granted(held bool, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case held:
		return "granted"
	}
	return "refused"
}

// Children are the tasks of this package.
func Children() map[string]Work {
	return map[string]Work{"lock": holdLock, "read": readRows}
}

// holdLock holds a lock until its input ends.
func holdLock(_ context.Context, args []string, in *bufio.Scanner, say func(string)) error {
	lock, held, err := filelock.Try(args[0], filelock.Exclusive)
	if err != nil || !held {
		return errors.Join(err, errors.New("the lock is not free"))
	}
	say("held")
	for in.Scan() {
	}
	return lock.Release()
}
