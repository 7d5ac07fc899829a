package cache

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"time"
)

// tally is what one batch did. Received = added + updated + deleted + restored + unchanged.
type tally struct {
	added, updated, deleted, restored, unchanged int64
	regressed, repaired                          int64
}

// held is a record as the file has it before a batch.
type held struct {
	state    int
	doubtful bool
	modified sql.NullInt64
	payload  []byte
	noted    bool // another program wrote it
}

// is reports whether a row says what is held.
func (h *held) is(r *row) bool {
	return h.state == r.state && h.doubtful == r.doubtful && bytes.Equal(h.payload, r.payload)
}

// batch is the work of one transaction.
type batch struct {
	db      dialect
	tx      *sql.Tx
	st      *study
	seenAt  time.Time
	rows    []row
	held    map[int64]held
	noted   bool   // another program wrote records of the study
	fresh   bool   // no record of the batch was ever held, nor written by another program
	changed []*row // first seen, or different from what is held
	repair  []*row // the same, but another program overwrote it in record_cache
	revived []int64
	buried  []int64
	done    tally
}

// apply brings rows, ascending by id, into the file and into the state, in one transaction with
// the state itself, which advance moves. Nothing is written when the rows hold nothing new and the
// state is as before.
func (l *CachedRecordsLoader) apply(ctx context.Context, st *study, seenAt time.Time, rows []row, advance func(*study)) (tally, error) {
	before := *st
	var b *batch
	// A context that can end costs a goroutine for each statement: batches are short.
	ctx = context.WithoutCancel(ctx)
	after, err := l.change(ctx, before, func(tx *sql.Tx, after *study) error {
		advance(after)
		b = &batch{db: l.db, tx: tx, st: after, seenAt: seenAt, rows: rows}
		if err := b.compare(ctx); err != nil {
			return err
		}
		if len(b.changed)+len(b.repair) == 0 && after.sameAs(&before) {
			return nil
		}
		return l.db.silently(ctx, tx, func() error { return b.write(ctx) })
	})
	if err != nil {
		return tally{}, err
	}
	*st = after
	return b.done, nil
}

// compare decides what to do with each row.
func (b *batch) compare(ctx context.Context) error {
	if err := b.lookup(ctx); err != nil {
		return err
	}
	for i := range b.rows {
		r := &b.rows[i]
		h, known := b.held[r.id]
		if r.doubtful && known && h.state != stateVanished {
			r.state = h.state // an unreadable flag changes nothing
		}
		switch {
		case !known:
			b.done.added++
			*b.st.count(r.state)++
			b.changed = append(b.changed, r)
		case h.is(r) && !h.noted:
			b.done.unchanged++
		case h.is(r):
			b.done.unchanged++
			b.done.repaired++
			b.repair = append(b.repair, r)
		default:
			b.classify(r, h)
			b.changed = append(b.changed, r)
		}
		if r.at.After(b.st.modified) {
			b.st.modified = r.at
		}
	}
	return nil
}

// classify counts a row that differs from what is held.
func (b *batch) classify(r *row, h held) {
	switch {
	case r.state == stateActive && h.state != stateActive:
		b.done.restored++
		b.revived = append(b.revived, r.id)
	case r.state == stateDeleted && h.state != stateDeleted:
		b.done.deleted++
	default:
		b.done.updated++
	}
	if !r.at.IsZero() && h.modified.Valid && r.at.UnixMicro() < h.modified.Int64 {
		b.done.regressed++
	}
	*b.st.count(h.state)--
	*b.st.count(r.state)++
}

