package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// readSubmissions reads a JSON array of records. Members that the API does not take, names that
// come twice, and anything behind the array are errors; numbers keep their text.
func readSubmissions(path string) ([]imednet.Submission, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var items []imednet.Submission
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if !jsontext.Value(bytes.TrimSpace(text)).IsValid() || decoder.Decode(&items) != nil || decoder.Decode(new(any)) != io.EOF {
		return nil, &invalidError{path + " is no JSON array of records with the members formKey, formId, data, siteName, siteId, subjectKey, subjectId, subjectOid, intervalName, intervalId, recordId and recordOid"}
	}
	for _, item := range items {
		for name, value := range item.Data {
			if n, ok := value.(json.Number); ok {
				exact, valid := imednet.ExactNumber(n.String())
				if !valid {
					return nil, &invalidError{fmt.Sprintf("%s: the value of %s is no number", path, name)}
				}
				item.Data[name] = exact
			}
		}
	}
	return items, nil
}

// batchJSON is one POST that the server accepted.
type batchJSON struct {
	First     int                   `json:"first"`
	Count     int                   `json:"count"`
	BatchID   string                `json:"batchId"`
	State     string                `json:"state"`
	JournalID string                `json:"journalId"`
	Results   *imednet.ResultCounts `json:"results,omitempty"`
}

func newBatchJSON(b submissions.SubmittedBatch) batchJSON {
	out := batchJSON{First: b.First, Count: b.Count, BatchID: b.Job.BatchID.Or(""), State: b.Job.State.Or(""), JournalID: b.JournalID}
	if b.Status != nil {
		out.State = b.Status.State.Or("")
		if b.Status.Results != nil {
			counts := b.Status.Counts()
			out.Results = &counts
		}
	}
	return out
}

func batchesJSON(batches []submissions.SubmittedBatch) []batchJSON {
	out := []batchJSON{}
	for _, b := range batches {
		out = append(out, newBatchJSON(b))
	}
	return out
}

func (a *app) printBatches(batches []submissions.SubmittedBatch) error {
	out := batchesJSON(batches)
	if a.json {
		return a.writeJSON(out)
	}
	t := newTable(a.out, "RECORDS", "BATCH", "STATE", "JOURNAL")
	for _, b := range out {
		if err := t.add(number(b.Count), b.BatchID, b.State, b.JournalID); err != nil {
			return err
		}
	}
	return t.flush()
}

func (a *app) printRegistration(r submissions.Registration) error {
	if a.json {
		return a.writeJSON(map[string]any{"batches": batchesJSON(r.Batches), "subjects": subjectsJSON(r.Subjects)})
	}
	if err := a.printBatches(r.Batches); err != nil {
		return err
	}
	t := newTable(a.out, "SUBJECT", "ID", "SITE", "INFERRED")
	for _, s := range r.Subjects {
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

// dryRunBatchJSON is one POST that was not sent.
type dryRunBatchJSON struct {
	First   int             `json:"first"`
	Count   int             `json:"count"`
	Payload json.RawMessage `json:"payload"`
}

func dryRunJSON(batches []submissions.PlannedBatch) []dryRunBatchJSON {
	out := []dryRunBatchJSON{}
	for _, b := range batches {
		out = append(out, dryRunBatchJSON{b.First, b.Count, b.Payload})
	}
	return out
}

// recoveredJSON is what is known of a journaled submission.
type recoveredJSON struct {
	JournalID string              `json:"journalId"`
	Outcome   submissions.Outcome `json:"outcome"`
	Records   int                 `json:"records"`
	BatchID   string              `json:"batchId,omitempty"`
	JobState  string              `json:"jobState,omitempty"`
	Resent    bool                `json:"resent"`
	Error     string              `json:"error,omitempty"`
}

func newRecoveredJSON(r submissions.Recovered) recoveredJSON {
	out := recoveredJSON{JournalID: r.Entry.ID, Outcome: r.Outcome, Records: r.Entry.Items, BatchID: r.Entry.BatchID, JobState: r.Entry.JobState}
	if r.Err != nil {
		out.Error = withoutKeys(r.Err.Error())
	}
	return out
}

func (a *app) printRecovered(found []recoveredJSON) error {
	if a.json {
		return a.writeJSON(found)
	}
	if len(found) == 0 {
		return a.printf("No open submissions.\n")
	}
	t := newTable(a.out, "JOURNAL", "OUTCOME", "RECORDS", "BATCH", "STATE", "RESENT", "WHY")
	for _, r := range found {
		resent := ""
		if r.Resent {
			resent = "resent"
		}
		if err := t.add(r.JournalID, string(r.Outcome), number(r.Records), r.BatchID, r.JobState, resent, r.Error); err != nil {
			return err
		}
	}
	return t.flush()
}
