package warehouse

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// sliceRows and sliceBytes are how many states are compared and written at a time. They bound memory; the more
// there are the less DuckDB has to do for each.
const (
	sliceRows  = 1 << 15
	sliceBytes = 32 << 20 // of JSON
)

// slice gathers states, looks up what is held of their records, and writes those that differ with
// the cells that changed.
type slice struct {
	w        *work
	diff     *cellDiff
	rows     []recordRow
	bytes    int   // of their JSON
	greatest int64 // version
	listed   bool  // note the ids in imednet_listed
	last     int64 // greatest record id that the warehouse may hold of the study
}

// newSlice asks which records the warehouse may hold.
func newSlice(ctx context.Context, w *work) (*slice, error) {
	s := &slice{w: w, diff: newCellDiff()}
	err := w.conn.QueryRowContext(ctx, `SELECT coalesce(max(record_id), -9223372036854775808) FROM bronze_records WHERE study_key = ?`, w.StudyKey).Scan(&s.last)
	return s, err
}

func (s *slice) add(ctx context.Context, v imednet.RecordVersion) error {
	s.w.count()
	s.w.see(v.Record.DateModified)
	s.greatest = max(s.greatest, int64(v.Version))
	if len(s.rows) == cap(s.rows) { // append grows by a quarter, and rows are large
		s.rows = slices.Grow(s.rows, max(1, len(s.rows)))
	}
	s.rows = append(s.rows, recordRow{Record: v.Record, version: int64(v.Version), state: v.State, seenAt: v.SeenAt})
	s.bytes += len(v.Record.RecordData.Raw())
	if len(s.rows) < s.w.slice && s.bytes < sliceBytes {
		return nil
	}
	return s.flush(ctx)
}

func (s *slice) flush(ctx context.Context) error {
	if len(s.rows) == 0 {
		return nil
	}
	held, err := s.held(ctx)
	if err != nil {
		return err
	}
	if err := s.keepChanged(held); err != nil {
		return err
	}
	if err := s.write(ctx, s.rows); err != nil {
		return err
	}
	s.rows, s.bytes = s.rows[:0], 0
	return nil
}

// held reads the last state of the slice's records. It is nil where none is held and none comes twice in the slice.
func (s *slice) held(ctx context.Context) (map[int64]heldState, error) {
	isNew, once := s.newRecords()
	var held map[int64]heldState
	if !isNew || !once {
		held = map[int64]heldState{}
	}
	if isNew && !s.listed {
		return held, nil
	}
	if err := s.stageIDs(ctx); err != nil || isNew {
		return held, err
	}
	rows, err := s.w.conn.QueryContext(ctx, `SELECT record_id, version, state, payload FROM bronze_records SEMI JOIN imednet_slice USING (record_id)
		WHERE study_key = ? QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY version DESC) = 1`, s.w.StudyKey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var h heldState
		if err := rows.Scan(&id, &h.version, &h.state, &h.payload); err != nil {
			return nil, err
		}
		held[id] = h
	}
	return held, rows.Err()
}

// newRecords reports whether every id is greater than those that the warehouse holds, as in a study's first run, where
// they come in order. It saves a search of the table for each slice. once says that the ids ascend, each once.
func (s *slice) newRecords() (isNew, once bool) {
	first, last, once := s.rows[0].RecordID, s.last, true
	for i := range s.rows {
		id := s.rows[i].RecordID
		first, last = min(first, id), max(last, id)
		once = once && (i == 0 || id > s.rows[i-1].RecordID)
	}
	before := s.last
	s.last = last
	return first > before, once
}

func (s *slice) stageIDs(ctx context.Context) error {
	columns := []column[recordRow]{intColumn("record_id", func(r *recordRow) int64 { return r.RecordID })}
	if _, err := load(ctx, s.w.feeds, s.w.conn, `CREATE OR REPLACE TEMP TABLE imednet_slice AS SELECT DISTINCT record_id FROM %s`, columns, eachOf(s.rows)); err != nil {
		return err
	}
	if !s.listed {
		return nil
	}
	_, err := s.w.conn.ExecContext(ctx, `INSERT INTO imednet_listed SELECT record_id FROM imednet_slice`)
	return err
}

// keepChanged pairs each state with the one before it and leaves out those that equal it.
func (s *slice) keepChanged(held map[int64]heldState) error {
	kept := 0
	for i := range s.rows {
		row := &s.rows[i]
		changed, err := s.pair(row, held)
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		if kept < i {
			s.rows[kept] = *row
		}
		kept++
	}
	s.rows = s.rows[:kept]
	return nil
}

