package cache_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// formerStates is a mirror with former states of records and of sites.
func formerStates(t *testing.T) (study *imednettest.Study, path string, verify func() []string) {
	study = imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	l := open(t, imednettest.NewServer(study).Client())
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	ids := study.RecordIDs()
	require.NoError(t, study.SetStatus(ids[3], "Record Incomplete"))
	require.NoError(t, study.DeleteRecord(ids[5], true))
	require.NoError(t, study.RemoveRecord(ids[7]))
	require.NoError(t, study.EditRow(imednet.Sites, firstSite(t, l, study.Key()), "siteName", "another"))
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	require.NoError(t, study.SetStatus(ids[3], "Record Complete"))
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	return study, l.Path(), func() []string {
		report, err := l.Verify(t.Context(), study.Key())
		require.NoError(t, err)
		require.Equal(t, len(report.Findings) == 0, report.OK())
		require.Positive(t, report.Former)
		require.Zero(t, report.Undigested)
		return report.Findings
	}
}

func firstSite(t *testing.T, l *cache.CachedRecordsLoader, study string) int64 {
	for site, err := range l.Sites(t.Context(), study, imednet.ListOptions{}) {
		require.NoError(t, err)
		return site.SiteID
	}
	require.Fail(t, "the study has a site")
	return 0
}

// The server no longer has a former state: that one was altered shows in the file alone.
func TestVerifyFindsAlteredFormerStates(t *testing.T) {
	_, path, verify := formerStates(t)
	require.Empty(t, verify())
	other := otherProgram(t, path)
	for _, c := range []struct{ table, change, want string }{
		{"imednet_history", `payload = replace(payload, '"recordStatus":"', '"recordStatus":"X')`, "records"},
		{"imednet_history", `payload = payload || ' '`, "records"},
		{"imednet_history", `state = 1 - state`, "records"},
		{"imednet_history", `version = version + 7`, "records"},
		{"imednet_history", `replaced = replaced + 1`, "records"},
		{"imednet_history", `doubtful = 1`, "records"},
		{"imednet_history", `record_id = record_id + 100000`, "records"},
		{"imednet_history", `digest = 'x'`, "records"},
		{"imednet_history", `form_id = form_id + 1`, "records"},
		{"imednet_history", `form_key = 'another'`, "records"},
		{"imednet_history", `site_id = NULL`, "records"},
		{"imednet_history", `interval_id = coalesce(interval_id, 0) + 1`, "records"},
		{"imednet_history", `visit_id = coalesce(visit_id, 0) + 1`, "records"},
		{"imednet_history", `subject_id = subject_id + 1`, "records"},
		{"imednet_history", `subject_key = subject_key || 'x'`, "records"},
		{"imednet_history", `modified = coalesce(modified, 0) - 1`, "records"},
		{"imednet_row_history", `payload = payload || ' '`, "sites"},
		{"imednet_row_history", `replaced = replaced + 1`, "sites"},
		{"imednet_row_history", `row_id = row_id + 1000`, "sites"},
	} {
		where := ` WHERE rowid = (SELECT max(rowid) FROM ` + c.table + `)`
		if _, err := other.Exec(`SELECT rowid FROM ` + c.table); err != nil { // a table without one
			where = ` WHERE version = (SELECT min(version) FROM ` + c.table + `) AND replaced = (SELECT max(replaced) FROM ` + c.table + `)`
		}
		_, err := other.Exec(`CREATE TEMP TABLE kept AS SELECT * FROM ` + c.table + `; UPDATE ` + c.table + ` SET ` + c.change + where)
		require.NoError(t, err, c.change)
		require.Contains(t, verify(), "1 former states of "+c.want+" are not as they were kept", c.change)
		_, err = other.Exec(`DELETE FROM ` + c.table + `; INSERT INTO ` + c.table + ` SELECT * FROM kept; DROP TABLE kept`)
		require.NoError(t, err)
	}
	require.Empty(t, verify())
}

// Former states of a file that an older program kept have no digest: that is told, and they are read as before.
func TestFormerStatesOfAnOlderFileAreReadWithoutADigest(t *testing.T) {
	study, path, _ := formerStates(t)
	other := otherProgram(t, path)
	_, err := other.Exec(`ALTER TABLE imednet_history DROP COLUMN digest; ALTER TABLE imednet_row_history DROP COLUMN digest; DELETE FROM imednet_schema WHERE version = 7`)
	require.NoError(t, err)
	l := openAt(t, imednettest.NewServer(study).Client(), path)
	report, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.True(t, report.OK(), report)
	require.Positive(t, report.Undigested)
	require.Equal(t, report.Former, report.Undigested)
	require.Contains(t, report.String(), "former states were kept without a digest")
}
