package cache

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"
)

// goneBatch is how many records one transaction removes.
const goneBatch = 5000

// bury turns what is gone into tombstones that the server does not list.
func (r *run) bury(ctx context.Context) error {
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(r.gone)), goneBatch) {
		err := r.silentWrite(ctx, func(ctx context.Context, tx *sql.Tx, st *study) error {
			return buryRecords(ctx, r.loader.db, tx, st, r.asOf, ids)
		})
		if err != nil {
			return err
		}
		r.report.Vanished += int64(len(ids))
	}
	return nil
}

// silentWrite runs one transaction on the study while our triggers take no notes.
func (r *run) silentWrite(ctx context.Context, fn func(context.Context, *sql.Tx, *study) error) (err error) {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	ctx = context.WithoutCancel(ctx)
	r.st, err = r.loader.change(ctx, r.st, func(tx *sql.Tx, st *study) error {
		return r.loader.db.silently(ctx, tx, func() error { return fn(ctx, tx, st) })
	})
	return err
}

// buryRecords moves listed records among the vanished.
func buryRecords(ctx context.Context, db dialect, tx *sql.Tx, st *study, seenAt time.Time, ids []int64) error {
	list := idList(ids)
	var active, deleted int64
	err := tx.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1) FROM imednet_record
		WHERE study = ? AND record_id IN (SELECT value FROM json_each(?))`, st.id, list).Scan(&active, &deleted)
	if err != nil {
		return err
	}
	if err := openVersion(ctx, tx, st, seenAt); err != nil {
		return err
	}
	if err := keepHistory(ctx, db, tx, st, ids); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO imednet_tombstone (study, record_id, reason, listed, payload)
		SELECT r.study, r.record_id, CASE r.state WHEN 1 THEN 'deleted' ELSE 'vanished' END, 0, coalesce(`+heldPayload+`, 'null')`+heldFrom+`
		ON CONFLICT (study, record_id) DO UPDATE SET reason = excluded.reason, listed = 0, payload = excluded.payload`, st.key, st.id, list)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE imednet_record SET state = 2, version = ? WHERE study = ? AND record_id IN (SELECT value FROM json_each(?))`, int64(st.version), st.id, list)
	if err != nil {
		return err
	}
	if err := deleteIDs(ctx, tx, deleteCached, st.key, ids); err != nil {
		return err
	}
	st.active -= active
	st.deleted -= deleted
	st.vanished += active + deleted
	return st.save(ctx, tx)
}

// adopt turns rows that another program left in record_cache, and that the server does not list,
// into tombstones: they may be the last trace of a record.
func (r *run) adopt(ctx context.Context, ids []int64) error {
	for chunk := range slices.Chunk(ids, goneBatch) {
		err := r.silentWrite(ctx, func(ctx context.Context, tx *sql.Tx, st *study) error {
			return adoptRecords(ctx, tx, st, r.asOf, chunk)
		})
		if err != nil {
			return err
		}
		r.report.Adopted += int64(len(chunk))
	}
	return nil
}

// leftovers are the rows of record_cache that no leg brought and that we know nothing of. A first run that found the
// table empty looks for them by the notes of its time, not only by those that it found.
func (r *run) leftovers(ctx context.Context) ([]int64, error) {
	query := `SELECT c.record_id FROM record_cache c WHERE c.study_key = ?1
		AND NOT EXISTS (SELECT 1 FROM imednet_record r WHERE r.study = ?2 AND r.record_id = c.record_id)`
	args := []any{r.st.key, r.st.id}
	switch {
	case r.unnoted:
	case r.report.First:
		query += ` AND c.record_id IN (SELECT record_id FROM imednet_foreign WHERE study_key = ?1)`
	case len(r.foreign) == 0:
		return nil, nil
	default:
		query += ` AND c.record_id IN (SELECT value FROM json_each(?3))`
		args = append(args, idList(slices.Collect(maps.Keys(r.foreign))))
	}
	return r.loader.queryIDs(ctx, query, args...)
}

func adoptRecords(ctx context.Context, tx *sql.Tx, st *study, seenAt time.Time, ids []int64) error {
	if err := st.register(ctx, tx); err != nil {
		return err
	}
	if err := openVersion(ctx, tx, st, seenAt); err != nil {
		return err
	}
	list := idList(ids)
	_, err := tx.ExecContext(ctx, `INSERT INTO imednet_record (study, record_id, state, version, form_key)
		SELECT ?1, record_id, 2, ?2, nullif(form_key, '') FROM record_cache WHERE study_key = ?3 AND record_id IN (SELECT value FROM json_each(?4))`,
		st.id, int64(st.version), st.key, list)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO imednet_tombstone (study, record_id, reason, listed, payload)
		SELECT ?1, record_id, 'vanished', 0, payload FROM record_cache WHERE study_key = ?2 AND record_id IN (SELECT value FROM json_each(?3))`,
		st.id, st.key, list)
	if err != nil {
		return err
	}
	if err := deleteIDs(ctx, tx, deleteCached, st.key, ids); err != nil {
		return err
	}
	st.vanished += int64(len(ids))
	return st.save(ctx, tx)
}
