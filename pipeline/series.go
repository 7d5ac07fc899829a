package pipeline

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"github.com/apache/arrow/go/v17/arrow"
)

// chunkSeries writes the rows of one table to a row of files.
type chunkSeries struct {
	stage      *stage
	name       string
	dir        string // slash-separated, relative to the stage's root
	prefix     string
	schema     *arrow.Schema
	generation int
	fileRows   int64
	settings   writerSettings
	files      []File
	rows       int64

	file *stagedWriter
	open rowWriter
	held int64 // rows in the open file
}

// write adds a batch, cut where a file is full.
func (s *chunkSeries) write(batch arrow.Record) error {
	for from := int64(0); from < batch.NumRows(); {
		if err := s.begin(); err != nil {
			return err
		}
		to := min(batch.NumRows(), from+s.fileRows-s.held)
		part := batch.NewSlice(from, to)
		err := s.open.write(part)
		part.Release()
		if err != nil {
			return err
		}
		s.held += to - from
		s.rows += to - from
		from = to
		if s.held >= s.fileRows {
			if err := s.end(); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin opens the next file unless one is open.
func (s *chunkSeries) begin() error {
	if s.open != nil {
		return nil
	}
	name := path.Join(s.dir, chunkName(s.prefix, len(s.files)+1, s.generation, s.settings.format.extension()))
	file, err := s.stage.create(name)
	if err != nil {
		return err
	}
	s.file, s.held = file, 0
	open, err := s.settings.open(s.schema, file)
	if err != nil {
		return err
	}
	s.open = open
	s.files = append(s.files, File{Path: name})
	return nil
}

// end completes the open file.
func (s *chunkSeries) end() error {
	if s.open == nil {
		return nil
	}
	err := errors.Join(s.open.close(), s.file.Close())
	f := &s.files[len(s.files)-1]
	f.Rows, f.Bytes, f.SHA256 = s.held, s.file.size, s.file.digest()
	s.open, s.file = nil, nil
	return err
}

// finish completes the series.
func (s *chunkSeries) finish() error { return s.end() }

// abandon closes what is open after a failure.
func (s *chunkSeries) abandon() {
	if s.open != nil {
		_ = s.open.close()
	}
	if s.file != nil {
		_ = s.file.file.Close()
	}
	s.open, s.file = nil, nil
}

// removeStale removes the chunks in a directory that are named like this series' and are not
// among the files just written.
func removeStale(root, dir, prefix string, written []File) error {
	keep := map[string]bool{}
	for _, f := range written {
		keep[path.Base(f.Path)] = true
	}
	return removeMatching(filepath.Join(root, filepath.FromSlash(dir)), chunkPattern(prefix), keep)
}

func removeMatching(dir string, pattern *regexp.Regexp, keep map[string]bool) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !pattern.MatchString(e.Name()) || keep[e.Name()] {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
