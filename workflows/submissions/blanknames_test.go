package submissions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestANameOfWhichNothingIsSeenIsRefused: a name of characters without width alone names nothing. Without
// its interval an update would be a new record, and equal intents of such a name would be one.
func TestANameOfWhichNothingIsSeenIsRefused(t *testing.T) {
	for _, blank := range []string{"\u200b", "\ufeff", " \u200d\u2060", "\u00ad", " "} {
		d := newDesk(t)
		event := imednet.Submission{FormKey: "AE", SubjectKey: d.subject, Data: map[string]any{"AETERM": "x"}}
		for member, name := range map[string]func(*imednet.Submission){
			"intervalName": func(s *imednet.Submission) { s.IntervalName = blank },
			"subjectKey":   func(s *imednet.Submission) { s.SubjectKey, s.IntervalName = blank, "Registration" },
			"subjectOid":   func(s *imednet.Submission) { s.SubjectKey, s.SubjectOID = "", blank },
			"recordOid":    func(s *imednet.Submission) { s.RecordOID = blank },
			"intentKey":    func(s *imednet.Submission) { s.IntentKey = blank; s.Kind = imednet.NewRecord },
		} {
			item := event
			name(&item)
			_, err := d.update.CreateOrUpdateRecords(t.Context(), d.study.Key(), []imednet.Submission{item}, submissions.Options{})
			var invalid *submissions.InvalidRecordsError
			require.ErrorAs(t, err, &invalid, "%s %q", member, blank)
			require.Equal(t, member+" is blank", invalid.Problems[0].Reason, "%q", blank)
		}
		_, err := submissions.NewRecordUpdate(d.client, submissions.WithHolder(blank))
		require.ErrorContains(t, err, "is blank")
		register, err := submissions.NewRegisterSubjects(d.client)
		require.NoError(t, err)
		_, err = register.RegisterSubjects(t.Context(), d.study.Key(), []imednet.Submission{{FormKey: "DM", SiteName: blank, Data: map[string]any{"AGE": 41}}}, submissions.Options{})
		require.ErrorContains(t, err, "item 1: siteName is required", "%q", blank)
		require.Empty(t, d.study.Submissions())
	}
}