// lookup reads what the file has of the batch's records. Rows beyond everything held, the bulk of
// a first run, need no look.
func (b *batch) lookup(ctx context.Context) error {
	if len(b.rows) == 0 {
		return nil
	}
	var overlap bool
	var unknown bool
	err := b.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM imednet_record WHERE study = ? AND record_id >= ?),
		EXISTS (SELECT 1 FROM imednet_foreign WHERE study_key = ?), EXISTS (SELECT 1 FROM record_cache WHERE study_key = ? AND record_id >= ?)`,
		b.st.id, b.rows[0].id, b.st.key, b.st.key, b.rows[0].id).Scan(&overlap, &b.noted, &unknown)
	if b.fresh = !overlap && !b.noted && !unknown; err != nil || !overlap {
		return err
	}
	ids := b.ids()
	found, err := b.tx.QueryContext(ctx, `SELECT r.record_id, r.state, r.doubtful, r.modified, `+heldPayload+`, f.record_id IS NOT NULL`+heldFrom, b.st.key, b.st.id, idList(ids))
	if err != nil {
		return err
	}
	defer found.Close()
	b.held = make(map[int64]held, len(ids))
	for found.Next() {
		var id int64
		var h held
		if err := found.Scan(&id, &h.state, &h.doubtful, &h.modified, &h.payload, &h.noted); err != nil {
			return err
		}
		b.held[id] = h
	}
	return found.Err()
}

// heldPayload is the last payload of ours; what another program wrote over it does not count.
const heldPayload = `CASE r.state WHEN 0 THEN coalesce(f.payload, c.payload) ELSE t.payload END`

// heldFrom joins the records of study ?2, whose key is ?1, in the id list ?3 with their payloads.
const heldFrom = `
	FROM imednet_record r
	LEFT JOIN record_cache c ON r.state = 0 AND c.study_key = ?1 AND c.record_id = r.record_id
	LEFT JOIN imednet_tombstone t ON r.state > 0 AND t.study = r.study AND t.record_id = r.record_id
	LEFT JOIN imednet_foreign f ON f.study_key = ?1 AND f.record_id = r.record_id
	WHERE r.study = ?2 AND r.record_id IN (SELECT value FROM json_each(?3))`

// write stores the batch and the state.
func (b *batch) write(ctx context.Context) error {
	if err := b.st.register(ctx, b.tx); err != nil {
		return err
	}
	if len(b.changed) > 0 {
		if err := b.begin(ctx); err != nil {
			return err
		}
	}
	if err := b.writeActive(ctx); err != nil {
		return err
	}
	if err := b.writeKeys(ctx); err != nil {
		return err
	}
	ctx = canWait(ctx)
	for _, step := range []func(context.Context) error{b.writeVersion, b.writeTombstones, b.writeRevived, b.writeBuried, b.forgetNotes, b.saveState} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// begin opens a new version and keeps the states that the batch replaces.
func (b *batch) begin(ctx context.Context) error {
	b.st.countUp(b.seenAt)
	var replaced []int64
	for _, r := range b.changed {
		if _, known := b.held[r.id]; known {
			replaced = append(replaced, r.id)
		}
	}
	return keepHistory(ctx, b.db, b.tx, b.st, replaced)
}

// countUp opens a new version, which noteVersion stores.
func (s *study) countUp(seenAt time.Time) {
	s.version++
	s.asOf = seenAt
}

// openVersion counts the version up and notes when the server showed it.
func openVersion(ctx context.Context, tx *sql.Tx, st *study, seenAt time.Time) error {
	st.countUp(seenAt)
	return noteVersion(ctx, tx, st, seenAt)
}

func noteVersion(ctx context.Context, tx *sql.Tx, st *study, seenAt time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO imednet_version (study, version, seen_at) VALUES (?, ?, ?)`, st.id, st.version, micros(seenAt))
	return err
}

func (b *batch) writeActive(ctx context.Context) error {
	write := putRows[*row]
	if b.fresh {
		write = addRows[*row]
	}
	study := any(b.st.key)
	return write(ctx, b.db, b.tx, cachedTable, b.written(stateActive), func(args []any, r *row) []any {
		return append(args, study, r.id, b.db.key(r.formKey), b.db.key(r.modified), []byte(r.payload))
	})
}

func (b *batch) writeKeys(ctx context.Context) error {
	write := putRows[*row]
	if b.fresh {
		write = addRows[*row]
	}
	study, version := any(b.st.id), any(int64(b.st.version))
	return write(ctx, b.db, b.tx, recordTable, b.changed, func(args []any, r *row) []any {
		args = append(args, study, r.id, r.state, r.doubtful, version)
		for _, key := range r.keys {
			args = append(args, keyArg(b.db, key))
		}
		return args
	})
}

func (b *batch) writeVersion(ctx context.Context) error {
	if len(b.changed) == 0 {
		return nil
	}
	return noteVersion(ctx, b.tx, b.st, b.seenAt)
}

// writeTombstones moves what is deleted out of the active records.
func (b *batch) writeTombstones(ctx context.Context) error {
	dead := b.written(stateDeleted)
	for _, r := range dead {
		b.buried = append(b.buried, r.id)
	}
	return putRows(ctx, b.db, b.tx, tombstoneTable, dead,
		func(args []any, r *row) []any {
			return append(args, b.st.id, r.id, reasonDeleted, 1, []byte(r.payload))
		})
}

// written are the rows of a state whose payloads are to be stored.
func (b *batch) written(state int) []*row {
	list := make([]*row, 0, len(b.changed)+len(b.repair))
	for _, r := range slices.Concat(b.changed, b.repair) {
		if r.state == state {
			list = append(list, r)
		}
	}
	return list
}

// The reasons of a tombstone.
const (
	reasonDeleted  = "deleted"
	reasonVanished = "vanished"
)

func (b *batch) writeRevived(ctx context.Context) error {
	return deleteIDs(ctx, b.tx, `DELETE FROM imednet_tombstone WHERE study = ? AND record_id IN (SELECT value FROM json_each(?))`, b.st.id, b.revived)
}

func (b *batch) writeBuried(ctx context.Context) error {
	return deleteIDs(ctx, b.tx, deleteCached, b.st.key, b.buried)
}

const (
	deleteCached = `DELETE FROM record_cache WHERE study_key = ? AND record_id IN (SELECT value FROM json_each(?))`
	deleteNotes  = `DELETE FROM imednet_foreign WHERE study_key = ? AND record_id IN (SELECT value FROM json_each(?))`
)

// forgetNotes removes the notes of other programs' writes that the batch has undone.
func (b *batch) forgetNotes(ctx context.Context) error {
	if !b.noted {
		return nil
	}
	return deleteIDs(ctx, b.tx, deleteNotes, b.st.key, b.ids())
}

// ids returns the ids of the batch's rows.
func (b *batch) ids() []int64 {
	ids := make([]int64, len(b.rows))
	for i, r := range b.rows {
		ids[i] = r.id
	}
	return ids
}

func deleteIDs(ctx context.Context, tx *sql.Tx, query string, study any, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, query, study, idList(ids))
	return err
}

func (b *batch) saveState(ctx context.Context) error { return b.st.save(ctx, b.tx) }
