package cache

import (
	"context"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
)

// maxRounds is how often counts that differ are traced before the run gives up.
const maxRounds = 3

// prove makes sure that the mirror lists exactly what the server lists, up to the greatest id
// held. One count settles a quiet study; then one block is compared in turn. A difference is traced
// by halving.
func (r *run) prove(ctx context.Context) error {
	if !r.server.counts() {
		return r.proveBySweep(ctx)
	}
	for {
		count, err := r.server.countUpTo(ctx, r.st.top)
		if err != nil {
			return err
		}
		if count == 0 && r.st.listed() > 0 {
			return &MassDeletionError{StudyKey: r.st.key, Held: r.st.listed(), Missing: r.st.listed(), Empty: true}
		}
		if count == r.wanted() {
			if changed, err := r.compareInTurn(ctx); err != nil || !changed {
				return err
			}
			continue // what cancelled may have its other half elsewhere
		}
		if err := r.traceDifference(ctx, count); err != nil {
			return err
		}
	}
}

// wanted is how many records the server must list for the mirror to be right.
func (r *run) wanted() int64 { return r.st.listed() - int64(len(r.gone)) }

// traceDifference makes one round of tracing a count that is not the wanted one.
func (r *run) traceDifference(ctx context.Context, count int64) error {
	if r.report.Rounds == maxRounds {
		return ErrUnsettled
	}
	if err := r.guard(int64(len(r.gone))+r.wanted()-count, 0); err != nil {
		return err
	}
	r.report.Rounds++
	t, err := r.newTrace(ctx)
	if err != nil {
		return err
	}
	return t.resolve(ctx, 0, len(t.ends), 0, count)
}

// proveBySweep serves clients that cannot count.
func (r *run) proveBySweep(ctx context.Context) error {
	if r.report.Swept || r.readAll() {
		return nil
	}
	return r.sweep(ctx)
}

// compareInTurn reads the block of records whose turn it is and compares its bytes. Counts do not see
// a loss and a gain that cancel; the blocks do, each within ⌈n/500⌉ + 1 runs for n records (more
// where pages are smaller). It reports whether the mirror changed.
func (r *run) compareInTurn(ctx context.Context) (changed bool, err error) {
	if r.compared || r.report.Swept || r.readAll() {
		return false, nil
	}
	r.compared = true
	left, err := r.loader.readNotes(ctx, r.st.key)
	if err != nil {
		return false, err
	}
	after := left.turn
	if after >= r.st.top {
		after = 0
	}
	before, gone := r.st.version, len(r.gone)
	page, err := r.server.page(ctx, imednet.Where("recordId", imednet.Greater, after), pageRows)
	if err != nil {
		return false, err
	}
	end := coverage(page, r.st.top)
	rows, err := r.storePage(ctx, page.Records)
	if err != nil {
		return false, err
	}
	if err := r.missing(ctx, after, min(end, r.st.top), rows); err != nil {
		return false, err
	}
	if r.turn = end; end >= r.st.top {
		r.turn = 0
	}
	return r.st.version != before || len(r.gone) != gone, nil
}

// trace is one round of tracing a difference: our listed ids cut into blocks of at most a page, by
// rank. ends holds the last id of each block; the last block ends at the greatest id held.
type trace struct {
	run  *run
	ends []int64
	last int64   // ids in the last block
	gone []int64 // the list of what is gone when the round began, ascending
}

// newTrace cuts the listed ids into blocks, with one scan.
func (r *run) newTrace(ctx context.Context) (*trace, error) {
	ends, err := r.loader.queryIDs(ctx, `SELECT record_id FROM (
		SELECT record_id, row_number() OVER (ORDER BY record_id) AS rank FROM imednet_record
		WHERE study = ? AND record_id <= ? AND state < 2) AS ranked WHERE rank % ? = 0`, r.st.id, r.st.top, pageRows)
	if err != nil {
		return nil, err
	}
	t := &trace{run: r, ends: ends, last: r.st.listed() - int64(len(ends)*pageRows), gone: slices.Sorted(maps.Keys(r.gone))}
	if t.last > 0 || len(ends) == 0 {
		t.ends = append(t.ends, r.st.top)
		return t, nil
	}
	t.last = pageRows
	t.ends[len(ends)-1] = r.st.top
	return t, nil
}

// start is the id after which block i begins.
func (t *trace) start(i int) int64 {
	if i == 0 {
		return 0
	}
	return t.ends[i-1]
}

// own is how many listed records blocks i to j-1 should hold.
func (t *trace) own(i, j int) int64 {
	n := int64(j-i) * pageRows
	if j == len(t.ends) {
		n += t.last - pageRows
	}
	return n - int64(upTo(t.gone, t.ends[j-1])-upTo(t.gone, t.start(i)))
}

// resolve makes blocks i to j-1 agree with the server, which lists lo records before them and hi
// up to their end. Each step counts at the middle; the other half follows by subtraction.
func (t *trace) resolve(ctx context.Context, i, j int, lo, hi int64) error {
	if hi-lo == t.own(i, j) {
		return nil
	}
	if j-i == 1 {
		return t.read(ctx, t.start(i), t.ends[i])
	}
	middle := i + (j-i+1)/2
	count, err := t.run.server.countUpTo(ctx, t.ends[middle-1])
	if err != nil {
		return err
	}
	if err := t.resolve(ctx, i, middle, lo, count); err != nil {
		return err
	}
	return t.resolve(ctx, middle, j, count, hi)
}

// read stores the records with ids after lo and up to hi.
func (t *trace) read(ctx context.Context, lo, hi int64) error {
	for lo < hi {
		page, err := t.run.server.page(ctx, imednet.Where("recordId", imednet.Greater, lo), pageRows)
		if err != nil {
			return err
		}
		end := min(hi, coverage(page, hi))
		within := page.Records[:upToRecord(page.Records, hi)]
		rows, err := t.run.storePage(ctx, within)
		if err != nil {
			return err
		}
		if err := t.run.missing(ctx, lo, end, rows); err != nil {
			return err
		}
		lo = end
	}
	return nil
}

// upToRecord returns how many of the records, ascending, have an id of at most x.
func upToRecord(records []imednet.Record, x int64) int {
	i, _ := slices.BinarySearchFunc(records, x+1, func(r imednet.Record, id int64) int { return int(min(max(r.RecordID-id, -1), 1)) })
	return i
}
