package cache_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
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
		"subject_key = NULL", "subject_key = '01-999'", "modified = modified + 1"} {
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
