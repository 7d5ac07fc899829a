package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mattn/go-sqlite3"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/sqlite"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/subjects"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// hintOf returns the hint for an error. The packages address programs; where they name a method, the
// hint of the command says what to type.
func hintOf(err error) string {
	var missing *notFoundError
	if errors.As(err, &missing) && missing.hint != "" {
		return missing.hint
	}
	if errors.As(err, new(*endedEarlyError)) {
		return afterTrial
	}
	var journal *damagedError
	if errors.As(err, &journal) {
		return journal.hint()
	}
	if errors.Is(err, sqlite.ErrReplaced) && errors.As(err, new(*submissions.IncompleteError)) {
		return "stop every program before the journal is moved, restored or removed; look in the study for what this command sent before anything is sent again"
	}
	var damage sqlite3.Error
	var unreported *unreportedError
	told := packageHints(err)
	switch {
	case errors.Is(err, cache.ErrNotSynced) && errors.Is(err, imednet.ErrForbidden):
		return "`imednet sync STUDY` with keys that may read it mirrors it"
	case errors.Is(err, cache.ErrNotSynced):
		return "`imednet sync STUDY` mirrors it"
	case errors.Is(err, cache.ErrNoCut):
		return "`imednet cache cuts STUDY` lists the data cuts, `imednet cache cut STUDY --name NAME` makes one"
	case errors.Is(err, subjects.ErrNoSuchSubject):
		return "one that is deleted is shown with --include-deleted"
	case errors.Is(err, imednet.ErrUnsupportedFilter):
		return "the server may filter by it: leave out --cached"
	case mirrorHint(err) != "":
		return mirrorHint(err)
	case submissionHint(err) != "" && noRoom(err):
		return "free some space; then " + submissionHint(err)
	case submissionHint(err) != "":
		return submissionHint(err)
	case errors.As(err, &unreported):
		return unreported.hint
	case errors.As(err, new(*imednet.JobTimeoutError)):
		return "the job continues on the server; run the same command again to continue waiting"
	case errors.Is(err, warehouse.ErrMemory):
		return "nothing was changed; raise --memory-limit (or warehouseMemory in the configuration file), such as --memory-limit 1GB, or name a --temp-dir with more room"
	case len(told) > 0:
		return told[0]
	case errors.Is(err, sqlite.ErrForeignFile):
		return "name another file, or move this one elsewhere"
	case errors.As(err, &damage) && (damage.Code == sqlite3.ErrNotADB || damage.Code == sqlite3.ErrCorrupt):
		return "name another file, or restore this one from a copy made by `imednet backup`"
	}
	return ""
}

// mirrorHint says what to type where the packages that keep the mirror and the warehouse name an option.
func mirrorHint(err error) string {
	var mass *cache.MassDeletionError
	switch {
	case errors.As(err, &mass):
		return massDeletionHint(mass)
	case errors.Is(err, cache.ErrBreaksCut):
		return "keep them, or add --break-cuts to remove all that are named as well"
	case errors.Is(err, imednet.ErrRetained):
		return "nothing was removed; the rules are in the section retention of the configuration file"
	case errors.Is(err, cache.ErrSyncRunning):
		return "wait until it has ended, and run the command again"
	case errors.Is(err, warehouse.ErrSourceReset), errors.Is(err, cache.ErrPurged) && packageOf(err) == "warehouse":
		return fmt.Sprintf("nothing was changed; `imednet warehouse ingest %s --cached --replace`, with --cache and --db where they were given, ingests everything again", studyOf(err))
	case errors.Is(err, warehouse.ErrMassDeletion):
		return fmt.Sprintf("nothing was changed; check what the keys may read; if the rows really are gone, `imednet warehouse %s %s --allow-mass-deletion`", warehouseCommand(err), studyOf(err))
	case errors.Is(err, cache.ErrPurged):
		return "name a newer version of the mirror, or run the command again"
	}
	return ""
}

func massDeletionHint(e *cache.MassDeletionError) string {
	if e.Empty && e.Resource == "" {
		return fmt.Sprintf("check what the keys may read; if the study really is empty, `imednet cache purge %s --study --reason WHY`", e.StudyKey)
	}
	return fmt.Sprintf("check what the keys may read; if the rows really are gone, `imednet sync %s --allow-mass-deletion`", e.StudyKey)
}

// packageOf returns the package that an error comes from, the outermost one.
func packageOf(err error) string {
	var whole *imednet.Error
	if errors.As(err, &whole) {
		return whole.Package
	}
	return ""
}

