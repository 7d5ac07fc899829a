package rest

import (
	"errors"

	"github.com/imednetgo/imednet"
)

// maxParts bounds into how many parts a listing is cut to be compared with counts.
const maxParts = 64

// errHidden means that the server has rows among those listed that it did not show.
var errHidden = errors.New("the server did not show rows that stand between those listed")

// upTo counts the rows with an id of at most x, under the caller's other conditions.
func (w *walk[T]) upTo(x int64) (int64, error) {
	if x < 1 {
		return 0, nil
	}
	return w.countNow(w.ctx, w.after(imednet.LessOrEqual, x))
}

// within counts the rows with ids from lo to hi.
func (w *walk[T]) within(lo, hi int64) (int64, error) {
	below, err := w.upTo(lo - 1)
	if err != nil {
		return 0, err
	}
	rows, err := w.upTo(hi)
	return rows - below, err
}

// hidesRows reports whether the server counts more rows up to where the listing has come than were
// listed.
func (w *walk[T]) hidesRows() (bool, error) {
	rows, err := w.within(w.Low, w.done)
	return rows > w.seen()+w.entered, err
}

// trace compares the parts of the listing with counts and reads a part again where the server has
// more rows than were listed. It fails if one of those rows must have been there all the time: it can
// no longer be yielded in its place.
func (w *walk[T]) trace() error {
	w.traced, w.entered = true, 0
	rows := w.listed.rows
	part := max(int(w.size()), (rows+maxParts-1)/maxParts)
	lo, below, err := w.Low, int64(0), error(nil)
	if below, err = w.upTo(lo - 1); err != nil {
		return err
	}
	for at := 0; at < rows; at += part {
		end, hi := min(at+part, rows), w.done
		if end < rows {
			hi = w.listed.at(end - 1)
		}
		upTo, err := w.upTo(hi)
		if err != nil {
			return err
		}
		if upTo-below > int64(end-at) {
			if err := w.compare(lo, hi, end-at); err != nil {
				return err
			}
		}
		lo, below = hi+1, upTo
	}
	return nil
}

// compare reads the rows with ids from lo to hi again, of which some were listed, until they explain
// what the server counts.
func (w *walk[T]) compare(lo, hi int64, listed int) error {
	for range maxReadings {
		entered, err := w.entries(lo, hi)
		if err != nil {
			return err
		}
		rows, err := w.within(lo, hi)
		if err != nil {
			return err
		}
		if rows <= int64(listed)+entered {
			w.entered += entered
			return nil
		}
	}
	return w.untrusted(imednet.ErrProtocol, errHidden, lo)
}

// entries counts the rows with ids from lo to hi that were not listed, and fails at one that the
// listing should have had.
func (w *walk[T]) entries(lo, hi int64) (entered int64, err error) {
	for lo <= hi {
		p, err := w.read(w.ctx, w.after(imednet.GreaterOrEqual, lo), lo, 0)
		if err != nil || len(p.Rows) == 0 {
			return entered, err
		}
		for i := range p.Rows {
			id := p.IDs[i].Number
			if id > hi {
				return entered, nil
			}
			if w.listed.has(id) {
				continue
			}
			if id != w.Except && !w.cameAfter(&p.Rows[i], w.started) {
				return entered, w.untrusted(imednet.ErrProtocol, errHidden, lo)
			}
			entered++
		}
		if p.Last() {
			return entered, nil
		}
		lo = p.IDs[len(p.IDs)-1].Number + 1
	}
	return entered, nil
}
