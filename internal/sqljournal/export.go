package sqljournal

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// exportChain says to the script of a copy how events are chained, and what their hashes cover.
var exportChain = audit.Chain{
	Store: "submissions", Head: headKind, File: "events.ndjson", Domain: eventDomain, Previous: "previous", Hash: "hash",
	Fields: []string{"sequence", "submission_id", "item", "state", "closed", "at", "author", "payload_hash", "state_hash", "previous"},
	Key:    []string{"submission_id", "item"}, Fixed: []string{"payload_hash"},
	Rows: []audit.Rows{
		{File: "submissions.ndjson", Hashes: map[string]audit.Hashed{
			"payload_hash": {Domain: entryDomain, Fields: []string{"study_key", "author", "source", "prepared_at", "items"}},
		}},
		{File: "items.ndjson", Hashes: map[string]audit.Hashed{
			"payload_hash": {Domain: payloadDomain, Fields: []string{"study_key", "kind", "form_key", "intent_key", "content_hash", "ordinal", "line", "payload"}},
			"state_hash": {Domain: stateDomain, Fields: []string{"state", "closed", "attempt", "position", "batch_size", "sent_at", "server_time", "after_revision",
				"batch_id", "job_state", "record_id", "revision_id", "reason", "server_message", "changed_at", "claim"}},
		}},
	},
}

// export is an inspection copy that is being written.
type export struct {
	*audit.Inspection
	submissions.Export
	entries, items, log audit.Sheet
}

// ExportLog implements [submissions.Exporter].
func (j *Journal) ExportLog(ctx context.Context, dir string) (submissions.Export, error) {
	if err := argument.Named(j.pkg+".Journal.ExportLog", "dir", dir); err != nil {
		return submissions.Export{}, err
	}
	copied, err := audit.NewInspection(dir, exportChain)
	if err != nil {
		return submissions.Export{}, j.wrap("export", "", err)
	}
	e := export{
		Inspection: copied, Export: submissions.Export{Head: audit.FormatHead(headKind, 0, "")},
		entries: audit.Sheet{Title: "Submissions", Columns: []string{"Submission", "Study", "When", "Who", "From", "Items"}},
		items:   audit.Sheet{Title: "Items", Columns: []string{"Submission", "Item", "Form", "Kind", "State", "Closed", "Record", "Revision", "Why", "The server said", "What was to be sent"}},
		log:     audit.Sheet{Title: "History", Columns: []string{"No", "When", "Who", "Submission", "Item", "Became", "Closed"}},
	}
	err = j.db.Read(ctx, func(tx *sql.Tx) error { return e.write(ctx, tx) })
	if err == nil {
		e.Inspection.Head(e.Export.Head)
		err = e.Finish("Submissions", e.entries, e.items, e.log)
	}
	if err != nil {
		return submissions.Export{}, j.wrap("export", "", err)
	}
	return e.Export, nil
}

func (e *export) write(ctx context.Context, tx *sql.Tx) error {
	for _, part := range []struct {
		file, query string
		row         func(scanner, func(any) error) error
	}{
		{"events.ndjson", `SELECT ` + eventColumns + ` FROM submission_events ORDER BY sequence`, e.event},
		{"submissions.ndjson", `SELECT id, study_key, author, source, prepared_at, items FROM submissions ORDER BY sequence`, e.entry},
		{"items.ndjson", `SELECT ` + storedColumns + fromItems + `ORDER BY i.submission, i.item`, e.item},
	} {
		err := e.Lines(part.file, func(write func(any) error) error {
			return eachRow(ctx, tx, part.query, func(row scanner) error { return part.row(row, write) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func eachRow(ctx context.Context, tx *sql.Tx, query string, do func(scanner) error) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (e *export) event(row scanner, write func(any) error) error {
	var v event
	if err := row.Scan(v.fields()...); err != nil {
		return errUnreadable
	}
	e.Events++
	e.Export.Head = audit.FormatHead(headKind, v.Sequence, v.Hash)
	e.log.Rows = append(e.log.Rows, []string{strconv.FormatInt(v.Sequence, 10), v.At, v.Author, v.SubmissionID, itemCell(v.Item), v.State, closedCell(v.Closed)})
	return write(map[string]any{"sequence": v.Sequence, "submission_id": v.SubmissionID, "item": v.Item, "state": v.State, "closed": v.Closed, "at": v.At,
		"author": v.Author, "payload_hash": v.PayloadHash, "state_hash": v.StateHash, "previous": v.Previous, "hash": v.Hash})
}

func (e *export) entry(row scanner, write func(any) error) error {
	var id, study, author, source, prepared string
	var items int
	if err := row.Scan(&id, &study, &author, &source, &prepared, &items); err != nil {
		return errUnreadable
	}
	e.Submissions++
	e.entries.Rows = append(e.entries.Rows, []string{id, study, prepared, author, source, strconv.Itoa(items)})
	return write(map[string]any{"submission_id": id, "item": wholeSubmission, "study_key": study, "author": author, "source": source, "prepared_at": prepared, "items": items})
}

func (e *export) item(row scanner, write func(any) error) error {
	i, err := scanStored(row)
	if err != nil {
		return errUnreadable
	}
	e.Items++
	e.items.Rows = append(e.items.Rows, []string{i.SubmissionID, itemCell(i.Index), i.FormKey, string(i.Kind), string(i.State), closedCell(i.Closed),
		unlessZero(i.RecordID), unlessZero(i.RevisionID), i.Reason, i.ServerMessage, string(i.Payload)})
	return write(map[string]any{
		"submission_id": i.SubmissionID, "item": i.Index, "study_key": i.StudyKey, "line": i.Line, "kind": i.Kind, "form_key": i.FormKey, "intent_key": i.IntentKey,
		"content_hash": i.ContentHash, "ordinal": i.Ordinal, "payload": string(i.Payload), "state": i.State, "closed": i.Closed, "attempt": i.Attempt,
		"position": i.Position, "batch_size": i.BatchSize, "sent_at": formatTime(i.SentAt), "server_time": i.ServerTime, "after_revision": i.AfterRevision,
		"batch_id": i.BatchID, "job_state": i.JobState, "record_id": i.RecordID, "revision_id": i.RevisionID, "reason": i.Reason,
		"server_message": i.ServerMessage, "changed_at": formatTime(i.ChangedAt), "claim": i.claim,
	})
}

// itemCell numbers items from 1, as placeOf does.
func itemCell(n int) string {
	if n == wholeSubmission {
		return ""
	}
	return strconv.Itoa(n + 1)
}

func closedCell(closed bool) string {
	if closed {
		return "closed"
	}
	return ""
}

func unlessZero(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
