package versioning

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/internal/audit"
)

// pendingQuery finds commits that no entry names. A commit that an entry of another study names is left to Verify.
const pendingQuery = `FROM config_commits c WHERE NOT EXISTS
	(SELECT 1 FROM config_entries e WHERE e.commit_id = c.commit_id)`

// importCommits makes entries of the commits that the Python package wrote, in the order of time, with
// the columns as they stand in the file.
func (s *ConfigVersionStore) importCommits(ctx context.Context) error {
	var pending bool
	err := s.file.Read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 `+pendingQuery+`)`).Scan(&pending)
	})
	if err != nil || !pending {
		return err
	}
	return s.file.Write(ctx, func(tx *sql.Tx) error {
		rows, err := pendingCommits(ctx, tx)
		if err != nil {
			return err
		}
		now := audit.FormatTime(s.file.Now())
		for i := range rows {
			rows[i].ImportedAt = now
			head, err := headRow(ctx, tx, rows[i].StudyKey)
			if err != nil {
				return err
			}
			if err := s.appendEntry(ctx, tx, &head, &rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func pendingCommits(ctx context.Context, tx *sql.Tx) ([]entryRow, error) {
	rows, err := tx.QueryContext(ctx, `SELECT commit_id, study_key, version_tag, modified_by, description, timestamp `+pendingQuery+` ORDER BY timestamp, c.rowid`)
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
