package cache

import (
	"context"

	"github.com/imednetgo/imednet"
)

// newRows is the first leg, alone on the wire: records with a greater id than the greatest held,
// whatever their date. The server's time of its first answer is the run's ceiling: what the run
// holds of later changes is not relied upon.
func (r *run) newRows(ctx context.Context) error {
	r.oldTop = r.st.top
	page, err := r.server.page(ctx, imednet.Where("recordId", imednet.Greater, r.st.top), pageRows)
	if err != nil {
		return err
	}
	if r.asOf, r.ceiling = page.ServerTime, page.ServerTime; r.ceiling.IsZero() {
		r.ceiling = r.loaded.modified
	}
	r.nothingNew = page.Total == 0
	return r.storeNew(ctx, page)
}

// overlookedRows is the first leg once more, where revisions from before its answer name records that the
// answer left out, or where the keys may not read revisions and the answer was that nothing is new. No
// count tells of those: counts end at the greatest id held.
func (r *run) overlookedRows(ctx context.Context) error {
	if !r.overlooked {
		return nil
	}
	page, err := r.server.page(ctx, imednet.Where("recordId", imednet.Greater, r.st.top), pageRows)
	if err != nil {
		return err
	}
	return r.storeNew(ctx, page)
}

// storeNew stores new records: those of a page, and those behind it.
func (r *run) storeNew(ctx context.Context, page imednet.RecordPage) error {
	r.total = r.report.Received + page.Total
	store := func(ctx context.Context, rows []row) error {
		r.dated += int64(len(rows))
		return r.store(ctx, rows, func(st *study) { st.top = rows[len(rows)-1].id })
	}
	expected := r.announce(page)
	if err := r.consume(ctx, recordsOf(page), 0, store); err != nil || int64(len(page.Records)) == page.Total {
		return err
	}
	if err := r.consume(ctx, r.server.recordsAfter(ctx, r.st.top, imednet.Filter{}), 0, store); err != nil {
		return err
	}
	return r.arrived(expected)
}

// changedRows is the date leg: records up to the greatest id held before this run whose
// dateModified lies at or after the mark less the overlap.
func (r *run) changedRows(ctx context.Context) error {
	if r.oldTop == 0 {
		return nil
	}
	if r.st.mark.IsZero() {
		if !r.server.counts() {
			return nil // such a run ends in a sweep
		}
		return r.sweep(ctx)
	}
	since := imednet.Where("dateModified", imednet.GreaterOrEqual, r.st.mark.Add(-r.loader.cfg.overlap))
	page, err := r.server.page(ctx, since.And("recordId", imednet.LessOrEqual, r.oldTop), pageRows)
	if err != nil {
		return err
	}
	store := func(ctx context.Context, rows []row) error {
		r.dated += int64(len(rows))
		return r.store(ctx, rows, stay)
	}
	expected := r.announce(page)
	if err := r.consume(ctx, recordsOf(page), r.oldTop, store); err != nil || int64(len(page.Records)) == page.Total {
		return err
	}
	r.total = r.report.Received + page.Total - int64(len(page.Records))
	last := page.Records[len(page.Records)-1].RecordID
	if err := r.consume(ctx, r.server.recordsAfter(ctx, last, since), r.oldTop, store); err != nil {
		return err
	}
	return r.arrived(expected)
}

// sweep reads every record up to the greatest id held. What the server does not return is gone.
func (r *run) sweep(ctx context.Context) error {
	r.total = r.report.Received + r.st.listed()
	var last int64
	each := func(ctx context.Context, rows []row) error {
		end := rows[len(rows)-1].id
		if err := r.missing(ctx, last, end, rows); err != nil {
			return err
		}
		last = end
		return r.store(ctx, rows, stay)
	}
	if err := r.consume(ctx, r.server.recordsAfter(ctx, 0, imednet.Filter{}), r.st.top, each); err != nil {
		return err
	}
	r.report.Swept = true
	return r.missing(ctx, last, r.st.top, nil)
}

// missing adds to the list of what is gone: records held as listed, with ids after lo and up to
// hi, that are not among the rows which the server returned for that range.
func (r *run) missing(ctx context.Context, lo, hi int64, returned []row) error {
	found := make(map[int64]bool, len(returned))
	for _, one := range returned {
		found[one.id] = true
	}
	ids, err := r.loader.queryIDs(ctx, `SELECT record_id FROM imednet_record
		WHERE study = ? AND record_id > ? AND record_id <= ? AND state < 2`, r.st.id, lo, hi)
	for _, id := range ids {
		if !found[id] {
			r.gone[id] = true
		}
	}
	return err
}

// queryIDs returns the first column of a query.
func (l *CachedRecordsLoader) queryIDs(ctx context.Context, query string, args ...any) (ids []int64, err error) {
	err = l.db.look(ctx, func(q querier) (err error) {
		ids, err = queryIDs(ctx, q, query, args...)
		return err
	})
	return ids, err
}

func queryIDs(ctx context.Context, q querier, query string, args ...any) ([]int64, error) {
	return queryColumn[int64](ctx, q, query, args...)
}

func queryColumn[T any](ctx context.Context, q querier, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var one T
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
