package rest

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// A listing that ends before the rows that its replies announced has either lost rows to removals,
// or to a fault that looks like an end. Rows are believed to be gone only on evidence that is
// independent in time and kind: after a pause, the server must count no more rows for the caller's
// own filter than were listed, and not far fewer than it announced, and it must show nothing behind
// the last row.

// count asks how many rows match the caller's filter, after a pause.
func (l *listing[T]) count(ctx context.Context, round int, filter imednet.Filter) (int64, error) {
	wait := l.client.policy.wait(round, nil)
	l.client.logger.WarnContext(ctx, "imednet: the listing ends before all announced rows, counting them",
		"resource", string(l.kind.Resource), "studyKey", l.study, "round", round, "wait", wait)
	if err := l.client.clock.Sleep(ctx, wait); err != nil {
		return 0, fmt.Errorf("imednet: waiting to count rows: %w", err)
	}
	p, err := l.page(ctx, func() wire.Ask { return wire.Ask{Size: 1, Filter: filter} })
	return p.Total, err
}

// farBelow reports whether rows have vanished in a number that removals do not explain: more than
// a fifth of them while one listing ran.
func farBelow(rows, announced int64) bool { return (announced-rows)*5 > announced }

// ended decides whether a walk is complete where it seems to end. It goes on when the server counts
// rows that were not listed, since they may stand behind the end that it showed, and fails when the
// counts stay far below what was announced.
func (w *walk[T]) ended() (finished bool, err error) {
	switch {
	case !w.fell:
		return true, nil
	case w.counted > 0 && w.seen >= w.counted:
		return w.behind() // what was counted has been found
	}
	for w.rounds < maxReadings {
		w.rounds++
		rows, err := w.count(w.ctx, w.rounds, w.opts.Filter)
		switch {
		case err != nil:
			return false, err
		case rows > w.seen:
			w.drop()
			w.counted, w.remaining = rows, 0
			return false, nil
		case !farBelow(rows, w.first):
			return w.behind()
		}
	}
	return false, w.untrusted(imednet.ErrProtocol, fmt.Errorf("%d rows were announced, and the listing ended after %d", w.first, w.seen), w.done)
}

// behind looks once more for rows behind the last one, and takes them.
func (w *walk[T]) behind() (finished bool, err error) {
	if w.done >= w.High {
		return true, nil
	}
	w.drop()
	p, err := w.read(w.ctx, w.after(imednet.GreaterOrEqual, w.done+1), w.done+1, 0)
	if err != nil || len(p.Rows) == 0 {
		return err == nil, err
	}
	w.fell, w.remaining = false, p.Total
	return w.take(p)
}
