package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/mattn/go-sqlite3"
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/internal/interrupt"
	"github.com/imednetgo/imednet/internal/plaintext"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
	"github.com/imednetgo/imednet/workflows/tables"
)

// The exit codes, documented in doc.go and by `imednet help exit-codes`.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitAuth        = 3
	exitNotFound    = 4
	exitBusy        = 5
	exitInvalid     = 6
	exitDiffers     = 7
	exitInterrupted = interrupt.ExitCode
	exitUnread      = 141 // 128 + SIGPIPE, as of any program
)

var (
	errNoKeys   = errors.New(rest.EnvAPIKey + " and " + rest.EnvSecurityKey + " environment variables must be set.")
	errNotFound = errors.New("nothing was found")
)

// usageError is a command line or configuration file that cannot be followed.
type usageError struct{ text, hint string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{text: fmt.Sprintf(format, args...)}
}

// invalidError is a check that was carried out and found something. Its report is already written.
type invalidError struct{ text string }

func (e *invalidError) Error() string { return e.text }

// differError is a comparison that was carried out and found a difference. What differs is already written.
type differError struct{ text string }

func (e *differError) Error() string { return e.text }

// failure is how an error leaves the program.
type failure struct {
	Error    string `json:"error"`
	Kind     string `json:"kind"`
	ExitCode int    `json:"exitCode"`
	Hint     string `json:"hint,omitempty"`
	// Problems are all that are wrong with records that were to be submitted; the text names twenty.
	Problems []problemJSON `json:"problems,omitempty"`
	// Chain is the error with all that it went through, if the user asks for it.
	Chain string `json:"chain,omitempty"`
	// ServerMessage is what the server said, if the user asks for it.
	ServerMessage string `json:"serverMessage,omitempty"`
	title         string // before the text, for people
}

// reasonHidden is said where a server's words are not shown.
const reasonHidden = "the server gave a reason; --show-server-messages shows it"

// afterInterrupt annotates a command with what to say after an interrupt.
const afterInterrupt = "after-interrupt"

// afterSubmit is what to do if it is not certain what the server accepted.
const afterSubmit = "run `imednet submit resume STUDY` to find out what the server accepted before you send anything again"

// afterReading is the annotation of commands that only read.
var afterReading = map[string]string{afterInterrupt: "nothing was changed; run the same command again"}

// fail reports the error that ended a command and returns its exit code.
func (a *app) fail(cmd *cobra.Command, err error, interrupted bool) int {
	unread := nobodyReads(err)
	if unread && !errors.As(err, new(*unreportedError)) {
		return exitUnread // as in `imednet … | head`: no reason to complain
	}
	f := classify(err, a.started)
	switch {
	case unread && f.ExitCode == exitFailure:
		f.ExitCode = exitUnread
	case interrupted && a.started:
		f = failure{Kind: "interrupted", ExitCode: exitInterrupted, title: "Aborted by user", Error: "the command was interrupted",
			Hint: cmd.Annotations[afterInterrupt]}
	case f.ExitCode == exitUsage && f.Hint == "" && cmd.HasSubCommands():
		f.Hint = fmt.Sprintf("run `%s --help`", cmd.CommandPath())
	case f.ExitCode == exitUsage && f.Hint == "":
		f.Hint = fmt.Sprintf("%s; `%s --help` shows details", cmd.UseLine(), cmd.CommandPath())
	}
	f.Hint = a.line.pasteable(f.Hint)
	a.nearStudy(&f, err)
	a.serverWords(&f, err)
	if a.verbose {
		f.Chain = withoutKeys(printable(err.Error()))
	}
	f.Error, f.Hint, f.ServerMessage = withoutKeys(plaintext.Lines(f.Error)), withoutKeys(printable(f.Hint)), withoutKeys(f.ServerMessage)
	if a.json {
		f.Problems = newProblemsJSON(err)
		_ = json.NewEncoder(a.errOut).Encode(f) // nobody is left to tell
		return f.ExitCode
	}
	fmt.Fprintf(a.errOut, "%s: %s\n", f.title, f.Error)
	if f.ServerMessage != "" {
		fmt.Fprintf(a.errOut, "The server said: %s\n", f.ServerMessage)
	}
	if f.Hint != "" {
		fmt.Fprintf(a.errOut, "Hint: %s\n", f.Hint)
	}
	if f.Chain != "" {
		fmt.Fprintf(a.errOut, "Chain: %s\n", f.Chain)
	}
	return f.ExitCode
}

