package cache_test

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// tableClient is a server of which a test can say exactly what it lists: rows that lag behind their
// revisions, revisions that appear late, records that come and go.
type tableClient struct {
	records   []imednet.Record // ascending
	revisions []imednet.RecordRevision
	now       time.Time
	requests  int
}

var tableStart = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func newTable(t *testing.T, n int64) *tableClient {
	c := &tableClient{now: tableStart.Add(24 * time.Hour)}
	for id := range n {
		c.set(t, 10*(id+1), "v1", false, tableStart)
		c.revise(t, 10*(id+1), false, tableStart)
	}
	return c
}

// set puts a record of this content into its place.
func (c *tableClient) set(t *testing.T, id int64, value string, deleted bool, modified time.Time) {
	rec, err := imednet.Decode[imednet.Record](fmt.Appendf(nil, `{"recordId":%d,"formKey":"AE","deleted":%t,"dateModified":%q,"recordData":{"V":%q}}`,
		id, deleted, imednet.NewTime(modified), value))
	require.NoError(t, err)
	i, found := c.find(id)
	if found {
		c.records[i] = rec
		return
	}
	c.records = slices.Insert(c.records, i, rec)
}

func (c *tableClient) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(c.records, id, func(r imednet.Record, id int64) int { return int(r.RecordID - id) })
}

func (c *tableClient) remove(id int64) {
	if i, found := c.find(id); found {
		c.records = slices.Delete(slices.Clone(c.records), i, i+1)
	}
}

// revise appends a revision.
func (c *tableClient) revise(t *testing.T, id int64, deleted bool, at time.Time) {
	rev, err := imednet.Decode[imednet.RecordRevision](fmt.Appendf(nil, `{"recordRevisionId":%d,"recordId":%d,"deleted":%t,"dateCreated":%q}`,
		len(c.revisions)+1, id, deleted, imednet.NewTime(at)))
	require.NoError(t, err)
	c.revisions = append(c.revisions, rev)
}

func (c *tableClient) Records(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for _, rec := range c.records {
			if opts.Filter.MatchRecord(&rec) && !yield(rec, nil) {
				return
			}
		}
	}
}

func (c *tableClient) RecordRevisions(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	c.requests++
	return func(yield func(imednet.RecordRevision, error) bool) {
		for _, rev := range c.revisions {
			members, err := imednet.NewRecordData(rev.Raw)
			if err == nil && opts.Filter.Match(members.Get) && !yield(rev, nil) {
				return
			}
		}
	}
}

func (c *tableClient) RecordPage(_ context.Context, _ string, f imednet.Filter, size int) (imednet.RecordPage, error) {
	c.requests++
	page := imednet.RecordPage{ServerTime: c.now}
	for _, rec := range c.records {
		if !f.MatchRecord(&rec) {
			continue
		}
		if page.Total++; len(page.Records) < size {
			page.Records = append(page.Records, rec)
		}
	}
	return page, nil
}

// requireTable demands that the mirror yields the table's rows.
func requireTable(t *testing.T, c *tableClient, l *cache.CachedRecordsLoader) {
	t.Helper()
	var want, got []string
	for _, rec := range c.records {
		want = append(want, string(rec.Raw))
	}
	for rec, err := range l.Records(t.Context(), "S", imednet.ListOptions{}) {
		require.NoError(t, err)
		got = append(got, string(rec.Raw))
	}
	require.Equal(t, want, got)
}

func TestRowThatLagsBehindItsRevisionStaysPending(t *testing.T) {
	c := newTable(t, 50)
	l := open(t, c)
	sync(t, l, "S")
	c.revise(t, 100, true, c.now)
	for range 2 {
		r := sync(t, l, "S")
		require.EqualValues(t, 1, r.Pending)
		require.Zero(t, r.Deleted, "a state was taken from a revision")
		status, err := l.Status(t.Context(), "S")
		require.NoError(t, err)
		require.EqualValues(t, 1, status.Pending)
	}
	c.set(t, 100, "v1", true, tableStart)
	r := sync(t, l, "S")
	require.EqualValues(t, 1, r.Deleted)
	require.Zero(t, r.Pending)
	requireTable(t, c, l)
	c.requests = 0
	sync(t, l, "S")
	require.LessOrEqual(t, c.requests, 6)
}

func TestRevisionThatAppearsLate(t *testing.T) {
	c := newTable(t, 600)
	late := c.revisions[300] // of record 3010
	full := c.revisions
	c.revisions = slices.Concat(full[:300], full[301:])
	l := open(t, c)
	sync(t, l, "S")
	c.revisions = full
	c.set(t, late.RecordID.Or(0), "v2", false, tableStart) // dateModified did not move
	r := sync(t, l, "S")
	require.EqualValues(t, 1, r.Updated)
	requireTable(t, c, l)
}

