package versioning

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/imednetgo/imednet/internal/audit"
)

// ImportOptions configures [ConfigVersionStore.ImportCommits].
type ImportOptions struct {
	Author string // required unless WithIdentity is used; recorded in Details.ImportedBy
}

// ImportReport is the result of an import.
type ImportReport struct {
	Imported int // commits that became entries
}

// String returns one line.
func (r ImportReport) String() string { return fmt.Sprintf("%d commits imported", r.Imported) }

// ImportCommits creates entries for the commits that have none, in order of time and with unchanged
// columns. These are the commits that the Python package appended to the file. Until they are
// imported, Verify reports them and CommitConfig fails for their studies ([ErrStrangers]).
//
// The rest of the store is verified first; nothing is imported into a damaged one ([ErrIntegrity]).
func (s *ConfigVersionStore) ImportCommits(ctx context.Context, o ImportOptions) (report ImportReport, err error) {
	const op = "import"
	c := &audit.Checker{}
	author, err := s.author(ctx, c, o.Author, "config.import", "")
	if err != nil {
		return ImportReport{}, wrap(op, "", "", err)
	}
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		found, _, err := s.proveAll(ctx, tx, VerifyOptions{}, false)
		if err != nil {
			return err
		}
		if found.Count > 0 {
			return integrityError(found)
		}
		report, err = s.importAll(ctx, tx, author)
		return err
	})
	if err != nil {
		return ImportReport{}, wrap(op, "", "", err)
	}
	return report, nil
}

func (s *ConfigVersionStore) importAll(ctx context.Context, tx *sql.Tx, by actor) (report ImportReport, err error) {
	rows, err := strangers(ctx, tx)
	if err != nil {
		return ImportReport{}, err
	}
	for i := range rows {
		newest, err := oneEntry(ctx, tx, newestQuery, rows[i].StudyKey)
		if err != nil {
			return ImportReport{}, err
		}
		rows[i].Kind = string(KindImported)
		if err := s.appendEntry(ctx, tx, &rows[i], Details{Replaces: newest.CommitID, ImportedBy: by.id, Actor: by.identity}); err != nil {
			return ImportReport{}, err
		}
		report.Imported++
	}
	return report, nil
}

// strangers lists the commits that no entry names, in the order of time. Indexes are not asked: a
// damaged one must not make a stranger of a commit, nor hide one.
func strangers(ctx context.Context, tx *sql.Tx) ([]entryRow, error) {
	rows, err := tx.QueryContext(ctx, `SELECT commit_id, study_key, version_tag, modified_by, description, timestamp FROM config_commits NOT INDEXED
		WHERE commit_id NOT IN (SELECT commit_id FROM config_entries NOT INDEXED) ORDER BY timestamp, rowid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []entryRow
	for rows.Next() {
		var r entryRow
		if err := rows.Scan(&r.CommitID, &r.StudyKey, &r.VersionTag, &r.Author, &r.Reason, &r.Timestamp); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
