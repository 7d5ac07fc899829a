package main

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/rest"
)

// afterTrial is what to do after the records of an acceptance test were not all sent.
const afterTrial = "run the same command again: it goes on where this one ended, and sends nothing twice"

// endedEarlyError is an acceptance test that ended before everything was tried. What was tried is already written.
type endedEarlyError struct {
	error
	untried int
}

func (e *endedEarlyError) Error() string {
	return fmt.Sprintf("%d checks were not tried to the end: %v", e.untried, e.error)
}

func (e *endedEarlyError) Unwrap() error { return e.error }

// serverName is where the client finds the API.
func (a *app) serverName() string {
	base := cmp.Or(strings.TrimSpace(os.Getenv(rest.EnvBaseURL)), a.settings.BaseURL, rest.DefaultBaseURL)
	return strings.TrimRight(strings.TrimSuffix(strings.TrimRight(base, "/"), "/api"), "/")
}

// trialProgress opens the file that keeps what an acceptance test sends. By default it has a name of its own for each server, study,
// export, place and choice of rules.
func (a *app) trialProgress(d *dictionary.Dictionary, o trialOptions) (*dictionary.TrialProgress, error) {
	path := o.progress
	if path == "" {
		of := strings.Join(append([]string{o.server, o.study, d.Hash(), o.site, o.subject, o.registration, number(o.most)}, o.rules...), "\x00")
		path = filepath.Join(a.settings.DataDir, "uat", fmt.Sprintf("%.8x.jsonl", sha256.Sum256([]byte(of))))
	}
	if o.anew {
		if err := setAside(path); err != nil {
			return nil, err
		}
	}
	progress, err := dictionary.OpenTrialProgress(path)
	if err != nil {
		return nil, err
	}
	if sent := progress.Sent(); sent > 0 {
		_, err = fmt.Fprintf(a.errOut, "This test goes on: %d records were sent before, as %s says; --anew begins another\n", sent, printable(path))
	}
	if err != nil {
		return nil, errors.Join(err, progress.Close())
	}
	return progress, nil
}

// setAside renames the file of an earlier test, which another process must not have open.
func setAside(path string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	progress, err := dictionary.OpenTrialProgress(path)
	if err != nil && !errors.Is(err, dictionary.ErrNotRead) {
		return err
	}
	if progress != nil {
		defer progress.Close()
	}
	return os.Rename(path, path+"."+time.Now().UTC().Format("20060102T150405.000000000"))
}
