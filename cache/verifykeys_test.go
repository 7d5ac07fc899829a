package cache_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
)

// A record that a list of its form, site, visit or subject would lack, or have as another's, is a finding although its row
// is what the server has.
func TestVerifyFindsRecordsThatAreNotFound(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	l := open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	report, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.Empty(t, report.Findings)
	require.True(t, report.OK())
	other := otherProgram(t, l.Path())
	for _, change := range []string{"form_id = form_id + 1", "form_id = NULL", "form_key = form_key || 'X'", "site_id = site_id + 1", "interval_id = -7", "visit_id = 7.5", "subject_id = subject_id + 1",
		"subject_key = NULL", "subject_key = '01-999'", "modified = modified + 1", "doubtful = 1"} {
		where := " WHERE record_id = (SELECT max(record_id) FROM record_cache)"
		_, err := other.Exec(`CREATE TEMP TABLE kept AS SELECT * FROM imednet_record` + where)
		require.NoError(t, err)
		_, err = other.Exec(`UPDATE imednet_record SET ` + change + where)
		require.NoError(t, err)
		report, err := l.Verify(t.Context(), study.Key())
		require.NoError(t, err)
		require.Equal(t, []string{"1 records are not found by what their rows say"}, report.Findings, change)
		require.False(t, report.OK())
		_, err = other.Exec(`DELETE FROM imednet_record` + where + `; INSERT INTO imednet_record SELECT * FROM kept; DROP TABLE kept`)
		require.NoError(t, err)
	}
	report, err = l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}

// TestVerifyFindsWhatThePythonPackageWouldNot: the columns by which it finds records are as its own would be.
func TestVerifyFindsWhatThePythonPackageWouldNot(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 30})
	l := open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	for _, change := range []string{"form_key = ''", "form_key = form_key || 'X'", "date_modified = '2030-01-01 00:00:00'", "date_modified = ''"} {
		storetest.WithoutGuards(t, l.Path(), `CREATE TABLE kept AS SELECT * FROM record_cache`, `UPDATE record_cache SET `+change+` WHERE record_id = (SELECT max(record_id) FROM record_cache)`)
		report, err := l.Verify(t.Context(), study.Key())
		require.NoError(t, err)
		require.Equal(t, []string{"1 records are not found by what their rows say"}, report.Findings, change)
		storetest.WithoutGuards(t, l.Path(), `DELETE FROM record_cache`, `INSERT INTO record_cache SELECT * FROM kept`, `DROP TABLE kept`)
	}
	report, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.True(t, report.OK())
}

// TestVerifyFindsRowsThatTheirRecordLacks: a history of a record is made of them.
func TestVerifyFindsRowsThatTheirRecordLacks(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 30})
	l := open(t, imednettest.NewServer(study).Client())
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	of := ` WHERE resource = (SELECT id FROM imednet_resource WHERE name = 'recordRevisions') AND row_id IN (SELECT row_id FROM imednet_row
		WHERE resource = (SELECT id FROM imednet_resource WHERE name = 'recordRevisions') ORDER BY row_id LIMIT 2)`
	for _, change := range []string{"record_id = NULL", "record_id = record_id + 1"} {
		storetest.WithoutGuards(t, l.Path(), `CREATE TABLE kept AS SELECT * FROM imednet_row`, `UPDATE imednet_row SET `+change+of)
		report, err := l.Verify(t.Context(), study.Key())
		require.NoError(t, err)
		require.Equal(t, []string{"2 recordRevisions are not found by the record that they belong to"}, report.Findings, change)
		require.False(t, report.OK())
		storetest.WithoutGuards(t, l.Path(), `DELETE FROM imednet_row`, `INSERT INTO imednet_row SELECT * FROM kept`, `DROP TABLE kept`)
	}
}

// TestVerifyFindsStrays: rows that belong to nothing, and a mark of purges that no tombstone has, which would silence
// other checks.
func TestVerifyFindsStrays(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 30})
	l := open(t, imednettest.NewServer(study).Client())
	syncStudy(t, l, study.Key(), cache.SyncOptions{})
	for change, says := range map[string]string{
		`INSERT INTO imednet_record (study, record_id, state, version) SELECT study, record_id + 1000, state, version FROM imednet_record LIMIT 2`:           "2 records have no row",
		`INSERT INTO imednet_record (study, record_id, state, version) SELECT study + 50, record_id, state, version FROM imednet_record LIMIT 3`:             "3 rows are of no study or resource of the file",
		`INSERT INTO imednet_row (resource, row_id, state, version, payload) SELECT resource + 50, row_id, state, version, payload FROM imednet_row LIMIT 1`: "1 rows are of no study or resource of the file",
		`INSERT INTO imednet_version SELECT study + 50, version, seen_at FROM imednet_version WHERE version = 1`:                                             "1 rows are of no study or resource of the file",
		`UPDATE imednet_study SET purged = 1`: "the tombstones of purges are not intact: 1 fault, at imednet_study/" + study.Key() + ": states up to version 1 are purged, of which the tombstones say 0",
	} {
		storetest.WithoutGuards(t, l.Path(), `CREATE TABLE kept_record AS SELECT * FROM imednet_record`, `CREATE TABLE kept_row AS SELECT * FROM imednet_row`, `CREATE TABLE kept_version AS SELECT * FROM imednet_version`, change)
		report, err := l.Verify(t.Context(), study.Key())
		require.NoError(t, err)
		require.Equal(t, []string{says}, report.Findings, change)
		storetest.WithoutGuards(t, l.Path(), `UPDATE imednet_study SET purged = 0`)
		for _, table := range []string{"record", "row", "version"} {
			storetest.WithoutGuards(t, l.Path(), `DELETE FROM imednet_`+table, `INSERT INTO imednet_`+table+` SELECT * FROM kept_`+table, `DROP TABLE kept_`+table)
		}
	}
	report, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.True(t, report.OK())
}
