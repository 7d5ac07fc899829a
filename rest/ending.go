package rest

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shortfall"
	"github.com/imednetgo/imednet/internal/wire"
)

// A listing of several pages is complete when the server counts, for the caller's own filter, no more
// rows than were listed. A listing that ends before the rows that its replies announced has either
// lost rows to removals, or to a fault that looks like an end. Rows are believed to be gone only on
// evidence that is independent in time and kind: the count is made after a pause and must not be far
// below what was announced, and the server must show nothing behind the last row.

// count asks how many rows match the caller's filter, after a pause.
func (l *listing[T]) count(ctx context.Context, round int, filter imednet.Filter) (int64, error) {
	wait := l.client.policy.wait(round, nil)
	l.client.logger.WarnContext(ctx, "imednet: the listing and what was announced differ, counting the rows",
		"resource", string(l.kind.Resource), "studyKey", l.study, "round", round, "wait", wait)
	if err := l.client.clock.Sleep(ctx, wait); err != nil {
		return 0, fmt.Errorf("imednet: waiting to count rows: %w", err)
	}
	return l.countNow(ctx, filter)
}

// countNow asks how many rows match.
func (l *listing[T]) countNow(ctx context.Context, filter imednet.Filter) (int64, error) {
	p, err := l.page(ctx, func() wire.Ask { return wire.Ask{Size: 1, Filter: filter} })
	return p.Total, err
}

// ended decides whether a walk is complete where it seems to end. A first page that is the last is one
// query. Otherwise the walk goes on when the server counts rows that were not listed, since they may
// stand behind the end that it showed, and fails when they are not found, or when the counts stay far
// below what was announced.
func (w *walk[T]) ended() (finished bool, err error) {
	if !w.begun {
		return true, nil
	}
	if w.counted > 0 && w.seen() >= w.counted {
		return w.settled() // what was counted has been found
	}
	for w.rounds < maxReadings {
		rows, err := w.recount()
		if err != nil {
			return false, err
		}
		if rows > w.seen()+w.entered {
			return w.surplus(rows)
		}
		if !shortfall.FarBelow(rows, w.first) {
			w.odd = w.odd || rows < w.seen()
			return w.settled()
		}
	}
	return false, w.untrusted(imednet.ErrProtocol, fmt.Errorf("%d rows were announced, and the listing ended after %d", max(w.first, w.counted), w.seen()), w.done)
}

// recount counts what the caller's filter matches, after a pause where a reply gave cause for doubt.
func (w *walk[T]) recount() (int64, error) {
	w.rounds++
	if w.rounds == 1 && !w.fell {
		return w.countNow(w.ctx, w.opts.Filter)
	}
	return w.count(w.ctx, w.rounds, w.opts.Filter)
}

// surplus looks for rows that a count found and the listing did not show, among the rows listed and
// then behind them.
func (w *walk[T]) surplus(rows int64) (finished bool, err error) {
	hidden, err := w.hidesRows()
	if err == nil && hidden {
		err = w.trace()
	}
	if err != nil {
		return false, err
	}
	w.counted = rows - w.entered
	if w.done >= w.High || w.seen() >= w.counted {
		return w.ended()
	}
	w.drop()
	w.remaining = 0
	return false, nil
}

// settled ends a walk whose rows are as many as were counted. Where anything changed on the way, a row
// that was lost and one that was removed could cancel, so the parts of the listing are counted as well.
func (w *walk[T]) settled() (finished bool, err error) {
	if w.odd && !w.traced {
		if err := w.trace(); err != nil {
			return false, err
		}
	}
	if !w.fell || w.done >= w.High {
		return true, nil
	}
	return w.behind()
}

// behind looks once more for rows behind the last one, and takes them.
func (w *walk[T]) behind() (finished bool, err error) {
	w.drop()
	p, err := w.read(w.ctx, w.after(imednet.GreaterOrEqual, w.done+1), w.done+1, 0)
	if err != nil || len(p.Rows) == 0 {
		return err == nil, err
	}
	w.fell, w.remaining, w.counted = false, p.Total, w.seen()
	return w.take(p)
}