// serverWords adds what the server said with an error if the user asks for it, or else that it said
// something. About records of a submission the table of its records says it.
func (a *app) serverWords(f *failure, err error) {
	var api *imednet.APIError
	switch {
	case !errors.As(err, &api) || api.Description == "":
	case a.words:
		f.ServerMessage = printable(api.Description)
	case api.Words() != "" || errors.As(err, new(*submissions.IncompleteError)):
	case f.Hint == "":
		f.Hint = reasonHidden
	default:
		f.Hint += "; " + reasonHidden
	}
}

// nobodyReads reports whether standard output is a pipe whose reader has gone.
func nobodyReads(err error) bool {
	var write *fs.PathError
	return errors.As(err, &write) && write.Path == os.Stdout.Name() && errors.Is(write.Err, syscall.EPIPE)
}

// classify finds the exit code of an error, and what its reader can do.
func classify(err error, started bool) failure {
	f := failure{Error: withoutHints(sentence(err), packageHints(err)), Kind: "failure", ExitCode: exitFailure, title: "Error", Hint: hintOf(err)}
	set := func(code int, kind, title, hint string) failure {
		f.ExitCode, f.Kind, f.title = code, kind, title
		if f.Hint == "" {
			f.Hint = hint
		}
		return f
	}
	var usage *usageError
	var validation *imednet.ValidationError
	var invalid *invalidError
	switch {
	case errors.As(err, &usage), !started:
		if usage != nil {
			f.Hint = usage.hint
		}
		return set(exitUsage, "usage", "Error", "")
	case errors.As(err, new(*endedEarlyError)):
		return set(exitInvalid, "incomplete", "Ended Early", "")
	case errors.As(err, new(*differError)):
		return set(exitDiffers, "differs", "Different", "")
	case errors.Is(err, errNoKeys):
		return set(exitAuth, "auth", "Error", "export both; `imednet demo` prints a pair to try")
	case errors.As(err, new(*storeFault)):
		return set(exitInvalid, "damaged", "Store Damaged", "keep its file as it is, and find out who could write to it; `imednet backup` made the copies that can take its place")
	case errors.Is(err, submissions.ErrDamaged):
		return set(exitInvalid, "damaged", "Journal Damaged", "")
	case errors.As(err, new(*damagedError)):
		return set(exitFailure, "damaged", "Journal Damaged", "")
	case noRoom(err) && !errors.As(err, new(*unreportedError)):
		return set(exitFailure, "no room", "No Room Left", "free some space and run the same command again")
	case errors.Is(err, submissions.ErrRefused), errors.Is(err, submissions.ErrUnknownOutcome) && !failedMidway(err):
		return set(exitInvalid, "invalid", "Not Every Record Is Stored", "")
	case errors.Is(err, imednet.ErrUnauthorized):
		return set(exitAuth, "auth", "Authentication Failed", "check "+rest.EnvAPIKey+" and "+rest.EnvSecurityKey)
	case errors.Is(err, imednet.ErrForbidden):
		return set(exitAuth, "auth", "Permission Denied", "check the study key, and that these keys may read the study")
	case isAny(err, imednet.ErrNotAuthorized, imednet.ErrNotIdentified, triage.ErrOnlyClaimed, versioning.ErrOnlyClaimed):
		return set(exitAuth, "auth", "Not Allowed", "")
	case isAny(err, postgres.ErrUnreachable, postgres.ErrUnknownOutcome): // whose socket may be no file, which is nothing that was asked for
		return set(exitFailure, "connection", "No Answer", "check the URL of the database and the network")
	case errors.Is(err, imednet.ErrNotFound) && failedMidway(err): // the job of what was sent, not what was asked for
		return apiFailure(err, set)
	case isAny(err, imednet.ErrNotFound, fs.ErrNotExist, cache.ErrNotSynced, cache.ErrNoCut, heads.ErrEmpty, heads.ErrNoneOfStore, errNotFound):
		return set(exitNotFound, "not found", "Not Found", "")
	case errors.Is(err, imednet.ErrRetained): // later, but not soon: no script should try again
		return set(exitFailure, "retained", "Retained", "")
	case isAny(err, errPlanRunning, cache.ErrSyncRunning, cache.ErrStillReadable, cache.ErrCutExists, cache.ErrBreaksCut, ledger.ErrConflict, ledger.ErrLocked, ledger.ErrBackward, triage.ErrBusy,
		triage.ErrVersionConflict, triage.ErrClaimed, triage.ErrTransition, versioning.ErrDuplicate, versioning.ErrHeadMoved,
		versioning.ErrRollback, versioning.ErrStrangers, versioning.ErrSamePerson, versioning.ErrNotReviewed, versioning.ErrNotApproved, triage.ErrSamePerson,
		warehouse.ErrBusy, pipeline.ErrBusy, cdisc.ErrBusy, sqlitejournal.ErrBusy, submissions.ErrInDoubt, submissions.ErrRepeated, submissions.ErrLeased,
		submissions.ErrLeaseLost, submissions.ErrNotSendable, dictionary.ErrTrialRunning, postgres.ErrLeased, postgres.ErrLeaseLost):
		return set(exitBusy, "conflict", "Conflict", "")
	case errors.As(err, &validation), errors.As(err, &invalid), errors.As(err, new(*submissions.InvalidRecordsError)),
		errors.As(err, new(*tables.RejectError)), errors.As(err, new(*submissions.SiteError)),
		errors.As(err, new(*cdisc.UnfitError)),
		isAny(err, cache.ErrClockBack, cache.ErrEmptied, cache.ErrIntegrity, cdisc.ErrFormat, cdisc.ErrTooLarge, ledger.ErrIntegrity, heads.ErrIntegrity, imednet.ErrBadRequest, triage.ErrIntegrity, versioning.ErrIntegrity,
			versioning.ErrOtherStudy, triage.ErrNotImported, versioning.ErrNotImported, triage.ErrClockBack, versioning.ErrClockBack,
			warehouse.ErrSchemaChanged, extraction.ErrUnknownProfile, dictionary.ErrNotRead):
		return set(exitInvalid, "invalid", "Invalid", "")
	case errors.Is(err, dictionary.ErrOtherTrial):
		return set(exitUsage, "usage", "Error", "name another file with --progress, or begin anew with --anew")
	case errors.Is(err, postgres.ErrInsecure):
		return set(exitUsage, "usage", "Error", "")
	case errors.Is(err, imednet.ErrRateLimited):
		return set(exitFailure, "rate limit", "Rate Limit Exceeded", "wait a while and try again")
	}
	return apiFailure(err, set)
}

