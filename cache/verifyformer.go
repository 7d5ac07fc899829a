package cache

import (
	"context"
	"database/sql"
	"fmt"
)

// checkFormer compares the former states of a study with the digests that were kept with them.
func (l *CachedRecordsLoader) checkFormer(ctx context.Context, st *study, report *VerifyReport) error {
	return l.db.look(ctx, func(q querier) error {
		altered, err := l.alteredFormer(ctx, q, report, historyTable, `study = ?1`, st.id, func(row []any) string { return digestOfRecord(st.key, row) })
		if err != nil {
			return err
		}
		report.formerAltered("records", altered)
		names, err := resourcesOf(ctx, q, st.id)
		if err != nil {
			return err
		}
		for id, name := range names {
			altered, err := l.alteredFormer(ctx, q, report, rowHistoryTable, `resource = ?1`, id, func(row []any) string { return digestOfRow(st.key, name, row) })
			if err != nil {
				return err
			}
			report.formerAltered(name, altered)
		}
		return nil
	})
}

func (r *VerifyReport) formerAltered(of string, n int64) {
	if n > 0 {
		r.Findings = append(r.Findings, fmt.Sprintf("%d former states of %s are not as they were kept", n, of))
	}
}

// alteredFormer counts the former states that differ from their digest, and notes those that have none.
func (l *CachedRecordsLoader) alteredFormer(ctx context.Context, q querier, report *VerifyReport, of table, where string, owner int64, digest func([]any) string) (altered int64, err error) {
	rows, err := q.QueryContext(ctx, of.query(where), owner)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := of.scan(l.db, rows)
		if err != nil {
			return altered, err
		}
		report.Former++
		switch row[of.place("digest")] {
		case nil:
			report.Undigested++
		case digest(row):
		default:
			altered++
		}
	}
	return altered, rows.Err()
}

func resourcesOf(ctx context.Context, q querier, study int64) (map[int64]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT id, name FROM imednet_resource WHERE study = ?`, study)
	if err != nil {
		return nil, err
	}
	return namesByID(rows)
}

func namesByID(rows *sql.Rows) (map[int64]string, error) {
	defer rows.Close()
	names := map[int64]string{}
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		names[id] = name
	}
	return names, rows.Err()
}
