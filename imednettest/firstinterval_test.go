package imednettest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// TestASubjectIsRegisteredAtTheFirstInterval by sequence, whatever the ids of the intervals.
func TestASubjectIsRegisteredAtTheFirstInterval(t *testing.T) {
	interval := func(id, rest string) string {
		return `{"studyKey":"DIR","intervalId":` + id + `,"intervalName":"I` + id + `",` + rest + `"forms":[{"formId":5,"formKey":"AE"}]}`
	}
	for name, c := range map[string]struct {
		intervals []string
		want      int64
	}{
		"a later id comes first":  {[]string{interval("1", `"intervalSequence":20,`), interval("2", `"intervalSequence":10,`), interval("3", `"intervalSequence":30,`)}, 2},
		"equal sequences":         {[]string{interval("1", `"intervalSequence":30,`), interval("2", `"intervalSequence":10,`), interval("3", `"intervalSequence":10,`)}, 2},
		"below zero":              {[]string{interval("1", `"intervalSequence":0,`), interval("2", `"intervalSequence":-1,`)}, 2},
		"some have none":          {[]string{interval("1", ""), interval("2", `"intervalSequence":null,`), interval("3", `"intervalSequence":5,`)}, 3},
		"none has one":            {[]string{interval("1", ""), interval("2", "")}, 1},
		"the first is disabled":   {[]string{interval("1", `"intervalSequence":1,"disabled":true,`), interval("2", `"intervalSequence":2,`)}, 2},
		"the first lists another": {[]string{`{"studyKey":"DIR","intervalId":1,"intervalSequence":1,"forms":[{"formId":6}]}`, interval("2", `"intervalSequence":2,`)}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeStudy(t)
			write := func(name string, rows ...string) {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name+".ndjson"), []byte(strings.Join(rows, "\n")), 0o600))
			}
			write("intervals", c.intervals...)
			write("forms", `{"studyKey":"DIR","formId":5,"formKey":"AE","formType":"Subject"}`)
			write("sites", `{"studyKey":"DIR","siteId":7,"siteName":"Seven"}`)
			study, err := imednettest.LoadDir(dir)
			require.NoError(t, err)
			base := imednettest.Start(t, imednettest.NewServer(study)) + "/api/v1/edc/studies"
			status, _, _ := send(t, request(t, "POST", base+"/DIR/records", `[{"formKey":"AE","siteName":"Seven","data":{}}]`))
			require.Equal(t, 202, status)
			study.FinishJobs()
			item := study.Submissions()[0].Items[0]
			require.Empty(t, item.Problem)
			require.EqualValues(t, c.want, record(t, study, item.RecordID).IntervalID.Or(0))
		})
	}
}
