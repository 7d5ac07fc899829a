package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet/workflows/submissions"
)

// batchJSON is one POST that the server accepted.
type batchJSON struct {
	BatchID string `json:"batchId"`
	State   string `json:"state"`
	Records int    `json:"records"`
}

func batchesJSON(batches []submissions.SubmittedBatch, words bool) []batchJSON {
	out := []batchJSON{}
	for _, b := range batches {
		row := batchJSON{batchWord(b.Job.BatchID.Or(""), words), stateWord(b.Job.State, words), len(b.Indexes)}
		if b.Status != nil {
			row.State = stateWord(b.Status.State, words)
		}
		out = append(out, row)
	}
	return out
}

// receiptJSON is what became of a submission.
type receiptJSON struct {
	SubmissionID string             `json:"submissionId"`
	StudyKey     string             `json:"studyKey"`
	Records      int                `json:"records"`
	Counts       submissions.Counts `json:"counts"`
	Batches      []batchJSON        `json:"batches"`
	Items        []itemJSON         `json:"items"`
	Subjects     []subjectJSON      `json:"subjects,omitempty"`
	Conflicts    []conflictJSON     `json:"conflicts,omitempty"` // what prevented the submission
}

// conflictJSON is a record that was submitted before.
type conflictJSON struct {
	Item         int               `json:"item"` // of the new submission, from 1
	Line         int               `json:"line"`
	FormKey      string            `json:"formKey"`
	SubmissionID string            `json:"submissionId"` // the older one
	OlderItem    int               `json:"olderItem"`
	State        submissions.State `json:"state"`
	Closed       bool              `json:"closed"`
	RecordID     int64             `json:"recordId,omitempty"`
	// Discarded says that somebody closed the older one before its outcome was known.
	Discarded     bool       `json:"discarded,omitempty"`
	DiscardedBy   string     `json:"discardedBy,omitempty"`
	DiscardedAt   *time.Time `json:"discardedAt,omitempty"`
	DiscardReason string     `json:"discardReason,omitempty"`
}

func conflictsJSON(conflict *submissions.ConflictError) []conflictJSON {
	var out []conflictJSON
	for i := range conflict.Conflicts {
		c := &conflict.Conflicts[i]
		row := conflictJSON{
			Item: c.Index + 1, Line: c.Line, FormKey: c.Held.FormKey, SubmissionID: c.Held.SubmissionID, OlderItem: c.Held.Index + 1,
			State: c.Held.State, Closed: c.Held.Closed, RecordID: c.Held.RecordID,
		}
		if row.DiscardReason, row.Discarded = c.Held.Discarded(); row.Discarded {
			row.DiscardedBy, row.DiscardedAt = c.Held.ChangedBy, &c.Held.ChangedAt
		}
		out = append(out, row)
	}
	return out
}

func newReceiptJSON(r submissions.Receipt, words bool) receiptJSON {
	return receiptJSON{r.SubmissionID, r.StudyKey, len(r.Items), submissions.Count(r.Items), batchesJSON(r.Batches, words), itemsJSON(r.Items, words), nil, nil}
}

// printReceipt prints what became of a submission, and everything that is not as it should be.
func (a *app) printReceipt(r submissions.Receipt, err error, o submitOptions) error {
	if len(r.Items) == 0 { // nothing was stored, let alone sent
		return asInvalid(a.withConflicts(err))
	}
	if a.json {
		return errors.Join(notReported(a.writeJSON(newReceiptJSON(r, a.words)), r, o), err)
	}
	return errors.Join(notReported(a.printReceiptText(r, err, o), r, o), err)
}

func (a *app) printReceiptText(r submissions.Receipt, err error, o submitOptions) error {
	if err := a.printf("%s\n", printable(r.String())); err != nil {
		return err
	}
	var left *submissions.IncompleteError
	if errors.As(err, &left) && len(left.Items) > 0 {
		return a.printItems(left.Items)
	}
	if err == nil && !o.update.Wait {
		next := fmt.Sprintf("`imednet submit settle %s %s --wait`", r.StudyKey, r.SubmissionID)
		return a.printf("Accepted does not mean stored: %s determines what was stored.\n", printable(a.line.pasteable(next)))
	}
	return nil
}

// withConflicts prints what prevents a submission.
func (a *app) withConflicts(err error) error {
	var conflict *submissions.ConflictError
	if !errors.As(err, &conflict) {
		return err
	}
	if a.json {
		out := newReceiptJSON(submissions.Receipt{StudyKey: conflict.Conflicts[0].Held.StudyKey}, a.words)
		out.Conflicts = conflictsJSON(conflict)
		return errors.Join(a.writeJSON(out), err)
	}
	t := newTable(a.out, "ITEM", "LINE", "FORM", "SUBMISSION", "STATE", "RECORD", "DISCARDED")
	for _, c := range conflictsJSON(conflict) {
		state, discarded := string(c.State), ""
		if c.Discarded {
			state += ", discarded"
			discarded = fmt.Sprintf("by %s, %s: %s", c.DiscardedBy, c.DiscardedAt.Format(time.RFC3339), c.DiscardReason)
		}
		failed := t.add(number(c.Item), unlessZero(c.Line), c.FormKey, c.SubmissionID, state, unlessZero(c.RecordID), discarded)
		if failed != nil {
			return errors.Join(err, failed)
		}
	}
	return errors.Join(t.flush(), err)
}

func (a *app) printRegistration(r submissions.Registration, err error, o submitOptions) error {
	if len(r.Items) == 0 {
		return a.printReceipt(r.Receipt, err, o)
	}
	if a.json {
		out := newReceiptJSON(r.Receipt, a.words)
		out.Subjects = subjectsJSON(r.Subjects)
		return errors.Join(notReported(a.writeJSON(out), r.Receipt, o), err)
	}
	return errors.Join(notReported(errors.Join(a.printReceiptText(r.Receipt, err, o), a.printSubjects(r.Subjects)), r.Receipt, o), err)
}

func (a *app) printSubjects(subjects []submissions.RegisteredSubject) error {
	t := newTable(a.out, "SUBJECT", "ID", "SITE", "INFERRED")
	for _, s := range subjects {
		inferred := ""
		if s.Inferred {
			inferred = "appeared meanwhile"
		}
		if err := t.add(s.SubjectKey, number(s.SubjectID), s.SiteName, inferred); err != nil {
			return err
		}
	}
	return t.flush()
}

type subjectJSON struct {
	SubjectID  int64  `json:"subjectId"`
	SubjectKey string `json:"subjectKey"`
	SiteName   string `json:"siteName"`
	Inferred   bool   `json:"inferred"`
}

func subjectsJSON(subjects []submissions.RegisteredSubject) []subjectJSON {
	out := []subjectJSON{}
	for _, s := range subjects {
		out = append(out, subjectJSON(s))
	}
	return out
}
