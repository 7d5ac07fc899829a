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
// held. One count settles a quiet study, a second one at a bound that wanders with the server's
// time finds, sooner or later, a loss and a gain that cancel. A difference is traced by halving.
func (r *run) prove(ctx context.Context) error {
	if !r.server.counts() {
		return r.proveBySweep(ctx)
	}
	for {
		count, err := r.server.countUpTo(ctx, r.st.top)
		if err != nil {
			return err
		}
		want := r.st.listed() - int64(len(r.gone))
		if count == 0 && r.st.listed() > 0 {
			return &MassDeletionError{StudyKey: r.st.key, Held: r.st.listed(), Missing: r.st.listed(), Empty: true}
		}
		if count == want && r.report.Rounds > 0 {
			return nil
		}
		if count == want {
			return r.wanderingBound(ctx, count)
		}
		if r.report.Rounds == maxRounds {
			return ErrUnsettled
		}
		if err := r.guard(int64(len(r.gone)) + want - count); err != nil {
			return err
		}
		r.report.Rounds++
		t, err := r.newTrace(ctx)
		if err != nil {
			return err
		}
		if err := t.resolve(ctx, 0, len(t.ends), 0, count); err != nil {
			return err
		}
	}
}

// proveBySweep serves clients that cannot count.
func (r *run) proveBySweep(ctx context.Context) error {
	if r.report.Swept || r.readAll() {
		return nil
	}
	return r.sweep(ctx)
}

// wanderingBound compares one count inside the range that agreed as a whole, at a rank that is the
// end of a block where there is more than one.
func (r *run) wanderingBound(ctx context.Context, total int64) error {
	listed := r.st.listed()
	step, choices := int64(pageRows), (listed-1)/pageRows
	if choices == 0 {
		step, choices = 1, listed-1
	}
	if choices < 1 {
		return nil
	}
	rank := step * (1 + int64(scatter(r.ceiling.Unix())%uint64(choices)))
	var x int64
	err := r.loader.db.Reader().QueryRowContext(ctx, `SELECT record_id FROM imednet_record
		WHERE study = ? AND record_id <= ? AND state < 2 ORDER BY record_id LIMIT 1 OFFSET ?`, r.st.id, r.st.top, rank-1).Scan(&x)
	if err != nil {
		return err
	}
	count, err := r.server.countUpTo(ctx, x)
	if err != nil {
		return err
	}
	t := &trace{run: r, gone: slices.Sorted(maps.Keys(r.gone))}
	if count == rank-int64(upTo(t.gone, x)) {
		return nil
	}
	r.report.Rounds++
	if step == 1 {
		err = t.read(ctx, 0, r.st.top)
	} else {
		err = r.traceFrom(ctx, int(rank/pageRows), count, total)
	}
	if err != nil {
		return err
	}
	return r.prove(ctx)
}

// traceFrom traces both sides of the end of block i, up to which the server lists count records.
func (r *run) traceFrom(ctx context.Context, i int, count, total int64) error {
	t, err := r.newTrace(ctx)
	if err != nil {
		return err
	}
	if err := t.resolve(ctx, 0, i, 0, count); err != nil {
		return err
	}
	return t.resolve(ctx, i, len(t.ends), count, total)
}

// scatter spreads successive numbers over all of uint64.
func scatter(n int64) uint64 { return uint64(n) * 0x9e3779b97f4a7c15 >> 1 }

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
	ends, err := queryIDs(ctx, r.loader.db.Reader(), `SELECT record_id FROM (
		SELECT record_id, row_number() OVER (ORDER BY record_id) AS rank FROM imednet_record
		WHERE study = ? AND record_id <= ? AND state < 2) WHERE rank % ? = 0`, r.st.id, r.st.top, pageRows)
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
		end := hi
		if len(page.Records) == pageRows {
			end = min(hi, page.Records[pageRows-1].RecordID)
		}
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
