package cache

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
)

// store brings a batch of rows into the file, in one transaction with the resource's state. Nothing is
// written when all are held as they are.
func (r *resourceRun) store(ctx context.Context, rows []sourceRow) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	ctx = context.WithoutCancel(ctx)
	var report ResourceReport
	var latest int64
	var returned []any
	err := r.change(ctx, func(tx *sql.Tx, st *study, state *resourceState) error {
		report, latest, returned = *r.report, r.latest, nil
		held, err := heldRows(ctx, r.loader.db, tx, state.id, rows)
		if err != nil {
			return err
		}
		var changed []sourceRow
		var replaced []any
		for _, row := range rows {
			if at, ok := row.dated.(int64); ok {
				latest = max(latest, at)
			}
			if id, ok := row.id.(int64); ok {
				state.top = max(state.top, id)
			}
			old, known := held[row.id]
			if known {
				returned = append(returned, row.id)
			}
			if !report.classify(old, known, row.payload) {
				continue
			}
			changed = append(changed, row)
			if known {
				replaced = append(replaced, row.id)
			}
			state.count(old, known)
		}
		if len(changed) == 0 {
			return nil
		}
		return r.write(ctx, tx, st, state, changed, replaced)
	})
	if err != nil {
		return err
	}
	*r.report, r.latest = report, latest
	for _, id := range returned {
		delete(r.gone, id)
	}
	return nil
}

// change runs fn in one transaction on the states of the study and of the resource, which are then what fn
// left.
func (r *resourceRun) change(ctx context.Context, fn func(*sql.Tx, *study, *resourceState) error) error {
	var state resourceState
	st, err := r.loader.change(ctx, *r.st, func(tx *sql.Tx, st *study) error {
		state = r.state
		return fn(tx, st, &state)
	})
	if err == nil {
		*r.st, r.state = st, state
	}
	return err
}

// heldRow is a row as the file has it.
type heldRow struct {
	state   int
	payload string
}

// classify counts a row and reports whether it must be written.
func (r *ResourceReport) classify(old heldRow, known bool, payload string) bool {
	switch {
	case known && old.state == stateActive && old.payload == payload:
		r.Unchanged++
		return false
	case known && old.state == stateVanished:
		r.Restored++
	case known:
		r.Updated++
	default:
		r.Added++
	}
	return true
}

func (s *resourceState) count(old heldRow, known bool) {
	if known && old.state == stateActive {
		return
	}
	if s.listed++; known {
		s.vanished--
	}
}

func heldRows(ctx context.Context, db dialect, tx *sql.Tx, resource int64, rows []sourceRow) (map[any]heldRow, error) {
	ids := make([]any, len(rows))
	for i, row := range rows {
		ids[i] = row.id
	}
	list, err := anyList(db, ids)
	if err != nil {
		return nil, err
	}
	found, err := tx.QueryContext(ctx, `SELECT row_id, state, payload FROM imednet_row WHERE resource = ? AND row_id IN (SELECT value FROM json_each(?))`, resource, list)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	held := map[any]heldRow{}
	for found.Next() {
		var id any
		var h heldRow
		if err := found.Scan(&id, &h.state, &h.payload); err != nil {
			return nil, err
		}
		held[db.readRowID(id)] = h
	}
	return held, found.Err()
}

// anyList is a list of ids, numbers or texts, as the one argument of json_each.
func anyList(db dialect, ids []any) (string, error) {
	stored := make([]any, len(ids))
	for i, id := range ids {
		stored[i] = db.rowID(id)
	}
	text, err := json.Marshal(stored)
	return string(text), err
}

func (r *resourceRun) write(ctx context.Context, tx *sql.Tx, st *study, state *resourceState, changed []sourceRow, replaced []any) error {
	if err := r.open(ctx, tx, st, state, replaced); err != nil {
		return err
	}
	db := r.loader.db
	err := putRows(ctx, db, tx, rowTable, changed, func(args []any, row sourceRow) []any {
		return append(args, state.id, db.rowID(row.id), stateActive, int64(st.version), row.record, row.payload)
	})
	if err != nil {
		return err
	}
	return r.save(ctx, tx, st, state)
}

// open opens a new version and keeps the states that it replaces.
func (r *resourceRun) open(ctx context.Context, tx *sql.Tx, st *study, state *resourceState, replaced []any) error {
	if err := st.register(ctx, tx); err != nil {
		return err
	}
	if err := state.register(ctx, tx, st.id); err != nil {
		return err
	}
	asOf := st.asOf
	if err := openVersion(ctx, tx, st, r.asOf); err != nil {
		return err
	}
	st.asOf = asOf // that of the records
	list, err := anyList(r.loader.db, replaced)
	if err != nil || len(replaced) == 0 {
		return err
	}
	rows, err := tx.QueryContext(ctx, `SELECT resource, row_id, version, state, 0, record_id, payload, NULL FROM imednet_row
		WHERE resource = ? AND row_id IN (SELECT value FROM json_each(?)) ORDER BY row_id`, state.id, list)
	return keepFormer(ctx, r.loader.db, tx, rowHistoryTable, rows, err, int64(st.version), func(row []any) string { return digestOfRow(st.key, string(state.name), row) })
}

func (r *resourceRun) save(ctx context.Context, tx *sql.Tx, st *study, state *resourceState) error {
	state.changed = sql.NullInt64{Int64: r.loader.cfg.clock.Now().UnixMicro(), Valid: true}
	if err := state.save(ctx, tx, st.id); err != nil {
		return err
	}
	return st.save(ctx, tx)
}

// bury turns what is gone into rows that the server does not list.
func (r *resourceRun) bury(ctx context.Context) error {
	for ids := range slices.Chunk(slices.Collect(maps.Keys(r.gone)), goneBatch) {
		ctx := context.WithoutCancel(ctx)
		err := r.change(ctx, func(tx *sql.Tx, st *study, state *resourceState) error {
			if err := r.open(ctx, tx, st, state, ids); err != nil {
				return err
			}
			list, err := anyList(r.loader.db, ids)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `UPDATE imednet_row SET state = 2, version = ? WHERE resource = ? AND row_id IN (SELECT value FROM json_each(?))`, int64(st.version), state.id, list)
			if err != nil {
				return err
			}
			state.listed -= int64(len(ids))
			state.vanished += int64(len(ids))
			return r.save(ctx, tx, st, state)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
