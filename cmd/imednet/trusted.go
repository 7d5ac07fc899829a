package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxTrusted is far more than any policy, key or token has.
const maxTrusted = 4 << 20

// readTrusted reads a file that says whom to trust. Whoever could change it would decide that.
func readTrusted(what, path string) ([]byte, error) {
	return readChecked(path, func(info fs.FileInfo) error {
		if othersMay(info, 0o022) {
			return usagef("the %s %s can be changed by others than its owner: run `chmod go-w` on it", what, path)
		}
		return replaceable(what, path)
	}, what)
}

// readSecret reads a file by which its holder is known. Whoever could read it would be taken for the holder.
func readSecret(what, path string) ([]byte, error) {
	return readChecked(path, func(info fs.FileInfo) error {
		if othersMay(info, 0o027) {
			return usagef("the %s %s can be read, or changed, by others than its owner: run `chmod 600` on it", what, path)
		}
		return nil
	}, what)
}

// readChecked reads a regular file whose mode check accepts: of the file that was opened, whatever becomes of
// its name meanwhile.
func readChecked(path string, check func(fs.FileInfo) error, what string) ([]byte, error) {
	notRegular := usagef("the %s %s is not a regular file", what, path)
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, notRegular // a pipe would be waited for
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, notRegular
	}
	if err := check(info); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxTrusted+1))
	if err == nil && len(text) > maxTrusted {
		err = usagef("the %s %s is too long", what, path)
	}
	return text, err
}

// replaceable refuses a file that others may put another one in the place of: because they can write to a directory
// on the way to the name, or to what a symbolic link leads to, and rename what is in it. In a sticky directory
// nobody renames what is another's.
func replaceable(what, path string) error {
	real, err := filepath.EvalSymlinks(path)
	for _, p := range []string{path, real} {
		at, failed := filepath.Abs(p)
		if err = errors.Join(err, failed); err != nil {
			return err
		}
		for dir := filepath.Dir(at); ; dir = filepath.Dir(dir) {
			info, err := os.Stat(dir)
			switch {
			case err != nil:
				return err
			case othersMay(info, 0o022) && info.Mode()&fs.ModeSticky == 0:
				return usagef("the %s %s can be replaced by others, who can write to %s: run `chmod go-w` on it", what, path, dir)
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return nil
}
