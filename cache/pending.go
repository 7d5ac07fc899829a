package cache

import (
	"context"
	"database/sql"
	"maps"
	"slices"
)

// loadPending returns the records that contradicted their newest revision when last read.
func loadPending(ctx context.Context, q querier, study int64) (map[int64]flag, error) {
	rows, err := q.QueryContext(ctx, `SELECT record_id, deleted FROM imednet_pending WHERE study = ?`, study)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	pending := map[int64]flag{}
	for rows.Next() {
		var id int64
		var deleted bool
		if err := rows.Scan(&id, &deleted); err != nil {
			return nil, err
		}
		pending[id] = flagOf(deleted)
	}
	return pending, rows.Err()
}

func savePending(ctx context.Context, db dialect, tx *sql.Tx, study int64, pending map[int64]flag) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM imednet_pending WHERE study = ?`, study); err != nil {
		return err
	}
	return putRows(ctx, db, tx, pendingTable, slices.Sorted(maps.Keys(pending)),
		func(args []any, id int64) []any { return append(args, study, id, pending[id] == flagDeleted) })
}

// contradictions returns the named records whose state is not what their newest revision left. A
// state is never taken from a revision: such a record is read again by the next run.
func (r *run) contradictions(ctx context.Context) (map[int64]flag, error) {
	pending := map[int64]flag{}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(r.names)), goneBatch) {
		err := r.loader.db.look(ctx, func(q querier) error {
			rows, err := q.QueryContext(ctx, `SELECT record_id, state FROM imednet_record
				WHERE study = ? AND record_id IN (SELECT value FROM json_each(?))`, r.st.id, idList(ids))
			if err != nil {
				return err
			}
			return r.addContradictions(rows, pending)
		})
		if err != nil {
			return nil, err
		}
	}
	return pending, nil
}

func (r *run) addContradictions(rows *sql.Rows, pending map[int64]flag) error {
	defer rows.Close()
	for rows.Next() {
		var id int64
		var state int
		if err := rows.Scan(&id, &state); err != nil {
			return err
		}
		if f := r.names[id]; f.contradicts(state) {
			pending[id] = f
		}
	}
	return rows.Err()
}

// loadForeign returns the records that another program wrote since the last run.
func loadForeign(ctx context.Context, q querier, studyKey string) (map[int64]int64, error) {
	rows, err := q.QueryContext(ctx, `SELECT record_id, times FROM imednet_foreign WHERE study_key = ?`, studyKey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	foreign := map[int64]int64{}
	for rows.Next() {
		var id, times int64
		if err := rows.Scan(&id, &times); err != nil {
			return nil, err
		}
		foreign[id] = times
	}
	return foreign, rows.Err()
}

// clearForeign forgets the notes that the run took care of. One that grew meanwhile stays.
func clearForeign(ctx context.Context, tx *sql.Tx, studyKey string, foreign map[int64]int64) error {
	if len(foreign) == 0 {
		return nil
	}
	stmt, err := tx.PrepareContext(ctx, `DELETE FROM imednet_foreign WHERE study_key = ? AND record_id = ? AND times = ?`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for id, times := range foreign {
		if _, err := stmt.ExecContext(ctx, studyKey, id, times); err != nil {
			return err
		}
	}
	return nil
}
