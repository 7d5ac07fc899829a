package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"

	"github.com/go-json-experiment/json"
)

// shortestRun is less than any line of the history takes, in bytes. A file of fewer bytes a run
// need not be counted.
const shortestRun = 100

// appendRuns adds lines to the history, under the lock. A torn last line is cut off first: it
// belongs to a write that never returned. When the history has grown a tenth beyond its limit, the
// oldest lines go.
func (s *FileStore) appendRuns(runs []Run) error {
	if len(runs) == 0 {
		return nil
	}
	old, err := s.fs.ReadFile(s.HistoryPath())
	isNew := errors.Is(err, fs.ErrNotExist)
	if err != nil && !isNew {
		return err
	}
	whole := old[:bytes.LastIndexByte(old, '\n')+1]
	kept := s.newest(whole, len(runs))
	lines, err := nextLines(whole, kept, runs)
	if err != nil {
		return err
	}
	if len(kept) < len(whole) {
		isNew = true
		err = replace(s.fs, s.HistoryPath(), append(bytes.Clone(kept), lines...))
	} else {
		if len(whole) < len(old) {
			if err := s.fs.Truncate(s.HistoryPath(), int64(len(whole))); err != nil {
				return err
			}
		}
		err = writeSynced(s.fs.Append, s.HistoryPath(), lines)
	}
	if err == nil && isNew {
		err = s.fs.SyncDir(filepath.Dir(s.path))
	}
	return err
}

// nextLines are the lines of runs that follow those that are there, of which some are kept.
func nextLines(whole, kept []byte, runs []Run) ([]byte, error) {
	there := bytes.Count(whole, []byte{'\n'})
	last := tailOf(linesBackwards(whole), there)
	_, lines, err := chain(last, last.oldest(there-bytes.Count(kept, []byte{'\n'})), runs)
	return append(bytes.Join(lines, []byte{'\n'}), '\n'), err
}

// linesBackwards yields the runs of a history, newest first. A line that cannot be read is a run without number and
// hash: it breaks the chain, and Verify says so.
func linesBackwards(whole []byte) iter.Seq[Run] {
	return func(yield func(Run) bool) {
		for end := len(whole); end > 0; {
			begin := bytes.LastIndexByte(whole[:end-1], '\n') + 1
			var r Run
			if json.Unmarshal(whole[begin:end-1], &r) != nil {
				r = Run{}
			}
			if !yield(r) {
				return
			}
			end = begin
		}
	}
}

// newest returns the lines that stay when more are added: all of them, or the newest that fill
// the limit once they are added.
func (s *FileStore) newest(lines []byte, more int) []byte {
	limit := s.cfg.historyLimit
	if limit == 0 || len(lines) <= shortestRun*limit {
		return lines
	}
	n := bytes.Count(lines, []byte{'\n'})
	if n+more <= limit+limit/10 {
		return lines
	}
	for drop := min(n, n+more-limit); drop > 0; drop-- {
		lines = lines[bytes.IndexByte(lines, '\n')+1:]
	}
	return lines
}

// readRuns returns the runs that are shown, oldest first.
func (s *FileStore) readRuns() ([]Run, error) {
	runs, err := s.allRuns()
	if err != nil {
		return nil, err
	}
	return runs[surplus(len(runs), s.cfg.historyLimit):], nil
}

// allRuns returns every run of the file, oldest first: up to a tenth more than are shown.
func (s *FileStore) allRuns() ([]Run, error) {
	data, err := s.fs.ReadFile(s.HistoryPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fileError("runs", s.HistoryPath(), err, "")
	}
	var runs []Run
	for n := 1; ; n++ {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		var r Run
		if err := json.Unmarshal(data[:end], &r); err != nil {
			return nil, fileError("runs", s.HistoryPath(), fmt.Errorf("line %d: %w: %w", n, ErrDamaged, err), "")
		}
		runs = append(runs, r)
		data = data[end+1:]
	}
	return runs, nil
}