func TestSilentChangeOfARowThatTheDateLegBroughtAsWell(t *testing.T) {
	c := newTable(t, 30)
	l := open(t, c)
	sync(t, l, "S")
	// A new row of the first leg changes without a date after it was read: its revision is young
	// enough for the row to be read again.
	c.set(t, 1000, "v1", false, c.now)
	c.revise(t, 1000, false, c.now)
	c.now = c.now.Add(time.Minute)
	sync(t, l, "S")
	requireTable(t, c, l)
	c.set(t, 1000, "v2", false, c.now.Add(-time.Hour))
	c.revise(t, 1000, false, c.now)
	r := sync(t, l, "S")
	require.EqualValues(t, 1, r.Updated)
	require.EqualValues(t, 1, r.Regressed)
	requireTable(t, c, l)
}

// TestLossAndGainThatCancel takes a record away and gives back another that was hidden: the counts
// agree, and the block that is compared next in turn finds it in a bounded number of runs.
func TestLossAndGainThatCancel(t *testing.T) {
	pairs := map[int64][][2]int64{ // records, and pairs of a hidden and a lost record
		40:   {{20, 370}, {20, 30}, {30, 20}, {400, 390}, {10, 20}},
		3000: {{20, 29970}, {4990, 5000}, {5000, 5010}, {12010, 12020}, {12020, 12010}, {29990, 29980}, {14000, 14040}},
	}
	for n, all := range pairs {
		for _, pair := range all {
			for _, reopened := range []bool{false, true} {
				c := newTable(t, n)
				c.set(t, 10*(n-5), "later", false, tableStart.Add(2*time.Hour)) // the date leg does not reach the others
				hidden, _ := c.find(pair[0])
				gain := c.records[hidden]
				c.remove(pair[0])
				path := filepath.Join(t.TempDir(), "mirror.sqlite3")
				l := openAt(t, c, path)
				sync(t, l, "S")
				c.records = slices.Insert(c.records, hidden, gain)
				c.remove(pair[1])
				bound := int(n+499)/500 + 1
				found := 0
				for run := 1; found == 0 && run <= bound; run++ {
					if reopened {
						l = openAt(t, c, path)
					}
					c.now = c.now.Add(time.Minute)
					c.requests = 0
					if r := sync(t, l, "S"); r.Changed {
						require.EqualValues(t, 1, r.Vanished)
						require.EqualValues(t, 1, r.Added)
						found = run
						break
					}
					require.LessOrEqual(t, c.requests, 6)
				}
				require.Positive(t, found, "%d records, %v: not found in %d runs", n, pair, bound)
				requireTable(t, c, l)
			}
		}
	}
}

// A record that the server no longer lists, and then lists again byte for byte as before, is there again.
func TestARecordThatReappearsUnchangedIsRestored(t *testing.T) {
	for _, deleted := range []bool{false, true} {
		c := newTable(t, 20)
		c.set(t, 50, "v1", deleted, tableStart)
		l := open(t, c)
		before := sync(t, l, "S").After
		i, _ := c.find(50)
		same := c.records[i]
		c.remove(50)
		r := sync(t, l, "S")
		require.EqualValues(t, 1, r.Vanished)
		require.EqualValues(t, 1, r.After.Vanished)
		requireTable(t, c, l)

		c.records = slices.Insert(c.records, i, same)
		r = sync(t, l, "S")
		require.True(t, r.Changed)
		require.Equal(t, before, r.After)
		require.EqualValues(t, 1, r.Restored+r.Deleted, "%+v", r)
		requireTable(t, c, l)
		require.False(t, sync(t, l, "S").Changed)
	}
}

func TestRowsWithoutDatesOrKeys(t *testing.T) {
	c := &tableClient{now: tableStart}
	for id := range int64(5) {
		rec, err := imednet.Decode[imednet.Record](fmt.Appendf(nil, `{"recordId":%d,"formKey":null,"recordData":null}`, id+1))
		require.NoError(t, err)
		c.records = append(c.records, rec)
	}
	l := open(t, c)
	r := sync(t, l, "S")
	require.Equal(t, tableStart, r.Mark)
	c.now = c.now.Add(time.Hour)
	r = sync(t, l, "S")
	require.False(t, r.Changed)
	require.Equal(t, tableStart, r.Mark, "a quiet run wrote")
	requireTable(t, c, l)

	empty := &tableClient{now: tableStart}
	l = open(t, empty)
	sync(t, l, "S")
	requireTable(t, empty, l)
	empty.set(t, 7, "v1", false, tableStart)
	sync(t, l, "S")
	requireTable(t, empty, l)
}
