package warehouse

import (
	"context"
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/imednetgo/imednet"
)

// sliceRows is how many states are compared and written at a time. It bounds memory.
const sliceRows = 8192

// slice gathers states, looks up what is held of their records, and writes those that differ with
// the cells that changed.
type slice struct {
	w        *work
	versions []imednet.RecordVersion
	greatest int64 // version
	listed   bool  // note the ids in imednet_listed
}

func newSlice(w *work) *slice { return &slice{w: w} }

func (s *slice) add(ctx context.Context, v imednet.RecordVersion) error {
	s.w.count()
	s.w.see(v.Record.DateModified)
	s.greatest = max(s.greatest, int64(v.Version))
	s.versions = append(s.versions, v)
	if len(s.versions) < sliceRows {
		return nil
	}
	return s.flush(ctx)
}

func (s *slice) flush(ctx context.Context) error {
	if len(s.versions) == 0 {
		return nil
	}
	held, err := s.held(ctx)
	if err != nil {
		return err
	}
	rows, err := s.changed(held)
	if err != nil {
		return err
	}
	if err := s.write(ctx, rows); err != nil {
		return err
	}
	s.versions = s.versions[:0]
	return nil
}

// held reads the last state of the slice's records.
func (s *slice) held(ctx context.Context) (map[int64]heldState, error) {
	held := map[int64]heldState{}
	if err := s.stageIDs(ctx); err != nil {
		return nil, err
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

func (s *slice) stageIDs(ctx context.Context) error {
	columns := []column[imednet.RecordVersion]{intColumn("record_id", func(v *imednet.RecordVersion) int64 { return v.Record.RecordID })}
	if _, err := load(ctx, s.w.feeds, s.w.conn, `CREATE OR REPLACE TEMP TABLE imednet_slice AS SELECT DISTINCT record_id FROM %s`, columns, eachOf(s.versions)); err != nil {
		return err
	}
	if !s.listed {
		return nil
	}
	_, err := s.w.conn.ExecContext(ctx, `INSERT INTO imednet_listed SELECT record_id FROM imednet_slice`)
	return err
}

// changed pairs each state with the one before it and leaves out those that equal it.
func (s *slice) changed(held map[int64]heldState) ([]recordRow, error) {
	rows := make([]recordRow, 0, len(s.versions))
	for _, v := range s.versions {
		payload, err := imednet.Encode(v.Record)
		if err != nil {
			return nil, err
		}
		id := v.Record.RecordID
		row := recordRow{Record: v.Record, version: int64(v.Version), state: v.State, seenAt: v.SeenAt, payload: payload}
		if !fits(recordColumns, &row) {
			if err := s.w.rejectMisfit(id, v.Record, payload); err != nil {
				return nil, err
			}
			continue
		}
		before, seen := held[id]
		if seen && row.sameAs(before) {
			continue
		}
		if seen && before.version >= row.version {
			return nil, fmt.Errorf("record %d: version %d came after version %d: %w", id, row.version, before.version, ErrSourceReset)
		}
		row.first = !seen
		if seen {
			previous, err := imednet.Decode[imednet.Record](before.payload)
			if err != nil {
				return nil, err
			}
			row.previous = previous.RecordData
		}
		held[id] = heldState{v.State, row.version, payload}
		rows = append(rows, row)
	}
	return rows, nil
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
	cells, err := load(ctx, s.w.feeds, s.w.conn, cellInsert, cellColumns, func(_ context.Context, emit func(cellChange) error) error {
		for i := range rows {
			if err := diffCells(&rows[i], emit); err != nil {
				return err
			}
		}
		return nil
	}, s.w.StudyKey)
	s.w.CellsChanged += cells
	return err
}

var recordColumns = append(embeddedColumns(modelColumns[imednet.Record](nil), func(r *recordRow) *imednet.Record { return &r.Record }),
	intColumn("version", func(r *recordRow) int64 { return r.version }),
	textColumn("state", func(r *recordRow) string { return string(r.state) }),
	timeColumn("seen_at", func(r *recordRow) time.Time { return r.seenAt }),
	bytesColumn("payload", func(r *recordRow) []byte { return r.payload }))

var recordInsert = `INSERT INTO bronze_records (study_key, ` + names(recordColumns) + `) SELECT ?, ` + names(recordColumns) + ` FROM %s`

// embeddedColumns lets a row that holds a model use the model's columns.
func embeddedColumns[R, T any](columns []column[T], inner func(*R) *T) []column[R] {
	outer := make([]column[R], len(columns))
	for i, c := range columns {
		outer[i] = column[R]{name: c.name, typ: c.typ, put: func(chunk duckdb.DataChunk, col, row int, v *R) error {
			return c.put(chunk, col, row, inner(v))
		}}
		if c.misfit != nil {
			outer[i].misfit = func(v *R) bool { return c.misfit(inner(v)) }
		}
	}
	return outer
}
