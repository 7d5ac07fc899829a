package cache

import (
	"context"
	"fmt"
)

// checkChains looks for states that are gone from the histories of records and rows, and for versions that were given other
// numbers: a former state ends where the next one of its record begins, the versions have no gap, each of them since
// the last purge stored something, no state has another, and none has lost its
// digest. That the oldest former states of a record are gone shows only if nothing
// else has their version.
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
		const late = "former states of %s have no digest, which others before them have"
		if err := broken(fmt.Sprintf(late, "records"), lateRecords, st.id); err != nil {
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
			if err := broken(fmt.Sprintf(late, name), lateRows, id); err != nil {
				return err
			}
		}
		if err := broken("versions of the study are missing, or there beside its own", oddVersions, st.id, st.key); err != nil || st.phase != phaseWhole {
			return err
		}
		if err := broken("versions that the study does not have are those of states", unknownVersions, st.id); err != nil {
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
	lateRecords = `SELECT count(*) FROM imednet_history WHERE study = ?1 AND digest IS NULL
		AND replaced > (SELECT min(replaced) FROM imednet_history WHERE study = ?1 AND digest IS NOT NULL)`
	lateRows = `SELECT count(*) FROM imednet_row_history WHERE resource = ?1 AND digest IS NULL
		AND replaced > (SELECT min(replaced) FROM imednet_row_history WHERE resource = ?1 AND digest IS NOT NULL)`
	oddVersions = `SELECT coalesce(max(v.version) - max(p.last) - sum(CASE WHEN v.version > p.last THEN 1 ELSE -1 END), 0)
		FROM imednet_version v, (SELECT coalesce((SELECT version FROM imednet_purged WHERE study_key = ?2), 0) AS last) p WHERE v.study = ?1`
	unknownVersions = `SELECT count(*) FROM (SELECT version FROM imednet_record WHERE study = ?1 UNION SELECT version FROM imednet_history WHERE study = ?1
		UNION SELECT version FROM imednet_row WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1)
		UNION SELECT version FROM imednet_row_history WHERE resource IN (SELECT id FROM imednet_resource WHERE study = ?1)) s
		WHERE NOT EXISTS (SELECT 1 FROM imednet_version v WHERE v.study = ?1 AND v.version = s.version)`
	emptyVersions = `SELECT count(*) FROM imednet_version v WHERE v.study = ?1 AND v.version > ?2
		AND NOT EXISTS (SELECT 1 FROM imednet_record r WHERE r.study = ?1 AND r.version = v.version)
		AND NOT EXISTS (SELECT 1 FROM imednet_history h WHERE h.study = ?1 AND h.version = v.version)
		AND NOT EXISTS (SELECT 1 FROM imednet_row w WHERE w.version = v.version AND w.resource IN (SELECT id FROM imednet_resource WHERE study = ?1))
		AND NOT EXISTS (SELECT 1 FROM imednet_row_history x WHERE x.version = v.version AND x.resource IN (SELECT id FROM imednet_resource WHERE study = ?1))`
)
