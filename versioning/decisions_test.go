package versioning_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/versioning"
)

// Whoever rebuilds a chain can write decisions that the library never would: each is found without a head and without a
// key, and so is a time of a signature that the signature does not have.
func TestDecisionsThatNobodyCanHaveMadeAreFound(t *testing.T) {
	for name, attack := range map[string][]string{
		"the review of who committed":       {`UPDATE config_entries SET author = 'anna' WHERE kind = 'REVIEWED'`},
		"the same in other letters":         {`UPDATE config_entries SET author = 'ＡNNA' WHERE kind = 'REVIEWED'`},
		"the approval of who committed":     {`UPDATE config_entries SET author = 'anna' WHERE kind = 'APPROVED'`},
		"a commit of who approved":          {`UPDATE config_entries SET author = 'carl' WHERE sequence = 1`, `UPDATE config_commits SET modified_by = 'carl'`},
		"an approval without a review":      {`DELETE FROM config_entries WHERE sequence = 2`},
		"an approval before the review":     {`UPDATE config_entries SET kind = CASE kind WHEN 'REVIEWED' THEN 'APPROVED' ELSE 'REVIEWED' END WHERE sequence IN (2, 3)`},
		"a review of what is not there":     {`UPDATE config_entries SET commit_id = 'f' || substr(commit_id, 2) WHERE sequence = 2`},
		"details that are none":             {`UPDATE config_entries SET details = '[]' WHERE kind = 'COMMITTED'`},
		"a signature of another day":        {`UPDATE config_entries SET timestamp = '2027-01-01T00:00:00.000000+00:00' WHERE kind = 'SIGNED'`},
		"an approval of what was not there": {`UPDATE config_entries SET commit_id = 'f' || substr(commit_id, 2) WHERE sequence = 3`},
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			s, err := versioning.NewConfigVersionStore(t.Context(), path, versioning.WithClock(storetest.NewClock()), versioning.WithIDs(storetest.Counter("e")))
			require.NoError(t, err)
			e, err := s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), why)
			require.NoError(t, err)
			_, err = s.ReviewConfig(t.Context(), "S", versioning.Approval{CommitID: e.CommitID, Author: "bert", Reason: "read"})
			require.NoError(t, err)
			_, err = s.ApproveConfig(t.Context(), "S", versioning.Approval{CommitID: e.CommitID, Author: "carl", Reason: "read"})
			require.NoError(t, err)
			_, err = s.SignConfig(t.Context(), "S", versioning.Signing{CommitID: e.CommitID, Author: "carl", Meaning: "approval", Key: signingKey})
			require.NoError(t, err)
			_, err = s.Verify(t.Context(), versioning.VerifyOptions{})
			require.NoError(t, err)
			require.NoError(t, s.Close())

			storetest.WithoutGuards(t, path, attack...)
			rechain(t, path, `SELECT 1`)
			s, err = versioning.NewConfigVersionStore(t.Context(), path)
			require.NoError(t, err)
			v, err := s.Verify(t.Context(), versioning.VerifyOptions{})
			require.ErrorIs(t, err, versioning.ErrIntegrity)
			require.NotZero(t, v.Faults)
			require.Contains(t, v.Problems[0].Path, "config_entries/S/")
			require.NoError(t, s.Close())
		})
	}
}
