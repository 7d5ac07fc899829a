package cache

import (
	"context"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet"
)

// ResourceVerification is what [CachedRecordsLoader.Verify] found in one resource other than the
// records. Compared = Equal + Missing + Different.
type ResourceVerification struct {
	Resource  imednet.Resource `json:"resource"`
	Compared  int64            `json:"compared"`  // rows listed by the server
	Equal     int64            `json:"equal"`     // of these, held with the same bytes
	Missing   int64            `json:"missing"`   // of these, not held
	Different int64            `json:"different"` // of these, held with other bytes
	Extra     int64            `json:"extra"`     // held but not listed by the server
	// Examples holds the ids of the first rows that differ, at most 100.
	Examples []string `json:"examples,omitempty"`
	// LeftOut is the reason why the resource was not compared: the mirror does not hold it, the API
	// keys are not permitted to read it, or the client cannot.
	LeftOut string `json:"leftOut,omitempty"`

	misplaced int64 // rows that are not found by the record that they belong to
}

// notHeld is a reason of LeftOut.
const notHeld = "the mirror does not hold it"

// String returns the line that the command prints.
func (r ResourceVerification) String() string {
	if r.LeftOut != "" {
		return fmt.Sprintf("%s: left out: %s", r.Resource, r.LeftOut)
	}
	return fmt.Sprintf("%s: %d compared: %d equal, %d missing, %d different; %d held that the server does not list",
		r.Resource, r.Compared, r.Equal, r.Missing, r.Different, r.Extra)
}

func (r *ResourceVerification) differences() int64 { return r.Missing + r.Different + r.Extra }

func (r *ResourceVerification) example(id any) {
	if len(r.Examples) < maxExamples {
		r.Examples = append(r.Examples, fmt.Sprint(id))
	}
}

// verifyResources compares every resource other than the records.
func (l *CachedRecordsLoader) verifyResources(ctx context.Context, studyKey string, report *VerifyReport) error {
	st, err := l.study(ctx, studyKey)
	if err != nil {
		return err
	}
	for _, kind := range resourceKinds {
		one := ResourceVerification{Resource: kind.name}
		err := l.verifyResource(ctx, &st, kind, &one, report)
		switch {
		case errors.Is(err, imednet.ErrForbidden):
			one = ResourceVerification{Resource: kind.name, LeftOut: noRight}
		case errors.Is(err, errUnable):
			one.LeftOut = noAbility
		case err != nil:
			return err
		}
		if one.misplaced > 0 {
			report.Findings = append(report.Findings, fmt.Sprintf("%d %s are not found by the record that they belong to", one.misplaced, one.Resource))
		}
		report.Resources = append(report.Resources, one)
	}
	return nil
}

func (l *CachedRecordsLoader) verifyResource(ctx context.Context, st *study, kind resourceKind, one *ResourceVerification, report *VerifyReport) error {
	state, err := l.loadResource(ctx, st.id, kind.name)
	if err != nil {
		return err
	}
	if !state.since.Valid {
		one.LeftOut = notHeld
		return nil
	}
	if err := l.checkResourceCounts(ctx, &state, report); err != nil {
		return err
	}
	rows, able := kind.list(ctx, l.client, st.key, imednet.ListOptions{PageSize: l.cfg.pageSize})
	if !able {
		return errUnable
	}
	most, last := l.cfg.batchRows, any(int64(-maxID))
	if !kind.ascends() {
		most = maxID
	}
	err = batches(rows, most, func(batch []sourceRow) error {
		end := any(afterAll)
		if kind.ascends() {
			end = batch[len(batch)-1].id
		}
		err := l.compareRows(ctx, state.id, last, end, batch, one)
		last = end
		l.cfg.progress(imednet.Progress{Op: "verify", StudyKey: st.key, Done: report.Compared + one.Compared})
		return err
	})
	if err != nil {
		return err
	}
	return l.compareRows(ctx, state.id, last, afterAll, nil, one)
}

// compareRows compares what the server listed between two ids with what is held there.
func (l *CachedRecordsLoader) compareRows(ctx context.Context, resource int64, lo, hi any, listed []sourceRow, one *ResourceVerification) error {
	theirs, err := byID(listed, one.Resource)
	if err != nil {
		return err
	}
	held, err := l.listedRows(ctx, resource, lo, hi)
	if err != nil {
		return err
	}
	one.Compared += int64(len(theirs))
	for _, ours := range held {
		row, known := theirs[ours.id]
		delete(theirs, ours.id)
		switch {
		case !known:
			one.Extra++
			one.example(ours.id)
		case row.payload != string(ours.payload):
			one.Different++
			one.example(ours.id)
		case !sameKey(ours.record, row.record):
			one.misplaced++
			one.example(ours.id)
			one.Equal++
		default:
			one.Equal++
		}
	}
	for _, row := range listed {
		if _, left := theirs[row.id]; left {
			one.Missing++
			one.example(row.id)
		}
	}
	return nil
}

// listedRows returns the rows of a resource between two ids that are held as listed, in ascending id.
func (l *CachedRecordsLoader) listedRows(ctx context.Context, resource int64, lo, hi any) (all []placedRow, err error) {
	err = l.db.look(ctx, func(q querier) error {
		rows, err := q.QueryContext(ctx, `SELECT row_id, payload, record_id FROM imednet_row WHERE resource = ? AND row_id > ? AND row_id <= ? AND state = 0 ORDER BY row_id`,
			resource, l.db.rowID(lo), l.db.rowID(hi))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var row placedRow
			if err := rows.Scan(&row.id, &row.payload, &row.record); err != nil {
				return err
			}
			row.id = l.db.readRowID(row.id)
			all = append(all, row)
		}
		return rows.Err()
	})
	return all, err
}

// placedRow is a row with the record by which it is found.
type placedRow struct {
	storedRow
	record any
}

// byID are rows by their ids, which must not repeat.
func byID(rows []sourceRow, name imednet.Resource) (map[any]sourceRow, error) {
	all := make(map[any]sourceRow, len(rows))
	for _, row := range rows {
		if _, again := all[row.id]; again {
			return nil, fmt.Errorf("%w: an id of %s repeats", imednet.ErrProtocol, name)
		}
		all[row.id] = row
	}
	return all, nil
}

// checkResourceCounts compares the counters of a resource with its rows.
func (l *CachedRecordsLoader) checkResourceCounts(ctx context.Context, state *resourceState, report *VerifyReport) error {
	var listed, vanished int64
	err := l.db.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 2) FROM imednet_row WHERE resource = ?`, state.id).
			Scan(&listed, &vanished)
	})
	if err != nil {
		return err
	}
	if listed != state.listed || vanished != state.vanished {
		report.Findings = append(report.Findings, fmt.Sprintf("%d %s listed and %d vanished where %d and %d should be",
			listed, state.name, vanished, state.listed, state.vanished))
	}
	return nil
}
