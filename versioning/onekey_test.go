package versioning_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

// byKey opens a history in which two persons decide, as whom a key identifies.
func byKey(t *testing.T, path, who, key string) *versioning.ConfigVersionStore {
	return open(t, path, versioning.WithTwoPersons(), versioning.WithIdentity(imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
		return imednet.Identity{ID: who, Authenticated: key}, nil
	})))
}

const annasKey, bertsKey = "key file 90b17fe9cb836517", "key file b6d15f9de5ee228d"

// A policy that calls the holder of a key, or the subject of a token, otherwise makes nobody a second person.
func TestOneKeyIsOnePerson(t *testing.T) {
	for _, proofs := range [][2]string{{annasKey, bertsKey}, {"oidc https://login.example.org subject 90b17fe9cb836517", "oidc https://login.example.org subject b6d15f9de5ee228d"}} {
		oneIsOne(t, proofs[0], proofs[1])
	}
}

func oneIsOne(t *testing.T, annas, berts string) {
	path := newPath(t)
	e, err := byKey(t, path, "anna", annas).CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), versioning.CommitOptions{Reason: "because"})
	require.NoError(t, err)
	say := versioning.Approval{CommitID: e.CommitID, Reason: "read"}
	_, err = byKey(t, path, "anne", annas).ReviewConfig(t.Context(), "S", say)
	require.ErrorIs(t, err, versioning.ErrSamePerson)
	_, err = byKey(t, path, "bert", berts).ReviewConfig(t.Context(), "S", say)
	require.NoError(t, err)
	_, err = byKey(t, path, "anne", annas).ApproveConfig(t.Context(), "S", say)
	require.ErrorIs(t, err, versioning.ErrSamePerson)
	_, err = byKey(t, path, "bert", berts).ApproveConfig(t.Context(), "S", say)
	require.NoError(t, err)
	s := byKey(t, path, "bert", berts)
	_, err = s.Verify(t.Context(), versioning.VerifyOptions{})
	require.NoError(t, err)
	_, err = s.ApprovalOf(t.Context(), "S", e.CommitID)
	require.NoError(t, err)
}

// Such a decision, from whatever program, is found and does not count.
func TestADecisionByTheKeyOfTheCommitIsFound(t *testing.T) {
	for name, attack := range map[string]string{
		"review":   `UPDATE config_entries SET details = replace(details, 'b6d15f9de5ee228d', '90b17fe9cb836517') WHERE kind = 'REVIEWED'`,
		"approval": `UPDATE config_entries SET details = replace(details, 'b6d15f9de5ee228d', '90b17fe9cb836517') WHERE kind = 'APPROVED'`,
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			e, err := byKey(t, path, "anna", annasKey).CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), versioning.CommitOptions{Reason: "because"})
			require.NoError(t, err)
			say := versioning.Approval{CommitID: e.CommitID, Reason: "read"}
			_, err = byKey(t, path, "bert", bertsKey).ReviewConfig(t.Context(), "S", say)
			require.NoError(t, err)
			_, err = byKey(t, path, "bert", bertsKey).ApproveConfig(t.Context(), "S", say)
			require.NoError(t, err)
			storetest.WithoutGuards(t, path, attack)
			rechain(t, path, `SELECT 1`)
			s := byKey(t, path, "bert", bertsKey)
			_, err = s.Verify(t.Context(), versioning.VerifyOptions{})
			require.ErrorIs(t, err, versioning.ErrIntegrity)
			if name == "approval" {
				_, err = s.ApprovalOf(t.Context(), "S", e.CommitID)
				require.ErrorIs(t, err, versioning.ErrNotApproved)
			}
		})
	}
}

// Who imports a commit of the Python package did not make it: the author is only claimed, and two others decide.
func TestWhoImportsIsNotWhoCommitted(t *testing.T) {
	path := newPath(t)
	byKey(t, path, "bert", bertsKey)
	storetest.Exec(t, path, insert("S", `{"mappings": [], "phiFields": [], "reportingProfile": "general", "studyKey": "S", "terminologyLookups": {}, "version": "1.0.0", "widgets": []}`, "anna", "2026-01-01T10:00:00+00:00"))
	_, err := byKey(t, path, "bert", bertsKey).ImportCommits(t.Context(), versioning.ImportOptions{})
	require.NoError(t, err)
	s := byKey(t, path, "bert", bertsKey)
	commit := history(t, s, "S")[0].CommitID
	say := versioning.Approval{CommitID: commit, Reason: "read"}
	_, err = s.ReviewConfig(t.Context(), "S", say)
	require.NoError(t, err)
	_, err = s.ApproveConfig(t.Context(), "S", say)
	require.ErrorIs(t, err, versioning.ErrSamePerson)
	_, err = byKey(t, path, "carl", "key file c0ffee0000000000").ApproveConfig(t.Context(), "S", say)
	require.NoError(t, err)
	_, err = s.ApprovalOf(t.Context(), "S", commit)
	require.NoError(t, err)
}