// noRoom reports whether a file could not be written because the disk is full.
func noRoom(err error) bool {
	var file sqlite3.Error
	return errors.Is(err, syscall.ENOSPC) || errors.As(err, &file) && (file.Code == sqlite3.ErrFull || file.SystemErrno == syscall.ENOSPC)
}

// failedMidway reports whether something ended a submission, and not just the state of its records.
func failedMidway(err error) bool {
	var incomplete *submissions.IncompleteError
	return errors.As(err, &incomplete) && incomplete.Err != nil
}

func apiFailure(err error, set func(code int, kind, title, hint string) failure) failure {
	var api *imednet.APIError
	var transport *imednet.TransportError
	switch {
	case errors.As(err, &api):
		return set(exitFailure, "api", "API Error", "")
	case errors.As(err, &transport):
		return set(exitFailure, "connection", "No Answer", "check "+rest.EnvBaseURL+" and the network")
	case errors.Is(err, context.DeadlineExceeded):
		return set(exitFailure, "timeout", "Timed Out", "")
	}
	return set(exitFailure, "failure", "Error", "")
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// withoutKeys is the last guard: whatever a text came from, it does not show a key.
func withoutKeys(text string) string {
	for _, name := range []string{rest.EnvAPIKey, rest.EnvSecurityKey} {
		if key := os.Getenv(name); key != "" {
			text = strings.ReplaceAll(text, key, "********")
		}
	}
	return text
}

func newExitCodes() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean",
		Long: `0    success
1    any other failure, such as a server that does not respond
2    invalid command line or configuration file
3    the API keys are missing or rejected, or have no access to the study
4    no such study, subject, record, item or file
5    locked by another process, or changed since it was read: try again
6    a check found a problem
7    a comparison found a difference
130  interrupted; completed work is kept, and the last line says how to continue
141  the reader of the output has gone, as in: imednet … | head`,
	}
}
