package cache

import (
	"context"
	"database/sql"
	"fmt"
)

// checkStrays looks for rows that belong to nothing: records without a row of theirs, and what is of no study or resource
// that the file has. No list shows them, but a study that got their number would have them.
func (l *CachedRecordsLoader) checkStrays(ctx context.Context, st *study, report *VerifyReport) error {
	return l.db.look(ctx, func(q querier) error {
		for _, c := range []struct {
			says, query string
			args        []any
		}{
			{"records have no row", hollowRecords, []any{st.id, st.key}},
			{"rows are of no study or resource of the file", strayRows, nil},
		} {
			var n int64
			if err := q.QueryRowContext(ctx, c.query, c.args...).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				report.Findings = append(report.Findings, fmt.Sprintf("%d %s", n, c.says))
			}
		}
		return nil
	})
}

const (
	hollowRecords = `SELECT count(*) FROM imednet_record r WHERE r.study = ?1
		AND NOT EXISTS (SELECT 1 FROM record_cache c WHERE r.state = 0 AND c.study_key = ?2 AND c.record_id = r.record_id)
		AND NOT EXISTS (SELECT 1 FROM imednet_tombstone t WHERE r.state <> 0 AND t.study = r.study AND t.record_id = r.record_id)
		AND NOT EXISTS (SELECT 1 FROM imednet_foreign f WHERE f.study_key = ?2 AND f.record_id = r.record_id)`
	strayRows = `SELECT (SELECT count(*) FROM imednet_record WHERE study NOT IN (SELECT id FROM imednet_study))
		+ (SELECT count(*) FROM imednet_history WHERE study NOT IN (SELECT id FROM imednet_study))
		+ (SELECT count(*) FROM imednet_tombstone WHERE study NOT IN (SELECT id FROM imednet_study))
		+ (SELECT count(*) FROM imednet_version WHERE study NOT IN (SELECT id FROM imednet_study))
		+ (SELECT count(*) FROM imednet_resource WHERE study NOT IN (SELECT id FROM imednet_study))
		+ (SELECT count(*) FROM imednet_row WHERE resource NOT IN (SELECT id FROM imednet_resource))
		+ (SELECT count(*) FROM imednet_row_history WHERE resource NOT IN (SELECT id FROM imednet_resource))`
)

// checkPurges proves the tombstones of purges: what is compared elsewhere goes by the version up to which they say that
// states are missing.
func (l *CachedRecordsLoader) checkPurges(ctx context.Context, report *VerifyReport) error {
	return l.db.Read(ctx, func(tx *sql.Tx) error {
		v, err := provePurges(ctx, l.db, tx, PurgeVerifyOptions{})
		if err == nil && v.Faults > 0 {
			report.Findings = append(report.Findings, v.err().Error())
		}
		return err
	})
}
