package rest

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// walk reads a listing by key: id>LAST in ascending id, page 0, again and again. Rows that are
// edited meanwhile do not move, new ones land at the end and a removed one shifts nothing, so no
// row that exists throughout can be skipped.
//
// The first page is asked for alone: a caller who needs no more costs one request, and so do bad
// keys. After it, pages are asked for ahead (see ahead.go), each from a few rows before the end of the one
// before it on. Rows that were yielded already are dropped. A page that does not reach back to them, since rows
// were removed meanwhile, has to wait until what may be missing was read by key.
type walk[T any] struct {
	*listing[T]
	wire.Span
	ctx   context.Context
	yield func(T) bool

	begun     bool    // the first page was read
	done      int64   // every wanted row up to this id was yielded
	remaining int64   // rows beyond done, as the newest reply counted them
	perRow    float64 // ids to a row in the newest page

	pace     pace
	queue    []*ahead[T] // in ascending order of their rows
	planned  planned
	came     chan struct{}
	astray   int // pages in a row that were not where they should be
	fetchers sync.WaitGroup

	listed  idList    // the ids of the rows so far
	started time.Time // the server's time of the first reply
	alike   bool      // the newest reply counted rows without the caller's condition on the id
	first   int64     // most rows that a reply announced
	fell    bool      // a reply announced fewer rows than the one before it
	odd     bool      // a reply announced another number of rows than the one before it
	traced  bool      // the rows so far were compared with counts
	entered int64     // rows that came into the listing behind its back
	counted int64     // rows that a count found when the listing seemed to end
	rounds  int       // counts so far
}

func (w *walk[T]) run() error {
	w.done = w.Low - 1
	if w.Low > w.High {
		return nil
	}
	w.pace, w.came = newPace(w.client.lookAhead), make(chan struct{}, 1)
	defer w.fetchers.Wait()
	defer w.drop()
	p, err := w.read(w.ctx, w.opts.Filter, w.Low, 0)
	for err == nil {
		var finished bool
		if !w.begun {
			w.started = p.ServerTime
		}
		if !w.begun || w.unbounded() {
			w.first = max(w.first, p.Total)
		}
		came := w.client.clock.Now()
		finished, err = w.take(p)
		w.pace.used(w.client.clock.Now().Sub(came))
		w.begun = true
		if finished || err != nil {
			return err
		}
		p, err = w.next()
	}
	return err
}

// take yields the rows of a page that were not yielded yet, and reports whether the listing has
// ended. A full page that calls itself the last against what was announced, or with nothing before it,
// is followed by a look behind it.
func (w *walk[T]) take(p wire.Page[T]) (finished bool, err error) {
	expected := w.remaining
	for i, row := range p.Rows {
		id := p.IDs[i].Number
		if id <= w.done {
			continue
		}
		if id > w.High {
			w.done = w.High
			return w.ended()
		}
		if id != w.Except {
			w.listed.add(id)
			if !w.yield(row) {
				return false, errStopped
			}
		}
		w.done = id
		expected--
	}
	n := len(p.Rows)
	if n > 0 {
		w.perRow = float64(p.IDs[n-1].Number-p.IDs[0].Number+1) / float64(n)
	}
	w.remaining = p.Behind()
	if w.alike {
		w.fell = w.fell || expected > w.remaining
		w.odd = w.odd || expected != w.remaining
	}
	w.alike = w.begun || w.unbounded()
	w.memory.Keep(p)
	if w.done >= w.High || p.Last() && (n < p.Size || n <= 1 || w.begun && expected == 0) {
		return w.ended()
	}
	return false, nil
}

// after is the caller's filter with its condition on the id replaced.
func (w *walk[T]) after(op imednet.Operator, id int64) imednet.Filter {
	return w.Others.And(w.kind.Resource.ID(), op, id)
}

// size is how many rows a page is asked for.
func (w *walk[T]) size() int64 { return int64(w.sizes.rows(w.opts.PageSize)) }

// read reads the page of rows that match, of at most limit rows (0 is the page size).
func (w *walk[T]) read(ctx context.Context, filter imednet.Filter, from, limit int64) (wire.Page[T], error) {
	return w.page(ctx, func() wire.Ask {
		rows := w.size()
		if limit > 0 {
			rows = min(rows, limit)
		}
		return wire.Ask{Size: int(rows), Filter: filter, From: from, Rising: true}
	})
}

// unbounded reports whether the first reply counts rows as the later ones do: they go without the
// upper bound of the caller's filter, and without an id that it leaves out.
func (w *walk[T]) unbounded() bool { return w.High == math.MaxInt64 && w.Except == 0 }

// seen is the number of rows so far, as the caller's filter counts them.
func (w *walk[T]) seen() int64 { return int64(w.listed.rows) }

// refused reports whether err is the server's refusal of a condition on the id.
func (w *walk[T]) refused(err error) bool {
	conditioned := w.begun || len(w.Others.Conditions()) < len(w.opts.Filter.Conditions())
	return conditioned && errors.Is(err, imednet.ErrBadRequest)
}
