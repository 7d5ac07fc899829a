package cache

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// readTurn returns the id after which the block begins that is to be compared next. It stands in
// the study's lock file, which each run holds: a quiet run must not write to the database. A
// file that is gone or cannot be understood means that the comparison starts over.
func (l *CachedRecordsLoader) readTurn(studyKey string) (int64, error) {
	text, err := os.ReadFile(studyLockPath(l.Path(), studyKey))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	after, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || after < 0 {
		return 0, nil
	}
	return after, nil
}

// saveTurn keeps the position for the next run.
func (l *CachedRecordsLoader) saveTurn(studyKey string, after int64) error {
	return os.WriteFile(studyLockPath(l.Path(), studyKey), strconv.AppendInt(nil, after, 10), 0o600)
}
