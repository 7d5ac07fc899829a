package cache

import (
	"context"
	"fmt"
)

// checkChains looks for states that are gone from the histories of records and rows, and for versions that were given other
// numbers: a former state ends where the next one of its record begins, the versions have no gap, and each of them since
// the last purge stored something. That the oldest former state of a record is gone shows only if nothing else has its version.
func (l *CachedRecordsLoader) checkChains(ctx context.Context, st *study, report *VerifyReport) error {
	return l.db.look(ctx, func(q querier) error {
		broken := func(of, query string, args ...any) error {
			var n int64
			if err := q.QueryRowContext(ctx, query, args...).Scan(&n); err != nil || n == 0 {
				return err
			}
			report.Findings = append(report.Findings, fmt.Sprintf("%d %s", n, of))
			return nil
		}
		if err := broken("gaps in the histories of records: a state is missing, or has another version", brokenRecords, st.id); err != nil {
			return err
		}
		names, err := resourcesOf(ctx, q, st.id)
		if err != nil {
			return err
		}
		for id, name := range names {
			if err := broken("gaps in the histories of "+name+": a state is missing, or has another version", brokenRows, id); err != nil {
				return err
			}
		}
		if err := broken("versions of the study are missing", missingVersions, st.id, st.key); err != nil || st.phase != phaseWhole {
			return err
		}
		return broken("versions of the study stored nothing: their states are missing, or have other versions", emptyVersions, st.id, st.purged)
	})
}

const (
	brokenRecords = `SELECT count(*) FROM (SELECT record_id, replaced, lead(version) OVER (PARTITION BY record_id ORDER BY version) AS next
		FROM imednet_history WHERE study = ?1) h LEFT JOIN imednet_record r ON r.study = ?1 AND r.record_id = h.record_id
		WHERE coalesce(h.next, r.version, 0) <> h.replaced`
	brokenRows = `SELECT count(*) FROM (SELECT row_id, replaced, lead(version) OVER (PARTITION BY row_id ORDER BY version) AS next
		FROM imednet_row_history WHERE resource = ?1) h LEFT JOIN imednet_row r ON r.resource = ?1 AND r.row_id = h.row_id
		WHERE coalesce(h.next, r.version, 0) <> h.replaced`
	missingVersions = `SELECT coalesce(max(version) - count(*) - coalesce((SELECT version FROM imednet_purged WHERE study_key = ?2), 0), 0)
		FROM imednet_version WHERE study = ?1`
	emptyVersions = `SELECT count(*) FROM imednet_version v WHERE v.study = ?1 AND v.version > ?2
		AND NOT EXISTS (SELECT 1 FROM imednet_record r WHERE r.study = ?1 AND r.version = v.version)
		AND NOT EXISTS (SELECT 1 FROM imednet_history h WHERE h.study = ?1 AND h.version = v.version)
		AND NOT EXISTS (SELECT 1 FROM imednet_row w WHERE w.version = v.version AND w.resource IN (SELECT id FROM imednet_resource WHERE study = ?1))
		AND NOT EXISTS (SELECT 1 FROM imednet_row_history x WHERE x.version = v.version AND x.resource IN (SELECT id FROM imednet_resource WHERE study = ?1))`
)