// studyOf returns the key of the study that an error is about, or the word that stands for one.
func studyOf(err error) string {
	var whole *imednet.Error
	if errors.As(err, &whole) && whole.StudyKey != "" {
		return whole.StudyKey
	}
	return "STUDY"
}

// warehouseCommand is the command whose run of the warehouse failed.
func warehouseCommand(err error) string {
	var whole *imednet.Error
	if errors.As(err, &whole) && whole.Place == "stream silver" {
		return "silver"
	}
	return "ingest"
}

// submissionHint names the command that continues from the state of a submission.
func submissionHint(err error) string {
	var incomplete *submissions.IncompleteError
	var conflict *submissions.ConflictError
	var leased *submissions.LeaseError
	study := studyOf(err)
	switch {
	case errors.Is(err, submissions.ErrInDoubt):
		return fmt.Sprintf("`imednet submit resume %s --wait` determines the outcome of the earlier submission; send nothing again until then", study)
	case errors.As(err, &conflict) && !conflict.Conflicts[0].Held.Closed:
		return fmt.Sprintf("`imednet submit settle %s %s --wait` determines what was stored; if second records are intended, add --again", study, conflict.Conflicts[0].Held.SubmissionID)
	case errors.As(err, &conflict) && discarded(&conflict.Conflicts[0].Held):
		return fmt.Sprintf("`imednet submit show %s %s` shows who discarded them and why; look in the study before you add --again", study, conflict.Conflicts[0].Held.SubmissionID)
	case errors.As(err, &conflict):
		return fmt.Sprintf("`imednet submit show %s %s` shows what was stored; if second records are intended, add --again", study, conflict.Conflicts[0].Held.SubmissionID)
	case errors.As(err, &incomplete):
		return incompleteHint(incomplete)
	case errors.As(err, &leased):
		return fmt.Sprintf("`imednet submit settle %s %s --wait` waits for it and reports the outcome of every record", study, leased.SubmissionID)
	}
	return ""
}

func discarded(item *submissions.Item) bool {
	_, ok := item.Discarded()
	return ok
}

func incompleteHint(e *submissions.IncompleteError) string {
	of := e.StudyKey + " " + e.SubmissionID
	counts := submissions.Count(e.Items)
	discard := func(state submissions.State) string {
		if counts[state] == len(e.Items) {
			return fmt.Sprintf("`imednet submit discard %s --reason …`", of)
		}
		return fmt.Sprintf("`imednet submit discard %s --state %s --reason …`", of, state)
	}
	open := counts[submissions.Prepared] + counts[submissions.Sent] + counts[submissions.Accepted] + counts[submissions.Unknown]
	switch {
	case e.SubmissionID == "" && open > 0, isAny(e.Err, submissions.ErrLeased, submissions.ErrLeaseLost) && e.SubmissionID == "":
		return fmt.Sprintf("`imednet submit resume %[1]s --wait` finds out more; `imednet submit list %[1]s --open` lists what then remains", e.StudyKey)
	case e.SubmissionID == "":
		return fmt.Sprintf("`imednet submit list %s --open` lists the submissions", e.StudyKey)
	case open > 0 && open == counts[submissions.Unknown] && e.Err == nil:
		return fmt.Sprintf("`imednet submit settle %s --wait` looks once more; if that finds nothing, look in the study: %s then closes the unknown records", of, discard(submissions.Unknown))
	case open > 0, isAny(e.Err, submissions.ErrLeased, submissions.ErrLeaseLost):
		return fmt.Sprintf("`imednet submit settle %s --wait` finds out more; send nothing again until then", of)
	case len(e.Items) == 0:
		return fmt.Sprintf("nothing is left to send; `imednet submit show %s` shows every record", of)
	case counts[submissions.Absent] > 0:
		return fmt.Sprintf("`imednet submit resend %s --wait` sends the absent records; %s closes them", of, discard(submissions.Absent))
	}
	return fmt.Sprintf("correct the refused records and submit them, or send them again unchanged with `imednet submit resend %s --refused --wait`", of)
}

// packageHints returns the hints in the errors of the packages, from the outermost inwards.
func packageHints(err error) (hints []string) {
	for e := new(imednet.Error); errors.As(err, &e); err = e.Err {
		if e.Hint != "" {
			hints = append(hints, e.Hint)
		}
	}
	return hints
}

// withoutHints removes the hints from the text of an error that repeats them; the hint is printed on a
// line of its own.
func withoutHints(text string, hints []string) string {
	for _, hint := range hints {
		text = strings.ReplaceAll(text, " ("+hint+")", "")
	}
	return text
}