// pair finds the state before a row's, and reports whether they differ. A row that fits no table is rejected.
func (s *slice) pair(row *recordRow, held map[int64]heldState) (changed bool, err error) {
	if row.payload, err = imednet.Encode(row.Record); err != nil {
		return false, err
	}
	id := row.RecordID
	if !fits(recordColumns, row) {
		return false, s.w.rejectMisfit(id, row.Record, row.payload)
	}
	before, seen := held[id]
	if seen && row.sameAs(before) {
		return false, nil
	}
	if seen && before.version >= row.version {
		return false, fmt.Errorf("record %d: version %d came after version %d: %w", id, row.version, before.version, ErrSourceReset)
	}
	row.first = !seen
	if seen {
		previous, err := imednet.Decode[imednet.Record](before.payload)
		if err != nil {
			return false, err
		}
		row.previous = previous.RecordData
	}
	if held != nil {
		held[id] = heldState{row.state, row.version, row.payload}
	}
	return true, nil
}

func (s *slice) write(ctx context.Context, rows []recordRow) error {
	if len(rows) == 0 {
		return nil
	}
	inserted, err := load(ctx, s.w.feeds, s.w.conn, recordInsert, recordColumns, eachOf(rows), s.w.StudyKey)
	if err != nil {
		return err
	}
	s.w.Inserted += inserted
	insert, columns := cellInsert, cellColumns
	if allFirst(rows) {
		insert, columns = firstCellInsert, firstCellColumns
	}
	cells, err := load(ctx, s.w.feeds, s.w.conn, insert, columns, func(_ context.Context, emit func(*cellChange) error) error {
		for i := range rows {
			if err := s.diff.emit(&rows[i], emit); err != nil {
				return err
			}
		}
		return nil
	}, s.w.StudyKey)
	s.w.CellsChanged += cells
	return err
}

// allFirst reports whether no state before any of these was seen.
func allFirst(rows []recordRow) bool {
	for i := range rows {
		if !rows[i].first {
			return false
		}
	}
	return true
}

// recordColumns are the API's members, which are listed for the reason of revisionColumns, and what is known of the state.
var recordColumns = []column[recordRow]{
	intMember("interval_id", func(r *recordRow) *imednet.Opt[int64] { return &r.IntervalID }),
	intMember("form_id", func(r *recordRow) *imednet.Opt[int64] { return &r.FormID }),
	textMember("form_key", func(r *recordRow) *imednet.Opt[string] { return &r.FormKey }),
	intMember("site_id", func(r *recordRow) *imednet.Opt[int64] { return &r.SiteID }),
	intColumn("record_id", func(r *recordRow) int64 { return r.RecordID }),
	textMember("record_oid", func(r *recordRow) *imednet.Opt[string] { return &r.RecordOID }),
	textMember("record_type", func(r *recordRow) *imednet.Opt[string] { return &r.RecordType }),
	textMember("record_status", func(r *recordRow) *imednet.Opt[string] { return &r.RecordStatus }),
	boolMember("deleted", func(r *recordRow) *imednet.Opt[bool] { return &r.Deleted }),
	timeMember("date_created", func(r *recordRow) *imednet.Opt[imednet.Time] { return &r.DateCreated }),
	timeMember("date_modified", func(r *recordRow) *imednet.Opt[imednet.Time] { return &r.DateModified }),
	intMember("subject_id", func(r *recordRow) *imednet.Opt[int64] { return &r.SubjectID }),
	textMember("subject_oid", func(r *recordRow) *imednet.Opt[string] { return &r.SubjectOID }),
	textMember("subject_key", func(r *recordRow) *imednet.Opt[string] { return &r.SubjectKey }),
	intMember("visit_id", func(r *recordRow) *imednet.Opt[int64] { return &r.VisitID }),
	intMember("parent_record_id", func(r *recordRow) *imednet.Opt[int64] { return &r.ParentRecordID }),
	intColumn("version", func(r *recordRow) int64 { return r.version }),
	textColumn("state", func(r *recordRow) string { return string(r.state) }),
	timeColumn("seen_at", func(r *recordRow) time.Time { return r.seenAt }),
	bytesColumn("payload", func(r *recordRow) []byte { return r.payload }),
}

var recordInsert = `INSERT INTO bronze_records (study_key, ` + names(recordColumns) + `) SELECT ?, ` + names(recordColumns) + ` FROM %s`
