package lake

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	icebergio "github.com/apache/iceberg-go/io"

	"github.com/imednetgo/imednet/internal/fsync"
)

// UsePrivateFiles makes all tables of this program that lie in directories of this machine write
// files that only their owner may read (mode 0600 in directories of mode 0700), and that are durable
// before a commit names them. Without it iceberg-go decides: 0644, and no sync. It replaces
// iceberg-go's own handler of local paths, so it is the program's decision and not a package's.
func UsePrivateFiles() { usePrivateFiles() }

var usePrivateFiles = sync.OnceFunc(func() {
	open := func(context.Context, *url.URL, map[string]string) (icebergio.IO, error) { return privateFiles{}, nil }
	for _, scheme := range []string{"file", ""} {
		icebergio.Unregister(scheme)
		icebergio.Register(scheme, open)
	}
})

type privateFiles struct{ icebergio.LocalFS }

// Create makes a new file and the directories above it.
func (privateFiles) Create(name string) (icebergio.FileWriter, error) {
	path, err := nativePath(name)
	if err != nil {
		return nil, err
	}
	if err := makeDirs(filepath.Dir(path)); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	return &durableFile{File: f}, nil
}

// WriteFile writes a whole file.
func (p privateFiles) WriteFile(name string, content []byte) error {
	f, err := p.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// MkdirAll makes a directory and those above it.
func (privateFiles) MkdirAll(name string) error {
	path, err := nativePath(name)
	if err != nil {
		return err
	}
	return makeDirs(path)
}

// makePrivate makes an empty file, and the directories above it, unless it is there.
func makePrivate(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := makeDirs(filepath.Dir(path)); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// makeDirs makes directories and the names that they have in those above durable.
func makeDirs(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeDirs(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return fsync.Dir(parent)
}

func nativePath(name string) (string, error) {
	if !strings.HasPrefix(name, "file:") {
		return name, nil
	}
	u, err := url.Parse(name)
	if err != nil {
		return "", errors.New("the location of a file is no URL")
	}
	return filepath.FromSlash(u.Path), nil
}

// durableFile is on the disk, with its name, once it is closed.
type durableFile struct {
	*os.File
	closed bool
}

var _ io.ReaderFrom = (*durableFile)(nil)

// Close syncs the file and its directory.
func (f *durableFile) Close() error {
	if f.closed {
		return os.ErrClosed
	}
	f.closed = true
	return errors.Join(f.Sync(), f.File.Close(), fsync.Dir(filepath.Dir(f.Name())))
}
