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
