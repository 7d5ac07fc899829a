package main

import (
	"fmt"

	"github.com/imednetgo/imednet/workflows/submissions"
)

// unreportedError is a report about something that was done and cannot be undone, which could not be written.
// The same command must not be run again for it.
type unreportedError struct {
	err  error
	hint string
}

func (e *unreportedError) Error() string {
	return "what was done is in the journal, but the report could not be written: " + e.err.Error()
}

func (e *unreportedError) Unwrap() error { return e.err }

// notReported makes of a failure to write the report about a submission one that leads to the journal.
func notReported(err error, r submissions.Receipt, o submitOptions) error {
	switch {
	case err == nil:
		return nil
	case len(openIn(r.Items, submissions.Accepted)) > 0 && !o.update.Wait:
		return &unreportedError{err, fmt.Sprintf("`imednet submit settle %s %s --wait` determines what was stored; send nothing again", r.StudyKey, r.SubmissionID)}
	}
	return &unreportedError{err, fmt.Sprintf("`imednet submit show %s %s` shows what is known of every record; send nothing again", r.StudyKey, r.SubmissionID)}
}

// notReportedOf does so of several submissions.
func notReportedOf(err error, study string, resumed []submissions.Resumed, o submitOptions) error {
	switch {
	case err == nil:
		return nil
	case len(resumed) == 1:
		return notReported(err, resumed[0].Receipt, o)
	}
	return &unreportedError{err, fmt.Sprintf("`imednet submit list %s` shows what is known of every submission", study)}
}
