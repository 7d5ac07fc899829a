package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/interrupt"
	"github.com/imednetgo/imednet/lake"
	"github.com/imednetgo/imednet/postgres"
)

// The exit codes are those of the command imednet.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitNotFound    = 4
	exitBusy        = 5
	exitInvalid     = 6
	exitInterrupted = interrupt.ExitCode
)

const exitCodes = `0    success
1    any other failure, such as a catalog that does not respond
2    invalid command line
4    no such catalog, study, version, tag or file
5    another writer was faster, or has taken over: try again
6    the tables cannot hold what was asked for, or files of the lake are missing
     or altered; nothing was written
130  interrupted; what was committed stands, and the next run continues`

type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// failure is how an error leaves the program.
type failure struct {
	Error    string `json:"error"`
	Kind     string `json:"kind"`
	ExitCode int    `json:"exitCode"`
	Hint     string `json:"hint,omitempty"`
}

func (a *app) fail(err error, interrupted bool) int {
	f := classify(err, a.started)
	if interrupted && a.started {
		f.Kind, f.ExitCode = "interrupted", exitInterrupted
	}
	var typed *imednet.Error
	if errors.As(err, &typed) {
		f.Hint = typed.Hint
	}
	if a.json {
		e := json.NewEncoder(a.errOut)
		e.SetIndent("", "  ")
		_ = e.Encode(f)
		return f.ExitCode
	}
	fmt.Fprintln(a.errOut, "Error:", f.Error)
	return f.ExitCode
}

func classify(err error, started bool) failure {
	f := failure{Error: err.Error(), Kind: "failure", ExitCode: exitFailure}
	switch {
	case errors.As(err, new(*usageError)), errors.As(err, new(*imednet.ValidationError)), errors.Is(err, postgres.ErrInsecure), !started:
		f.Kind, f.ExitCode = "usage", exitUsage
	case isAny(err, lake.ErrUnreachable, lake.ErrUnknownOutcome, postgres.ErrUnreachable): // whose socket may be no file
		f.Kind = "connection"
	case isAny(err, lake.ErrNoCatalog, lake.ErrNoStudy, lake.ErrNoTag, lake.ErrNoVersion, cache.ErrNotSynced, fs.ErrNotExist):
		f.Kind, f.ExitCode = "not found", exitNotFound
	case isAny(err, lake.ErrConflict, lake.ErrFenced, lake.ErrTagExists):
		f.Kind, f.ExitCode = "conflict", exitBusy
	case errors.As(err, new(*lake.SchemaError)), isAny(err, lake.ErrOtherMirror, lake.ErrDamaged, lake.ErrUnsupportedColumn, cache.ErrPurged):
		f.Kind, f.ExitCode = "invalid", exitInvalid
	}
	return f
}

func isAny(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}
