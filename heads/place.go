package heads

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/fsync"
)

// Place keeps files of heads. It should be one that those who can write to the stores cannot change.
type Place interface {
	// Names lists all files, in any order.
	Names(ctx context.Context) ([]string, error)
	// Read returns a file.
	Read(ctx context.Context, name string) ([]byte, error)
	// Create stores a new file, whole or not at all. It never replaces one: that is fs.ErrExist.
	Create(ctx context.Context, name string, text []byte) error
}

// Dir is a directory as a [Place]. Files get the mode 0600 and survive a power failure.
type Dir string

var _ Place = Dir("")

// Names implements [Place]. Hidden files are left out: a writer that was killed may leave one.
func (d Dir) Names(context.Context) (names []string, err error) {
	if err := argument.Named("heads.Dir.Names", "directory", string(d)); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(string(d))
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// Read implements [Place].
func (d Dir) Read(_ context.Context, name string) ([]byte, error) {
	path, err := d.path("Read", name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("is not a regular file") // a pipe would be waited for
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// Create implements [Place]. It makes the directory, with the mode 0700, if it is missing.
func (d Dir) Create(_ context.Context, name string, text []byte) (err error) {
	path, err := d.path("Create", name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(string(d), ".heads-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil { // unlike a rename, it replaces nothing
		return err
	}
	return fsync.Dir(string(d))
}

func (d Dir) path(method, name string) (string, error) {
	if err := argument.Named("heads.Dir."+method, "directory", string(d)); err != nil {
		return "", err
	}
	if name != filepath.Base(name) || !fs.ValidPath(name) || name == "." {
		return "", argument.Invalid("heads.Dir."+method, "name", "must be the name of a file")
	}
	return filepath.Join(string(d), name), nil
}
