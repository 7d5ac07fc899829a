package pipeline

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/internal/fsync"
)

// stage writes files under temporary names beside their places and moves them there together, so
// that a run that fails leaves the directory as it was. Files are for their owner alone.
type stage struct {
	root  string
	files []stagedFile
}

type stagedFile struct{ temporary, name string } // name is relative to root

// stagedWriter is one file that is being written.
type stagedWriter struct {
	stage *stage
	file  *os.File
	out   *bufio.Writer
	sum   hash.Hash
	size  int64
}

// create starts a file. name is slash-separated and relative to the root.
func (s *stage) create(name string) (*stagedWriter, error) {
	path := filepath.Join(s.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, err
	}
	s.files = append(s.files, stagedFile{file.Name(), name})
	return &stagedWriter{stage: s, file: file, out: bufio.NewWriterSize(file, 1<<16), sum: sha256.New()}, nil
}

func (w *stagedWriter) Write(p []byte) (int, error) {
	w.sum.Write(p)
	w.size += int64(len(p))
	return w.out.Write(p)
}

// Close makes the file durable under its temporary name.
func (w *stagedWriter) Close() error {
	return errors.Join(w.out.Flush(), w.file.Sync(), w.file.Close())
}

func (w *stagedWriter) digest() string { return hex.EncodeToString(w.sum.Sum(nil)) }

// commit moves every file to its place.
func (s *stage) commit() error {
	dirs := map[string]bool{}
	for _, f := range s.files {
		path := filepath.Join(s.root, filepath.FromSlash(f.name))
		if err := os.Rename(f.temporary, path); err != nil {
			return err
		}
		dirs[filepath.Dir(path)] = true
	}
	s.files = nil
	for dir := range dirs {
		if err := fsync.Dir(dir); err != nil {
			return err
		}
	}
	return nil
}

// abandon removes what was not committed, and the directories that are empty then.
func (s *stage) abandon() {
	for _, f := range s.files {
		_ = os.Remove(f.temporary)
		for dir := filepath.Dir(f.temporary); dir != s.root && len(dir) > len(s.root); dir = filepath.Dir(dir) {
			if os.Remove(dir) != nil {
				break
			}
		}
	}
	s.files = nil
}

// removeEmpty removes a directory below the root and those above it, as far as they are empty.
func (s *stage) removeEmpty(local string) {
	for ; local != "." && local != ""; local = filepath.Dir(local) {
		if os.Remove(filepath.Join(s.root, local)) != nil {
			return
		}
	}
}

// writeWhole stages one small file.
func (s *stage) writeWhole(name string, content []byte) error {
	w, err := s.create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return errors.Join(err, w.Close())
}

var _ io.WriteCloser = (*stagedWriter)(nil)
