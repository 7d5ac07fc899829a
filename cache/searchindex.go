//go:build cgo

package cache

import (
	"context"
	"database/sql"
)

// The file sorts in memory what an index is made of, which limits for how many records indexes are made at once.
const manyRecords = 1_500_000

// deferSearch removes the indexes of searches for the time of a long first pass. Subjects come in any order, so that
// an index that grows with them takes several times as long as one that is made of all of them. It leaves the
// indexes where the file has another study, which may be read meanwhile.
func (f file) deferSearch(ctx context.Context, studyKey string, records int64) error {
	if records < int64(10*f.batchRows) || records > manyRecords {
		return nil
	}
	return f.db.Write(ctx, func(tx *sql.Tx) error {
		var alone bool
		err := tx.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM imednet_record) AND NOT EXISTS (SELECT 1 FROM imednet_study WHERE study_key <> ?)`, studyKey).Scan(&alone)
		if err != nil || !alone {
			return err
		}
		_, err = tx.ExecContext(ctx, `DROP INDEX IF EXISTS imednet_record_subject; DROP INDEX IF EXISTS imednet_record_version`)
		return err
	})
}

// makeSearchable makes the indexes that are not there, before any study of the file is whole.
func (f file) makeSearchable(ctx context.Context) error {
	var indexes int
	err := f.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name IN ('imednet_record_subject', 'imednet_record_version')`).Scan(&indexes)
	if err != nil || indexes == 2 {
		return err
	}
	return f.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, searchIndexes)
		return err
	})
}
