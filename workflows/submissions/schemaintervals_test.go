package submissions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestAnIntervalThatTheStudyDoesNotHaveIsNotSent: it is refused like a form or a variable that the study does not
// have, in a dry run too, and its name may be data in the wrong place.
func TestAnIntervalThatTheStudyDoesNotHaveIsNotSent(t *testing.T) {
	d := newDesk(t)
	known := ""
	var id int64
	for interval, err := range d.client.Intervals(t.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		known, id = interval.IntervalName.Or(""), interval.IntervalID
		break
	}
	_, weight := d.vitals()
	visit := func(change func(*imednet.Submission)) imednet.Submission {
		s := imednet.Submission{FormKey: "VS", SubjectKey: d.subject, Data: map[string]any{weight: 71.5}, Line: 3}
		change(&s)
		return s
	}
	good := visit(func(s *imednet.Submission) { s.IntervalName = known })
	goodID := visit(func(s *imednet.Submission) { s.IntervalID = id })
	for name, c := range map[string]struct {
		bad   imednet.Submission
		place string
	}{
		"another name":     {visit(func(s *imednet.Submission) { s.IntervalName = "Jane Roe" }), "intervalName"},
		"almost a name":    {visit(func(s *imednet.Submission) { s.IntervalName = known + "x" }), "intervalName"},
		"another id":       {visit(func(s *imednet.Submission) { s.IntervalID = 987654 }), "intervalId"},
		"in a new process": {visit(func(s *imednet.Submission) { s.IntervalName = "Jane Roe" }), "intervalName"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "in a new process" {
				d.update = d.process(d.client)
			}
			records := []imednet.Submission{good, c.bad}
			_, err := d.update.DryRun(t.Context(), d.study.Key(), records, submissions.Options{})
			_, sent := d.submit(records, submissions.Options{})
			for _, err := range []error{err, sent} {
				var invalid *submissions.InvalidRecordsError
				require.ErrorAs(t, err, &invalid)
				require.Len(t, invalid.Problems, 1)
				require.Equal(t, 1, invalid.Problems[0].Index)
				require.Equal(t, 3, invalid.Problems[0].Line)
				require.Equal(t, c.place, invalid.Problems[0].Place)
				require.NotContains(t, err.Error(), "Jane")
			}
			require.Empty(t, d.study.Submissions())
		})
	}
	for _, records := range [][]imednet.Submission{{good}, {goodID}} {
		_, err := d.update.DryRun(t.Context(), d.study.Key(), records, submissions.Options{})
		require.NoError(t, err)
	}
}
