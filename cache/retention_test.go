package cache_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
)

var retentionStart = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// whatAPurgeRemoves are the rows of the tables from which a purge removes some.
func whatAPurgeRemoves(t *testing.T, path string) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for table, columns := range map[string]string{
		"record_cache": "study_key, record_id, payload", "imednet_study": "study_key, version, purged, vanished", "imednet_record": "record_id, state, version",
		"imednet_tombstone": "record_id, reason, payload", "imednet_history": "record_id, version, payload", "imednet_row": "resource, row_id, payload",
		"imednet_row_history": "resource, row_id, payload", "imednet_run": "id, report",
	} {
		rows[table] = storetest.Snapshot(t, path, table, columns)
	}
	return rows
}

// TestRetentionRefusesAPurge and says until when; nothing is written.
func TestRetentionRefusesAPurge(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 20})
	clock := imednettest.NewClock(retentionStart)
	rules := imednet.RetentionRules{Default: imednet.Retention{Name: "15 years", Years: 15}}
	l := open(t, imednettest.NewServer(study).Client(), cache.WithClock(clock), cache.WithRetention(rules))
	sync(t, l, study.Key())
	require.NoError(t, study.RemoveRecord(study.RecordIDs()[0]))
	sync(t, l, study.Key())
	last, err := l.Status(t.Context(), study.Key())
	require.NoError(t, err)
	before := whatAPurgeRemoves(t, l.Path())
	for _, c := range []struct {
		opts  cache.PurgeOptions
		until time.Time
	}{
		{cache.PurgeOptions{Study: true}, last.AsOf.AddDate(15, 0, 0)},
		{cache.PurgeOptions{Study: true, BreakCuts: true}, last.AsOf.AddDate(15, 0, 0)},
		{cache.PurgeOptions{Before: retentionStart}, retentionStart.AddDate(15, 0, 0)},
		{cache.PurgeOptions{Before: retentionStart.AddDate(20, 0, 0)}, retentionStart.AddDate(35, 0, 0)},
	} {
		clock.Advance(c.until.Add(-time.Second).Sub(clock.Now()))
		_, err := l.Purge(t.Context(), study.Key(), c.opts)
		var refused *imednet.RetentionError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, "15 years", refused.Rule)
		require.True(t, refused.Until.Equal(c.until), "%s, not %s", refused.Until, c.until)
		require.Equal(t, before, whatAPurgeRemoves(t, l.Path()))
	}
	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{})
	require.NoError(t, err, "nothing was to be removed")
	clock.Advance(last.AsOf.AddDate(15, 0, 0).Sub(clock.Now()))
	report, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.NoError(t, err)
	require.EqualValues(t, 19, report.Records)
	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.NoError(t, err, "it can be finished")

	_, err = cache.NewCachedRecordsLoader(t.Context(), nil, l.Path(), cache.WithRetention(imednet.RetentionRules{Default: imednet.Retention{Years: -1}}))
	require.Error(t, err)
}

// TestRetentionOfAnotherProgramsRows: nothing tells when they ended, so that they are counted from now.
func TestRetentionOfAnotherProgramsRows(t *testing.T) {
	l := open(t, nil, cache.WithClock(imednettest.NewClock(retentionStart)), cache.WithRetention(imednet.RetentionRules{Default: imednet.Retention{Years: 1}}))
	storetest.Exec(t, l.Path(), `INSERT INTO record_cache (study_key, record_id, form_key, date_modified, payload) VALUES ('S', 1, 'AE', '', '{}')`)
	_, err := l.Purge(t.Context(), "S", cache.PurgeOptions{Study: true})
	var refused *imednet.RetentionError
	require.ErrorAs(t, err, &refused)
	require.True(t, refused.Until.Equal(retentionStart.AddDate(1, 0, 0)))
	_, err = l.Purge(t.Context(), "OTHER", cache.PurgeOptions{Study: true})
	require.NoError(t, err)
}

// TestAStudyHasItsOwnRule, which counts instead of that of all.
func TestAStudyHasItsOwnRule(t *testing.T) {
	one, other := imednettest.Generate(imednettest.GenerateOptions{Records: 10}), imednettest.Generate(imednettest.GenerateOptions{Records: 10, StudyKey: "OTHER"})
	l := open(t, imednettest.NewServer(one, other).Client(), cache.WithClock(imednettest.NewClock(retentionStart)),
		cache.WithRetention(imednet.RetentionRules{Default: imednet.Retention{Until: retentionStart.AddDate(9, 0, 0)}, Studies: map[string]imednet.Retention{"OTHER": {Name: "own", Until: retentionStart}}}))
	sync(t, l, one.Key())
	sync(t, l, "OTHER")
	_, err := l.Purge(t.Context(), one.Key(), cache.PurgeOptions{Study: true})
	require.ErrorIs(t, err, imednet.ErrRetained)
	_, err = l.Purge(t.Context(), "OTHER", cache.PurgeOptions{Study: true})
	require.NoError(t, err)
}
