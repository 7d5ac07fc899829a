package cache

import (
	"context"

	"github.com/imednetgo/imednet"
)

// newestRevisions finds where the audit trail ends, before the first page of records is read. The
// API lists revisions in ascending order only, so the end is looked for: where the number of the
// revisions that are left says it should be, at least by strides that double, and halfway back where that
// was behind it. A trail of even ids costs five or six requests. Without the ability to count, it is two
// requests for each doubling of the trail's length, at most.
func (r *run) newestRevisions(ctx context.Context) (position, error) {
	e := trailEnd{server: r.server, beyond: -1, stride: pageRows}
	for after := int64(0); ; {
		ids, err := r.server.revisionPage(ctx, after)
		switch {
		case err != nil:
			return position{}, err
		case len(ids) == 0 && after == e.last:
			return r.positionAt(ctx, after)
		case len(ids) > 0 && len(ids) < pageRows:
			return r.positionFrom(ctx, after, ids)
		}
		if after, err = e.next(ctx, after, ids); err != nil {
			return position{}, err
		}
	}
}

// positionFrom is the position after the last revisions, which are those after an id.
func (r *run) positionFrom(ctx context.Context, after int64, ids []int64) (position, error) {
	newest := ids[len(ids)-1]
	if after <= max(0, newest-revisionWindow) {
		return newPosition(ids), nil
	}
	return r.positionAt(ctx, newest)
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

// trailEnd is a search for the last revision.
type trailEnd struct {
	server *server
	last   int64 // greatest id read
	left   int64 // revisions behind it; 0 while they were not counted
	beyond int64 // an id behind which there was nothing; -1 while none is known
	stride int64
}

// lastRows is how many revisions the page that ends the search is meant to have: not quite a full one, and
// as many as the window needs.
const lastRows = pageRows * 7 / 8

// next returns the id after which to read, when what was read after an id was a full page or nothing.
func (e *trailEnd) next(ctx context.Context, after int64, ids []int64) (int64, error) {
	if len(ids) == 0 {
		e.beyond = after
		return e.halfway(), nil
	}
	known := e.last
	if e.last = max(known, ids[len(ids)-1]); e.last == known {
		return e.last, nil // more rows than were counted
	}
	target := e.last + e.stride
	left, counted, err := e.server.countRevisions(ctx, e.last)
	if err != nil {
		return 0, err
	}
	if counted {
		guess := e.last + int64(float64(left-lastRows)*e.perRow(known, left, ids))
		if e.left = left; left < pageRows {
			return max(guess, 0), nil
		}
		target = max(target, guess)
	}
	e.stride *= 2
	if e.beyond >= 0 && target >= e.beyond {
		return e.halfway(), nil
	}
	return target, nil
}

// perRow is how many ids there are to a revision: between the last two counts, or else in a page.
func (e *trailEnd) perRow(known, left int64, ids []int64) float64 {
	if rows := e.left - left; rows >= pageRows {
		return float64(e.last-known) / float64(rows)
	}
	return float64(e.last-ids[0]+1) / float64(len(ids))
}

// halfway is between the last revision known and where there was none. The last page that was read before
// the end is full, so its own end is looked at in the end.
func (e *trailEnd) halfway() int64 {
	if e.beyond-e.last <= pageRows {
		return e.last
	}
	return e.last + (e.beyond-e.last)/2
}

// countRevisions counts the revisions with a greater id, if the client can.
func (s *server) countRevisions(ctx context.Context, after int64) (rows int64, counted bool, err error) {
	prober, able := s.client.(imednet.RowProber)
	if !able {
		return 0, false, nil
	}
	probe, err := prober.ProbeRows(ctx, s.study, imednet.RecordRevisions, imednet.Where("recordRevisionId", imednet.Greater, after))
	return probe.Total, true, err
}
