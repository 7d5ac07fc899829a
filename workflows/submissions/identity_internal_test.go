package submissions

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestANameIsNoID: a subject whose key reads like an id, and one that has that id, are two.
func TestANameIsNoID(t *testing.T) {
	n := &naming{schema: &StudySchema{index: imednet.NewFormIndex(nil, nil)}}
	seen := map[string]bool{}
	for _, s := range []imednet.Submission{
		{SubjectID: 5}, {SubjectKey: "5"}, {SubjectKey: "id 5"}, {SubjectKey: "#5"}, {SubjectKey: ":5"}, {SubjectOID: "5"}, {RecordID: 5}, {RecordOID: "5"}, {},
		{SubjectKey: "5", IntervalID: 5}, {SubjectKey: "5", IntervalName: "5"}, {SubjectKey: "5", SiteID: 5}, {SubjectKey: "5", SiteName: "5"},
		{SubjectKey: "5", FormID: 5}, {SubjectKey: "5", FormKey: "5"}, {SubjectKey: "5", Data: map[string]any{"5": "5"}}, {SubjectKey: "5", Data: map[string]any{"5": "", "55": "5"}},
	} {
		content, err := n.identityOf(imednet.ScheduledRecord, s)
		require.NoError(t, err)
		require.False(t, seen[content], "%+v", s)
		seen[content] = true
	}
}
