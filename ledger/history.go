package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
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
	lines, err := nextLines(whole, runs)
	if err != nil {
		return err
	}
	if kept := s.newest(whole, len(runs)); len(kept) < len(whole) {
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

// nextLines are the lines of runs that follow those that are there.
func nextLines(whole []byte, runs []Run) ([]byte, error) {
	last := ""
	if n := len(whole); n > 0 {
		last = lastHash(whole[bytes.LastIndexByte(whole[:n-1], '\n')+1 : n-1])
	}
	_, lines, err := chain(last, runs)
	return append(bytes.Join(lines, []byte{'\n'}), '\n'), err
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

// readRuns returns the kept runs, oldest first.
func (s *FileStore) readRuns() ([]Run, error) {
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
	return runs[surplus(len(runs), s.cfg.historyLimit):], nil
}
