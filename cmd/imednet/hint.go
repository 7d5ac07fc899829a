package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/mattn/go-sqlite3"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/criteria"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// hintOf finds what to tell with an error. The packages speak to programs; where they name a method,
// the hint of a command says what to type.
func hintOf(err error) string {
	var damage sqlite3.Error
	told := packageHints(err)
	switch {
	case errors.Is(err, cache.ErrNotSynced):
		return "`imednet sync STUDY` takes it over"
	case errors.As(err, new(*submissions.UnknownOutcomeError)), errors.Is(err, submissions.ErrOpenSubmission):
		return afterSubmit
	case errors.As(err, new(*imednet.JobTimeoutError)):
		return "the job runs on at the server; run the same command again to go on waiting"
	case len(told) > 0:
		return told[0]
	case errors.Is(err, sqlite.ErrForeignFile):
		return "name another file, or move this one away"
	case errors.As(err, &damage) && (damage.Code == sqlite3.ErrNotADB || damage.Code == sqlite3.ErrCorrupt):
		return "name another file, or bring this one back from a copy that `imednet backup` made"
	}
	return ""
}

// packageHints takes the hints from the errors of the packages, the innermost of which is the most
// particular.
func packageHints(err error) []string {
	var canonical *extraction.Error
	var selection *criteria.Error
	var job *imednet.Error
	var files *pipeline.Error
	var hints []string
	if errors.As(err, &canonical) {
		hints = append(hints, canonical.Hint)
	}
	if errors.As(err, &selection) {
		hints = append(hints, selection.Hint)
	}
	if errors.As(err, &job) {
		hints = append(hints, job.Hint)
	}
	if errors.As(err, &files) {
		hints = append(hints, files.Hint)
	}
	return slices.DeleteFunc(hints, func(hint string) bool { return hint == "" })
}

// withoutHints takes the hints out of the text of an error that repeats them; what is told has a line
// of its own.
func withoutHints(text string, hints []string) string {
	for _, hint := range hints {
		text = strings.ReplaceAll(text, " ("+hint+")", "")
	}
	return text
}
