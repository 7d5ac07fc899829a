package rest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shortfall"
	"github.com/imednetgo/imednet/internal/wire"
)

// maxPasses bounds how often a listing by offset pages is read.
const maxPasses = 8

// readPasses reads a listing by offset pages. Pages are independent queries over a moving table,
// so a single pass can skip rows without a sign: a removal and an insert cancel in every total.
// Therefore a pass counts only as far as it lists the same ids in the same order as the pass
// before, and only if no id repeats in either and ids rise where they should: a row that stands on
// two pages can hide one that stands on none. Up to there its rows are yielded. Where two passes
// differ, another pair is read, and rows that were yielded already are not repeated. A listing of
// one page is one query and needs no second pass. Only ids are held in memory.
func (l *listing[T]) readPasses(ctx context.Context, p *passes[T]) error {
	p.listing, p.yielded = l, map[wire.RowID]bool{}
	p.rising = wire.Rising(l.kind.Resource, l.opts.Sort)
	for range maxPasses {
		settled, err := p.pass(ctx)
		if settled || err != nil {
			return err
		}
	}
	if p.flaw != nil && !p.clean {
		return l.untrusted(imednet.ErrProtocol, p.flaw, p.last)
	}
	return l.untrusted(imednet.ErrUnstableListing, errors.New("no two successive passes listed the same ids"), 0)
}

type passes[T any] struct {
	*listing[T]
	filter  imednet.Filter
	wanted  func(id int64) bool // selects rows locally
	yield   func(T) bool
	most    int64     // rows that any page announced
	last    int64     // greatest id that was yielded, where ids rise
	started time.Time // the server's time of the first reply

	rising  bool
	size    int
	before  []wire.RowID // the ids of the pass before; nil when there is none, or it was flawed
	several bool         // there was a page behind the first
	clean   bool         // a pass had no flaw
	flaw    error        // what was wrong with the latest flawed pass
	rounds  int          // counts so far
	yielded map[wire.RowID]bool
}

// pass reads all pages once and reports whether the listing is settled. When the size of pages
// changes on the way, page numbers mean other rows and the pass ends.
func (p *passes[T]) pass(ctx context.Context) (settled bool, err error) {
	var ids []wire.RowID
	var flaw error
	seen := map[wire.RowID]bool{}
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
		if p.started.IsZero() {
			p.started = pg.ServerTime
		}
		p.several = p.several || number > 0
		p.most = max(p.most, pg.Total)
		if flaw == nil {
			flaw = p.flawOf(pg.IDs, ids, seen)
		}
		ids = append(ids, pg.IDs...)
		agrees = agrees && flaw == nil && len(ids) <= len(p.before) && slices.Equal(pg.IDs, p.before[len(ids)-len(pg.IDs):len(ids)])
		whole := number == 0 && pg.Last() && !p.several && p.before == nil && (len(pg.Rows) < pg.Size || pg.Size == 1)
		if agrees || whole {
			if err := p.yieldNew(pg); err != nil {
				return false, err
			}
		}
		if pg.Last() {
			settled = whole || agrees && len(ids) == len(p.before)
			p.note(ids, flaw)
			if settled && int64(len(ids)) < p.most {
				return p.confirm(ctx, int64(len(ids)))
			}
			return settled, nil
		}
	}
}

// flawOf compares the ids of a page with those of the pages before it in the same pass.
func (p *passes[T]) flawOf(page, before []wire.RowID, seen map[wire.RowID]bool) error {
	if p.rising {
		if len(page) > 0 && len(before) > 0 && page[0].Number <= before[len(before)-1].Number {
			return errors.New("ids repeat or fall from one page to the next")
		}
		return nil
	}
	for _, id := range page {
		if seen[id] {
			return errors.New("an id stands on two pages")
		}
		seen[id] = true
	}
	return nil
}

// note keeps what the next pass is compared with.
func (p *passes[T]) note(ids []wire.RowID, flaw error) {
	if flaw != nil {
		p.before, p.flaw = nil, flaw
		return
	}
	p.before, p.clean = append([]wire.RowID{}, ids...), true
}

// read reads one page; only the first may become smaller on its own, since page numbers mean other
// rows with another size.
func (p *passes[T]) read(ctx context.Context, number int) (wire.Page[T], error) {
	return p.page(ctx, func() wire.Ask {
		if number == 0 {
			p.size = p.sizes.rows(p.opts.PageSize)
		}
		return wire.Ask{Number: number, Size: p.size, Filter: p.filter, Rising: p.rising}
	})
}

// confirm decides whether two passes that listed the same rows, though fewer than were announced,
// are to be believed.
func (p *passes[T]) confirm(ctx context.Context, listed int64) (settled bool, err error) {
	if p.rounds++; p.rounds > maxReadings {
		return false, p.untrusted(imednet.ErrProtocol, fmt.Errorf("%d rows were announced, and the listing ended after %d", p.most, listed), 0)
	}
	rows, err := p.count(ctx, p.rounds, p.filter)
	return rows == listed && !shortfall.FarBelow(rows, p.most), err
}

// yieldNew yields the rows of a page that were not yielded yet. A row whose place in ascending ids has
// passed is an error, unless it came into the listing meanwhile.
func (p *passes[T]) yieldNew(pg wire.Page[T]) error {
	for i, row := range pg.Rows {
		id := pg.IDs[i]
		if p.yielded[id] || !p.wanted(id.Number) {
			continue
		}
		p.yielded[id] = true
		if p.rising && id.Number <= p.last {
			if p.cameAfter(&row, p.started) {
				continue
			}
			return p.untrusted(imednet.ErrProtocol, errHidden, p.last)
		}
		p.last = id.Number
		if !p.yield(row) {
			return errStopped
		}
	}
	return nil
}
