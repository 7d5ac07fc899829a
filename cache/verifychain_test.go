package cache_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// TestVerifyFindsGapsInHistories: removed states and renumbered versions, which no digest covers.
func TestVerifyFindsGapsInHistories(t *testing.T) {
	_, path, verify := formerStates(t)
	require.Empty(t, verify())
	other := otherProgram(t, path)
	const twice = ` record_id = (SELECT record_id FROM imednet_history GROUP BY record_id HAVING count(*) = 2)`
	const records, sites = "1 gaps in the histories of records: a state is missing, or has another version", "1 gaps in the histories of sites: a state is missing, or has another version"
	const missing, empty = "1 versions of the study are missing, or there beside its own", "1 versions of the study stored nothing: their states are missing, or have other versions"
	for _, c := range []struct{ table, change, want string }{
		{"imednet_history", `DELETE FROM imednet_history WHERE` + twice + ` AND version = (SELECT max(version) FROM imednet_history WHERE` + twice + `)`, records},
		{"imednet_record", `UPDATE imednet_record SET version = version - 1 WHERE` + twice, records},
		{"imednet_record", `UPDATE imednet_record SET version = version + 1 WHERE` + twice, records},
		{"imednet_record", `DELETE FROM imednet_record WHERE` + twice, records},
		{"imednet_row", `UPDATE imednet_row SET version = version + 1 WHERE row_id IN (SELECT row_id FROM imednet_row_history) AND resource IN (SELECT resource FROM imednet_row_history)`, sites},
		{"imednet_version", `DELETE FROM imednet_version WHERE version = 2`, missing},
		{"imednet_version", `DELETE FROM imednet_version WHERE version = 1`, missing},
		{"imednet_version", `UPDATE imednet_version SET version = 0 WHERE version = 2`, "2 versions of the study are missing, or there beside its own"},
		{"imednet_version", `INSERT INTO imednet_version SELECT study, -1, seen_at FROM imednet_version WHERE version = 1`, missing},
		{"imednet_history", `UPDATE imednet_history SET version = 0 WHERE version = 1 AND` + twice, "1 versions that the study does not have are those of states"},
		{"imednet_record", `UPDATE imednet_record SET version = 1 WHERE version = (SELECT max(version) FROM imednet_record)`, empty},
	} {
		_, err := other.Exec(`CREATE TEMP TABLE kept AS SELECT * FROM ` + c.table + `; ` + c.change)
		require.NoError(t, err, c.change)
		require.Contains(t, verify(), c.want, c.change)
		_, err = other.Exec(`DELETE FROM ` + c.table + `; INSERT INTO ` + c.table + ` SELECT * FROM kept; DROP TABLE kept`)
		require.NoError(t, err)
	}
	require.Empty(t, verify())
}

// TestVerifyFindsADigestThatIsGone: of what was kept since there are digests, all have one, so that removing it with what
// it covers is no older version's doing.
func TestVerifyFindsADigestThatIsGone(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	l := open(t, imednettest.NewServer(study).Client())
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	for _, status := range []string{"one", "two"} {
		study.Advance(24 * time.Hour)
		require.NoError(t, study.SetStatus(study.RecordIDs()[3], status))
		syncStudy(t, l, study.Key(), cache.SyncOptions{})
	}
	other := otherProgram(t, l.Path())
	without := func(which string) []string {
		t.Helper()
		_, err := other.Exec(`UPDATE imednet_history SET digest = NULL, payload = replace(payload, 'e', 'f') WHERE version = (SELECT ` + which + `(version) FROM imednet_history)`)
		require.NoError(t, err)
		report, err := l.Verify(t.Context(), study.Key())
		require.NoError(t, err)
		return report.Findings
	}
	require.Equal(t, []string{"1 former states of records have no digest, which others before them have"}, without("max"))
	require.Empty(t, without("min"), "as an older version would have kept them all")
}

// TestAPurgeLeavesNoGap: what was purged is missing from no history.
func TestAPurgeLeavesNoGap(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	l := open(t, imednettest.NewServer(study).Client())
	ids := study.RecordIDs()
	whole := func() {
		t.Helper()
		report, err := l.Verify(t.Context(), study.Key())
		require.NoError(t, err)
		require.Empty(t, report.Findings)
	}
	edit := func(status string) {
		study.Advance(24 * time.Hour)
		for i := range 4 {
			require.NoError(t, study.SetStatus(ids[i], status))
		}
		syncStudy(t, l, study.Key(), cache.SyncOptions{})
		whole()
	}
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	edit("one")
	edit("two")
	before := study.Now()
	require.NoError(t, study.RemoveRecord(ids[9]))
	edit("three")
	_, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Before: before, Reason: "test"})
	require.NoError(t, err)
	whole()
	edit("four")
	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true, Reason: "test"})
	require.NoError(t, err)
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	whole()
	edit("five")
}
