package main

import (
	"errors"
	"fmt"

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
}

func conflictsJSON(conflict *submissions.ConflictError) []conflictJSON {
	var out []conflictJSON
	for i := range conflict.Conflicts {
		c := &conflict.Conflicts[i]
		out = append(out, conflictJSON{c.Index + 1, c.Line, c.Held.FormKey, c.Held.SubmissionID, c.Held.Index + 1, c.Held.State, c.Held.Closed, c.Held.RecordID})
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
	t := newTable(a.out, "ITEM", "LINE", "FORM", "SUBMISSION", "STATE", "RECORD")
	for i := range conflict.Conflicts {
		c := &conflict.Conflicts[i]
		failed := t.add(number(c.Index+1), unlessZero(c.Line), c.Held.FormKey, c.Held.SubmissionID, string(c.Held.State), unlessZero(c.Held.RecordID))
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
