package rest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// maxPasses bounds how often a listing by offset pages is read.
const maxPasses = 8

// readPasses reads a listing by offset pages. Pages are independent queries over a moving table,
// so a single pass can skip rows without a sign: a removal and an insert cancel in every total.
// Therefore a pass counts only as far as it lists the same ids in the same order as the pass
// before; up to there its rows are yielded. Where two passes differ, another pair is read, and
// rows that were yielded already are not repeated. A listing of one page is one query and needs
// no second pass. Only ids are held in memory.
//
// wanted selects rows locally; announced is how many rows the server is known to have had.
func (l *listing[T]) readPasses(ctx context.Context, filter imednet.Filter, announced int64, wanted, yield func(T) bool) error {
	p := &passes[T]{
		listing: l, filter: filter, most: announced, yielded: map[wire.RowID]bool{},
		yield: func(row T) bool { return !wanted(row) || yield(row) },
	}
	for range maxPasses {
		settled, err := p.pass(ctx)
		if settled || err != nil {
			return err
		}
	}
	return l.untrusted(imednet.ErrUnstableListing, errors.New("no two successive passes listed the same ids"), 0)
}

type passes[T any] struct {
	*listing[T]
	filter  imednet.Filter
	yield   func(T) bool
	size    int
	before  []wire.RowID // the ids of the pass before; nil when there is none
	most    int64        // rows that any page announced
	rounds  int          // counts so far
	yielded map[wire.RowID]bool
}

// pass reads all pages once and reports whether the listing is settled. When the size of pages
// changes on the way, page numbers mean other rows and the pass ends.
func (p *passes[T]) pass(ctx context.Context) (settled bool, err error) {
	var ids []wire.RowID
	agrees := p.before != nil
	for number := 0; ; number++ {
		pg, err := p.read(ctx, number)
		if number > 0 && mayBeTooLarge(err) && p.size > 1 {
			p.sizes.tooLarge(p.size, p.size/2)
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if pg.Size != p.size {
			p.size = pg.Size
			if number > 0 {
				return false, nil
			}
		}
		p.most = max(p.most, pg.Total)
		ids = append(ids, pg.IDs...)
		agrees = agrees && len(ids) <= len(p.before) && slices.Equal(pg.IDs, p.before[len(ids)-len(pg.IDs):len(ids)])
		whole := number == 0 && pg.Last(0) && p.before == nil && (len(pg.Rows) < pg.Size || pg.Size == 1)
		if (agrees || whole) && !p.yieldNew(pg) {
			return false, errStopped
		}
		if pg.Last(number) {
			settled = whole || agrees && len(ids) == len(p.before)
			p.before = slices.Concat([]wire.RowID{}, ids)
			if settled && int64(len(ids)) < p.most {
				return p.confirm(ctx, int64(len(ids)))
			}
			return settled, nil
		}
	}
}

// read reads one page; only the first may become smaller on its own, since page numbers mean other
// rows with another size.
func (p *passes[T]) read(ctx context.Context, number int) (wire.Page[T], error) {
	return p.page(ctx, func() wire.Ask {
		if number == 0 {
			p.size = p.sizes.rows(p.opts.PageSize)
		}
		return wire.Ask{Number: number, Size: p.size, Filter: p.filter, Rising: wire.Rising(p.kind.Resource, p.opts.Sort)}
	})
}

// confirm decides whether two passes that listed the same rows, though fewer than were announced,
// are to be believed.
func (p *passes[T]) confirm(ctx context.Context, listed int64) (settled bool, err error) {
	if p.rounds++; p.rounds > maxReadings {
		return false, p.untrusted(imednet.ErrProtocol, fmt.Errorf("%d rows were announced, and the listing ended after %d", p.most, listed), 0)
	}
	rows, err := p.count(ctx, p.rounds, p.filter)
	return rows == listed && !farBelow(rows, p.most), err
}

func (p *passes[T]) yieldNew(pg wire.Page[T]) bool {
	for i, row := range pg.Rows {
		if p.yielded[pg.IDs[i]] {
			continue
		}
		p.yielded[pg.IDs[i]] = true
		if !p.yield(row) {
			return false
		}
	}
	return true
}
