package cache

import (
	"context"
	"errors"

	"github.com/imednetgo/imednet"
)

// firstPass reads every record once, in ascending id. Before its first page it notes the newest
// revision and, with that page, the server's time; both are stored with the first batch and
// survive every resumption, so that the legs which follow find all that changed meanwhile. A pass
// that was cut short goes on after the greatest id held.
func (r *run) firstPass(ctx context.Context) error {
	start := position{revision: r.st.revision, seen: r.st.seen}
	if r.st.phase == phaseNew {
		var err error
		start, err = r.newestRevisions(ctx)
		if errors.Is(err, imednet.ErrForbidden) {
			start, err = position{}, nil // the records' own listing says whether the study may be read
		}
		if err != nil {
			return err
		}
	}
	r.report.Resumed = r.st.phase == phaseFirst
	page, err := r.firstPage(ctx)
	if err != nil {
		return err
	}
	r.asOf, r.ceiling = page.ServerTime, page.ServerTime
	r.total = page.Total
	if r.st.phase == phaseNew {
		if err := r.loader.db.deferSearch(ctx, r.st.key, page.Total); err != nil {
			return err
		}
	}
	advance := func(rows []row) func(*study) {
		return func(st *study) {
			if st.phase == phaseNew {
				st.phase, st.mark, st.revision, st.seen = phaseFirst, r.ceiling, start.revision, start.seen
			}
			if len(rows) > 0 {
				st.top = rows[len(rows)-1].id
			}
		}
	}
	store := func(ctx context.Context, rows []row) error {
		r.dated += int64(len(rows))
		return r.store(ctx, rows, advance(rows))
	}
	expected := r.announce(page)
	if err := r.consume(ctx, recordsOf(page), 0, store); err != nil {
		return err
	}
	if int64(len(page.Records)) == page.Total {
		if r.st.phase == phaseNew {
			return store(ctx, nil)
		}
		return nil
	}
	if err := r.consume(ctx, r.server.recordsAfter(ctx, r.st.top, imednet.Filter{}), 0, store); err != nil {
		return err
	}
	return r.arrived(expected)
}

// firstPage reads the page that a pass begins or goes on with. A study that has not one record is
// asked again: a server in trouble answers like that too, and later runs compare with what is held,
// which would be nothing.
func (r *run) firstPage(ctx context.Context) (imednet.RecordPage, error) {
	for asked := 1; ; asked++ {
		page, err := r.server.page(ctx, imednet.Where("recordId", imednet.Greater, r.st.top), pageRows)
		if err != nil || page.Total > 0 || r.st.listed() > 0 || asked == maxRounds {
			return page, err
		}
	}
}

// newestRevisions finds where the audit trail ends, before the first page of records is read. The
// API lists revisions in ascending order only, so the end is found by strides that double, and
// halve again behind it: two requests for each doubling of the trail's length, at most.
func (r *run) newestRevisions(ctx context.Context) (position, error) {
	last, beyond, stride := int64(0), int64(-1), int64(pageRows)
	for after := int64(0); ; {
		ids, err := r.server.revisionPage(ctx, after)
		if err != nil {
			return position{}, err
		}
		switch {
		case len(ids) == pageRows:
			last = ids[len(ids)-1]
		case len(ids) > 0:
			return r.positionAt(ctx, ids[len(ids)-1])
		case after == last:
			return r.positionAt(ctx, last)
		default:
			beyond = after
		}
		if beyond < 0 {
			after, stride = last+stride, 2*stride
			continue
		}
		// The last page tried before the end is full, so its own end is looked at in the end.
		if after = last + (beyond-last)/2; beyond-last <= pageRows {
			after = last
		}
	}
}

// positionAt reads which revisions of the window before newest are there now.
func (r *run) positionAt(ctx context.Context, newest int64) (position, error) {
	if newest == 0 {
		return position{}, nil
	}
	ids, err := r.server.revisionPage(ctx, max(0, newest-revisionWindow))
	if err != nil {
		return position{}, err
	}
	return newPosition(ids), nil
}

// recordsOf lists the records of a page.
func recordsOf(page imednet.RecordPage) func(func(imednet.Record, error) bool) {
	return func(yield func(imednet.Record, error) bool) {
		for _, rec := range page.Records {
			if !yield(rec, nil) {
				return
			}
		}
	}
}
