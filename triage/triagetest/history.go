package triagetest

import (
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/triage"
)

// WriteHistory writes every kind of event into an empty store that uses [Scale], so that a test can
// alter what was written and see whether Verify notices. One event is signed with the key.
func WriteHistory(t *testing.T, s *triage.TriageStore, key ed25519.PrivateKey) {
	t.Helper()
	ctx := t.Context()
	do := func(_ triage.Item, err error) { t.Helper(); require.NoError(t, err) }
	finding := triage.Finding{StudyKey: "S", Severity: "HIGH", Summary: "end before start",
		Link: triage.Link{RecordID: 7, RevisionID: 3, FormKey: "AE", Variable: "AEENDTC", Rule: "R1"}}
	report := func() string {
		reported, err := s.ReportFindings(ctx, "checks", []triage.Finding{finding})
		require.NoError(t, err)
		return reported.Findings[0].ItemID
	}
	id := report()
	do(s.ClaimItem(ctx, id, triage.Claim{UserID: "anna"}))
	do(s.ReleaseItem(ctx, id, "anna"))
	do(s.AssignItem(ctx, triage.Assignment{ItemID: id, Version: triage.AnyVersion, Assignee: "anna", UserID: "lead"}))
	do(s.AddAnnotation(ctx, triage.Comment{ItemID: id, UserID: "anna", Text: "first"}))
	do(s.AddAnnotation(ctx, triage.Comment{ItemID: id, UserID: "bob", Text: "second"}))
	do(s.UpdateStatus(ctx, triage.StatusUpdate{ItemID: id, Version: triage.AnyVersion, To: triage.StatusUnderReview, UserID: "anna"}))
	do(s.UpdateStatus(ctx, triage.StatusUpdate{ItemID: id, Version: triage.AnyVersion, To: triage.StatusResolved, UserID: "anna", Comment: "fixed"}))
	resolved, err := s.ConfirmItem(ctx, triage.Confirmation{ItemID: id, Version: triage.AnyVersion, UserID: "bob", Comment: "seen"})
	do(resolved, err)
	do(s.SignItem(ctx, triage.Signing{ItemID: id, Version: resolved.Version, UserID: "bob", Meaning: "approval", Key: key}))
	finding.Link.RevisionID = 4
	require.Equal(t, id, report(), "the finding opens its item again")
	do(s.ClaimItem(ctx, id, triage.Claim{UserID: "anna"}))
}
