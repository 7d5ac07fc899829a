package rest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// Ids say nothing about how many rows lie between them, but rows that were listed can be counted from: a page
// ahead is asked for by the id of one of them and the number of pages to skip from there. That is exact while
// no row in between is removed, and what is wrong then is seen: a page holds every row between its first and
// its last, and it begins with rows that the page before it had.

// ahead is a page in flight, or one that has arrived and waits for its turn.
type ahead[T any] struct {
	place
	held   bool // it waits until what may be missing before it was read
	cancel context.CancelFunc
	result chan pageResult[T]
}

type pageResult[T any] struct {
	page wire.Page[T]
	err  error
	took time.Duration
}

// place is where a page begins.
type place struct {
	row  int   // how many rows of the listing are before it
	rows int   // that it is to have
	from int64 // the bound of its ids
	skip int   // rows from the bound on that are before it
}

// overlap is how many rows two pages of a size share. Each row that is removed between them takes one.
func overlap(size int) int { return max(1, size/125) }

// mostAstray is how many pages in a row may be elsewhere than they should be, or bring nothing, before no
// more are asked for ahead: page numbers do not lead anywhere then.
const mostAstray = 4

// next returns the page that continues the listing at done+1 or before. Until it is called again, what is planned is asked for.
func (w *walk[T]) next() (wire.Page[T], error) {
	w.unplan()
	defer w.plan()
	for {
		w.launch()
		r := w.head()
		first, empty := int64(0), len(r.page.IDs) == 0
		if !empty {
			first = r.page.IDs[0].Number
		}
		switch head := w.queue[0]; {
		case head.skip > 0 && answeredBadly(r.err): // so it is asked for by key
			w.drop()
			w.pace = newPace(1)
		case r.err != nil, head.skip == 0 && head.from <= w.done+1, !empty && first <= w.done+1:
			w.leave(head, r.page)
			return r.page, r.err
		case empty: // behind the end, as it is now
			w.drop()
			w.lookNoFurther()
		default:
			if !head.held {
				w.lookNoFurther()
			}
			head.held = true
			head.result <- r
			return w.read(w.ctx, w.after(imednet.GreaterOrEqual, w.done+1), w.done+1, first-w.done-1)
		}
	}
}

// answeredBadly reports whether the server answered a request with an error, as one might that refuses numbers of pages
// beside a condition on the id.
func answeredBadly(err error) bool { return errors.As(err, new(*imednet.APIError)) }

// head waits for the first page of the queue, and asks for more pages as others arrive.
func (w *walk[T]) head() pageResult[T] {
	head := w.queue[0]
	waited := len(head.result) == 0
	for len(head.result) == 0 {
		<-w.came
		w.launch()
	}
	r := <-head.result
	w.pace.took(r.took, waited)
	return r
}

// leave takes a page that is to be yielded out of the queue.
func (w *walk[T]) leave(head *ahead[T], p wire.Page[T]) {
	head.cancel()
	w.queue = w.queue[1:]
	if head.skip == 0 || head.held {
		return
	}
	if n := len(p.IDs); n > 0 && p.IDs[n-1].Number > w.done {
		w.astray = 0
		return
	}
	w.lookNoFurther()
}

// lookNoFurther notes a page that was not where it should be.
func (w *walk[T]) lookNoFurther() {
	if w.astray++; w.astray >= mostAstray {
		w.pace = newPace(1)
	}
}

// launch asks for pages ahead until enough are in flight for the rows that remain. Fewer than as many more have
// arrived and wait for their turn.
func (w *walk[T]) launch() {
	if len(w.queue) == 0 {
		w.start(place{row: w.listed.rows, rows: int(w.size()), from: w.done + 1})
	}
	for under := w.inFlight(); under < w.pace.now && len(w.queue) < 2*w.pace.now-1; under++ {
		at, wanted := w.behindOf(w.queue[len(w.queue)-1].place)
		if !wanted {
			return
		}
		w.start(at)
	}
}

func (w *walk[T]) inFlight() (under int) {
	for _, a := range w.queue {
		if len(a.result) == 0 {
			under++
		}
	}
	return under
}

// planned are the pages that are asked for while the caller is busy with those that came, each as soon as another one has
// come. As long as there are some, the queue may grow by them.
type planned struct {
	mu     sync.Mutex
	places []place
	most   int // pages in flight
}

// plan notes as many pages as may wait for their turn.
func (w *walk[T]) plan() {
	w.planned.mu.Lock()
	defer w.planned.mu.Unlock()
	if len(w.queue) == 0 {
		return
	}
	w.planned.most = w.pace.now
	last := w.queue[len(w.queue)-1].place
	for len(w.queue)+len(w.planned.places) < 2*w.pace.now-1 {
		at, wanted := w.behindOf(last)
		if !wanted {
			return
		}
		w.planned.places = append(w.planned.places, at)
		last = at
	}
}

// goOn asks for planned pages until enough are in flight.
func (w *walk[T]) goOn() {
	w.planned.mu.Lock()
	defer w.planned.mu.Unlock()
	for len(w.planned.places) > 0 && w.inFlight() < w.planned.most {
		w.start(w.planned.places[0])
		w.planned.places = w.planned.places[1:]
	}
}

// unplan forgets the plan: more is known by now.
func (w *walk[T]) unplan() {
	w.planned.mu.Lock()
	defer w.planned.mu.Unlock()
	w.planned.places = nil
}

// behindOf is the place of the page after another one, unless nothing that is wanted can be there.
func (w *walk[T]) behindOf(last place) (at place, wanted bool) {
	size := int(w.size())
	at = place{row: last.row + last.rows - overlap(last.rows), rows: size}
	beyond := at.row + overlap(last.rows) - w.listed.rows
	if at.row <= last.row || int64(beyond) >= w.remaining || float64(beyond)*w.perRow > float64(w.High-w.done) {
		return at, false
	}
	pages := max(0, (at.row-w.listed.rows+size)/size)
	at.skip = pages * size
	if at.row < at.skip {
		return at, false
	}
	at.from = w.listed.at(at.row - at.skip)
	return at, true
}

// start asks for a page.
func (w *walk[T]) start(at place) {
	ctx, cancel := context.WithCancel(w.ctx)
	a := &ahead[T]{place: at, cancel: cancel, result: make(chan pageResult[T], 1)}
	w.queue = append(w.queue, a)
	filter := w.after(imednet.GreaterOrEqual, at.from)
	w.fetchers.Go(func() {
		began := w.client.clock.Now()
		p, err := w.page(ctx, func() wire.Ask {
			size := int(w.size())
			return wire.Ask{Number: at.skip / size, Size: size, Filter: filter, From: at.from, Rising: true}
		})
		a.result <- pageResult[T]{p, err, w.client.clock.Now().Sub(began)}
		w.goOn()
		select {
		case w.came <- struct{}{}:
		default: // one is enough to have a look
		}
	})
}

// drop gives up the pages in flight, and those that are planned.
func (w *walk[T]) drop() {
	w.unplan()
	for _, a := range w.queue {
		a.cancel()
	}
	w.queue = nil
}
