package criteria_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/criteria"
)

// belongingStudy has subject 7, called NEW and formerly OLD and moved from site 1 to site 2, subject 8, called
// OLD now, and two subjects of the key TWIN, of which 10 is soft-deleted.
func belongingStudy(t *testing.T) *imednettest.Server {
	t.Helper()
	dir := t.TempDir()
	write := func(resource imednet.Resource, rows ...string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, string(resource)+".ndjson"), []byte(strings.Join(rows, "\n")), 0o600))
	}
	write(imednet.Studies, `{"studyKey":"S","studyId":1}`)
	write(imednet.Subjects, `{"subjectId":7,"subjectKey":"NEW","siteId":2}`, `{"subjectId":8,"subjectKey":"OLD","siteId":1}`, `{"subjectId":9,"subjectKey":"TWIN","siteId":3}`,
		`{"subjectId":10,"subjectKey":"TWIN","siteId":3,"deleted":true}`, `{"subjectId":11,"siteId":4}`)
	write(imednet.Visits, `{"visitId":70,"subjectId":7,"intervalId":5}`, `{"visitId":71,"subjectKey":"NEW","intervalId":5}`, `{"visitId":80,"subjectId":8,"subjectKey":"OLD","intervalId":6}`)
	var records []string
	for i, members := range []string{
		`"subjectId":7,"subjectKey":"NEW","siteId":2,"visitId":70,"intervalId":5`,
		`"subjectId":7,"subjectKey":"OLD","siteId":1,"visitId":70`, // from before the renaming and the move
		`"subjectId":7,"visitId":71,"intervalId":6`,                // of another interval than its visit; others name none
		`"subjectKey":"NEW","visitId":70`,
		`"subjectKey":"OLD","visitId":80`,
		`"subjectId":8,"subjectKey":"OLD","siteId":1,"visitId":80`,
		`"subjectId":12,"subjectKey":"NEW","visitId":70`, // an id that nobody has
		`"subjectKey":"TWIN"`,                            // of either
		`"subjectId":10,"subjectKey":"TWIN"`,
		`"siteId":2`,
		`"subjectId":11,"subjectKey":"FORMER"`,
	} {
		records = append(records, fmt.Sprintf(`{"recordId":%d,"formKey":"F","recordData":{},%s}`, i+1, members))
	}
	write(imednet.Records, records...)
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	return imednettest.NewServer(study)
}

// TestRecordsBelongToTheSubjectThatTheStudySays whether they carry its id, its key or both, by one rule and
// whatever is asked of the server.
func TestRecordsBelongToTheSubjectThatTheStudySays(t *testing.T) {
	where := imednet.Where
	for name, c := range map[string]struct {
		criteria criteria.RecordCriteria
		want     []int64
	}{
		"a renamed subject":       {criteria.RecordCriteria{Subjects: where("subjectKey", imednet.Equal, "NEW")}, []int64{1, 2, 3, 4}},
		"who has its former key":  {criteria.RecordCriteria{Subjects: where("subjectKey", imednet.Equal, "OLD")}, []int64{5, 6}},
		"by id":                   {criteria.RecordCriteria{Subjects: where("subjectId", imednet.Equal, 7)}, []int64{1, 2, 3, 4}},
		"by site":                 {criteria.RecordCriteria{Subjects: where("siteId", imednet.Equal, 2)}, []int64{1, 2, 3, 4}},
		"several":                 {criteria.RecordCriteria{Subjects: where("siteId", imednet.Less, 3)}, []int64{1, 2, 3, 4, 5, 6}},
		"a key of two":            {criteria.RecordCriteria{Subjects: where("subjectId", imednet.Equal, 9)}, []int64{}},
		"without a key":           {criteria.RecordCriteria{Subjects: where("subjectId", imednet.Equal, 11)}, []int64{11}},
		"visits":                  {criteria.RecordCriteria{Visits: where("visitId", imednet.Less, 72)}, []int64{1, 2, 3, 4}},
		"visits of an interval":   {criteria.RecordCriteria{Visits: where("intervalId", imednet.Equal, 5)}, []int64{1, 2, 3, 4}},
		"a visit":                 {criteria.RecordCriteria{Visits: where("visitId", imednet.Equal, 71)}, []int64{3}},
		"visits of a subject":     {criteria.RecordCriteria{Visits: where("visitId", imednet.Greater, 0), Subjects: where("subjectKey", imednet.Equal, "NEW")}, []int64{1, 2, 3, 4}},
		"all but deleted":         {criteria.RecordCriteria{}, []int64{1, 2, 3, 4, 5, 6, 7, 8, 10, 11}},
		"of the deleted, by name": {criteria.RecordCriteria{Subjects: where("subjectKey", imednet.Equal, "TWIN"), IncludeDeleted: true}, []int64{9}},
	} {
		for _, fanOut := range []int{0, 8} {
			got, report := recordIDs(t, dataExtraction(t, belongingStudy(t).Client(), criteria.WithSubjectFanOut(fanOut)), "S", c.criteria)
			require.Equal(t, c.want, got, "%s, fan-out %d", name, fanOut)
			require.Equal(t, report.Read, report.Yielded+report.Deleted+report.Unmatched, name)
		}
	}
}
