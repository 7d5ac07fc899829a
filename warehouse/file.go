package warehouse

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

const memory = ":memory:"

func escape(s string) string { return url.QueryEscape(s) }

// prepareFile makes the directory private. DuckDB refuses an empty file that somebody else made,
// so the file's own mode is set after the fact for an existing one and by umask for a new one.
func prepareFile(path string) error {
	if path == memory {
		return nil
	}
	if path == "" {
		return errors.New("the path is empty; use :memory: to keep nothing")
	}
	if strings.Contains(path, "?") {
		return fmt.Errorf("DuckDB reads a question mark in a path as the start of its settings")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
