package submissions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestResultsThatNameNoRecord: results without an index promise no order. Their words are shown where they are about
// a record, and as being about one of several where that is all that is known.
func TestResultsThatNameNoRecord(t *testing.T) {
	const unknown, closed = `"subjectKey is unknown"`, `"the site is closed"`
	one := "of one of these records: "
	type want struct {
		state submissions.State
		words string
	}
	for name, c := range map[string]struct {
		results string
		lost    []int
		want    [2]want
	}{
		"all refused, for one reason":  {`[{"status":"FAILED","message":` + unknown + `},{"status":"FAILED","message":` + unknown + `}]`, []int{0, 1}, [2]want{{submissions.Refused, "subjectKey is unknown"}, {submissions.Refused, "subjectKey is unknown"}}},
		"all refused, for two":         {`[{"status":"FAILED","message":` + unknown + `},{"status":"FAILED","message":` + closed + `}]`, []int{0, 1}, [2]want{{submissions.Refused, one + "subjectKey is unknown; the site is closed"}, {submissions.Refused, one + "subjectKey is unknown; the site is closed"}}},
		"all refused, one with words":  {`[{"status":"FAILED"},{"status":"FAILED","error":` + closed + `}]`, []int{0, 1}, [2]want{{submissions.Refused, one + "the site is closed"}, {submissions.Refused, one + "the site is closed"}}},
		"all refused, without words":   {`[{"status":"FAILED"},{"status":"ERROR"}]`, []int{0, 1}, [2]want{{submissions.Refused, ""}, {submissions.Refused, ""}}},
		"one refused":                  {`[{"status":"FAILED","message":` + unknown + `},{"status":"SUCCESS"}]`, []int{1}, [2]want{{submissions.Standing, ""}, {submissions.Absent, one + "subjectKey is unknown"}}},
		"one refused, in other order":  {`[{"status":"SUCCESS"},{"status":"FAILED","message":` + unknown + `}]`, []int{0}, [2]want{{submissions.Absent, one + "subjectKey is unknown"}, {submissions.Standing, ""}}},
		"fewer than there are records": {`[{"status":"FAILED","message":` + unknown + `}]`, []int{1}, [2]want{{submissions.Standing, ""}, {submissions.Unknown, one + "subjectKey is unknown"}}},
		"one index twice":              {`[{"index":1,"status":"FAILED","message":` + unknown + `},{"index":1,"status":"SUCCESS"}]`, []int{1}, [2]want{{submissions.Standing, ""}, {submissions.Unknown, one + "subjectKey is unknown"}}},
		"words that may hold anything": {`[{"status":"FAILED","message":"Wibble is no name"},{"status":"FAILED","message":` + closed + `}]`, []int{0, 1}, [2]want{{submissions.Refused, one + "the site is closed"}, {submissions.Refused, one + "the site is closed"}}},
	} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{States: []string{"completed"}, ShowResults: true, ResultText: c.results, Lose: c.lost})
		receipt, err := d.submit(d.events("Wibble", "Wobble"), wait)
		require.Error(t, err, name)
		for i, w := range c.want {
			item := receipt.Items[i]
			require.Equal(t, w, want{item.State, item.ShowableMessage()}, "%s: %d: %s", name, i, item.Reason)
			require.NotContains(t, item.String(), "Wibble")
		}
	}
}

// TestWordsAboutAnotherRecordAreForgotten once the record is found to stand.
func TestWordsAboutAnotherRecordAreForgotten(t *testing.T) {
	for words, left := range map[string]string{"of one of these records: the site is closed": "", "the site is closed": "the site is closed"} {
		item := submissions.Item{State: submissions.Unknown, Attempt: 1, ServerMessage: words}
		item, ok := item.Apply(submissions.Change{To: submissions.Standing, Attempt: 1, RecordID: 5}, start)
		require.True(t, ok)
		require.Equal(t, left, item.ServerMessage)
	}
}
