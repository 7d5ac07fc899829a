package versioning

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Export is what an inspection copy holds.
type Export struct {
	Entries int64  // of all histories
	Bodies  int64  // configurations
	Files   int64  // of dictionaries
	Heads   []Head // ends of all histories, by study
}

// String is the result as one line.
func (e Export) String() string {
	return fmt.Sprintf("%d entries, %d configurations%s exported", e.Entries, e.Bodies, countFiles(e.Files))
}

// ExportHistories writes an inspection copy of all histories, as of one moment, to a new directory
// with mode 0700: entries.ndjson with the stored columns of every entry, bodies.ndjson with every
// configuration, each file of a dictionary as dictionary-SHA256, index.html for reading, check.py, which verifies the copy with nothing but Python,
// and manifest.json with the hashes of all files. A store that is not intact is exported unchanged,
// and its copy does not verify.
func (s *ConfigVersionStore) ExportHistories(ctx context.Context, dir string) (e Export, err error) {
	const op = "export"
	if err := argument.Named("versioning.ConfigVersionStore.ExportHistories", "dir", dir); err != nil {
		return Export{}, err
	}
	copied, err := audit.NewInspection(dir, audit.Chain{Store: "configurations", Head: headKind, File: "entries.ndjson", Domain: hashDomain, Group: "study_key",
		Previous: "parent_hash", Hash: "entry_hash", Bodies: "bodies.ndjson", Attached: attached,
		Fields: []string{"study_key", "sequence", "entry_id", "kind", "commit_id", "version_tag", "author", "reason", "timestamp", "details", "parent_hash"}})
	if err != nil {
		return Export{}, wrap(op, "", "", err)
	}
	page := audit.Sheet{Columns: []string{"Study", "No", "When", "Who", "Did", "Commit", "Version", "Reason", "Details"}}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		if err := copied.Lines("entries.ndjson", func(write func(any) error) error { return e.writeEntries(ctx, tx, &page, write) }); err != nil {
			return err
		}
		if err := copied.Lines("bodies.ndjson", func(write func(any) error) error { return e.writeBodies(ctx, tx, write) }); err != nil {
			return err
		}
		return e.writeFiles(ctx, tx, copied)
	})
	if err == nil {
		for _, h := range e.Heads {
			copied.Head(h.String())
		}
		err = copied.Finish("Configuration histories", page)
	}
	if err != nil {
		return Export{}, wrap(op, "", "", err)
	}
	return e, nil
}

func (e *Export) writeEntries(ctx context.Context, tx *sql.Tx, page *audit.Sheet, write func(any) error) error {
	rows, err := tx.QueryContext(ctx, `SELECT `+entryColumns+` FROM config_entries ORDER BY study_key, sequence`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r entryRow
		if err := rows.Scan(r.fields()...); err != nil {
			return err
		}
		e.Entries++
		if n := len(e.Heads); n == 0 || e.Heads[n-1].StudyKey != r.StudyKey {
			e.Heads = append(e.Heads, Head{})
		}
		newest := e.Heads[len(e.Heads)-1].CommitID
		if EntryKind(r.Kind).bringsConfiguration() {
			newest = r.CommitID
		}
		e.Heads[len(e.Heads)-1] = r.head(r.StudyKey, newest)
		page.Rows = append(page.Rows, r.cells())
		err := write(map[string]any{"study_key": r.StudyKey, "sequence": r.Sequence, "entry_id": r.EntryID, "kind": r.Kind, "commit_id": r.CommitID,
			"version_tag": r.VersionTag, "author": r.Author, "reason": r.Reason, "timestamp": r.Timestamp, "details": r.Details,
			"parent_hash": r.ParentHash, "entry_hash": r.Hash})
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// cells is the entry for people; a signature is printed with its signer, meaning, time and key.
func (r *entryRow) cells() []string {
	what := r.Details
	if d, err := r.details(); err == nil && d.Signature != nil {
		s := d.Signature
		what = fmt.Sprintf("signed by %s (%s) at %s, meaning %s, key %s", s.Signer.DisplayName, s.Signer.ID, audit.FormatTime(s.SignedAt), s.Meaning, s.KeyID)
	}
	return []string{r.StudyKey, strconv.FormatInt(r.Sequence, 10), r.Timestamp, r.Author, r.Kind, r.CommitID, r.VersionTag, r.Reason, what}
}

func (e *Export) writeBodies(ctx context.Context, tx *sql.Tx, write func(any) error) error {
	rows, err := tx.QueryContext(ctx, `SELECT commit_id, study_key, config_data FROM config_commits ORDER BY rowid`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, study, body string
		if err := rows.Scan(&id, &study, &body); err != nil {
			return err
		}
		e.Bodies++
		if err := write(map[string]string{"commit_id": id, "study_key": study, "body": body}); err != nil {
			return err
		}
	}
	return rows.Err()
}

// attached begins the names of dictionaries' files in a copy; their hash follows.
const attached = "dictionary-"

func (e *Export) writeFiles(ctx context.Context, tx *sql.Tx, copied *audit.Inspection) error {
	rows, err := tx.QueryContext(ctx, `SELECT sha256, content FROM dictionary_files ORDER BY sha256`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var sum string
		var content sql.RawBytes
		if err := rows.Scan(&sum, &content); err != nil {
			return err
		}
		e.Files++
		if err := writeFile(copied, attached+sum, content); err != nil {
			return err
		}
	}
	return rows.Err()
}

func writeFile(copied *audit.Inspection, name string, content []byte) error {
	f, err := copied.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// countFiles is how a line of counts names the files of dictionaries, if there are any.
func countFiles(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d files of dictionaries", n)
}
