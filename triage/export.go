package triage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Export describes an inspection copy.
type Export struct {
	Events int64 // entries of the log
	Head   Head  // end of the log
}

// String returns one line.
func (e Export) String() string { return fmt.Sprintf("%d entries exported", e.Events) }

// ExportLog writes an inspection copy of the whole log, as of one moment, to a new directory with
// mode 0700: events.ndjson with the stored columns of every entry, index.html for reading,
// check.py, which verifies the copy with nothing but Python, and manifest.json with the hashes of
// all files. It contains summaries and comments in clear text. A log that is not intact is exported
// unchanged, and its copy does not verify.
func (s *TriageStore) ExportLog(ctx context.Context, dir string) (e Export, err error) {
	const op = "export"
	if err := argument.Named("triage.TriageStore.ExportLog", "dir", dir); err != nil {
		return Export{}, err
	}
	copied, err := audit.NewInspection(dir, audit.Chain{Store: "triage", Head: headKind, File: "events.ndjson", Domain: hashDomain, Previous: "previous_hash", Hash: "hash",
		Fields: []string{"sequence", "event_id", "study_key", "item_id", "version", "kind", "user_id", "timestamp", "change", "previous_hash"}})
	if err != nil {
		return Export{}, wrap(op, "", "", err)
	}
	page := audit.Sheet{Columns: []string{"No", "When", "Who", "Study", "Item", "Version", "Did", "Change"}}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		return copied.Lines("events.ndjson", func(write func(any) error) error {
			return eachRow(ctx, tx, `SELECT `+eventColumns+` FROM triage_events ORDER BY sequence`, func(rows *sql.Rows) error {
				var r eventRow
				if err := rows.Scan(r.fields()...); err != nil {
					return err
				}
				e.Events, e.Head = e.Events+1, Head{r.Sequence, r.Hash}
				page.Rows = append(page.Rows, r.cells())
				return write(r.export())
			})
		})
	})
	if err == nil {
		copied.Head(e.Head.String())
		err = copied.Finish("Review log", page)
	}
	if err != nil {
		return Export{}, wrap(op, "", "", err)
	}
	return e, nil
}

// export is the entry with the names of its columns.
func (e *eventRow) export() map[string]any {
	return map[string]any{"sequence": e.Sequence, "event_id": e.EventID, "study_key": e.StudyKey, "item_id": e.ItemID, "version": e.Version,
		"kind": e.Kind, "user_id": e.UserID, "timestamp": e.Timestamp, "change": e.Change, "previous_hash": e.PreviousHash, "hash": e.Hash}
}

// cells is the entry for people; a signature is printed with its signer, meaning, time and key.
func (e *eventRow) cells() []string {
	did, what := strings.ToLower(strings.ReplaceAll(e.Kind, "_", " ")), e.Change
	var c Change
	if json.Unmarshal([]byte(e.Change), &c) == nil && c.Signature != nil {
		s := c.Signature
		what = fmt.Sprintf("signed by %s (%s) at %s, meaning %s, key %s", s.Signer.DisplayName, s.Signer.ID, audit.FormatTime(s.SignedAt), s.Meaning, s.KeyID)
	}
	return []string{strconv.FormatInt(e.Sequence, 10), e.Timestamp, e.UserID, e.StudyKey, e.ItemID, strconv.FormatInt(e.Version, 10), did, what}
}
