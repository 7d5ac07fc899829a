package versioning_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

// proven opens a history in which two persons decide, as who is identified.
func proven(t *testing.T, path, who string) *versioning.ConfigVersionStore {
	return open(t, path, versioning.WithTwoPersons(), versioning.WithIdentity(imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
		return imednet.Identity{ID: who, DisplayName: "J. Doe", Authenticated: "oidc"}, nil
	})))
}

func TestTwoPersonsWhoAreIdentified(t *testing.T) {
	path := newPath(t)
	claims := open(t, path, versioning.WithTwoPersons())
	_, err := claims.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), why)
	require.ErrorIs(t, err, versioning.ErrOnlyClaimed)
	head, err := claims.Head(t.Context(), "S")
	require.NoError(t, err)
	require.Zero(t, head.Sequence, "nothing was written")

	because := versioning.CommitOptions{Reason: "because"}
	e, err := proven(t, path, "anna").CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), because)
	require.NoError(t, err)
	say := versioning.Approval{CommitID: e.CommitID, Reason: "read"}
	for _, same := range []string{"anna", "ANNA", "ａnna"} {
		_, err = proven(t, path, same).ReviewConfig(t.Context(), "S", say)
		require.ErrorIs(t, err, versioning.ErrSamePerson, same)
	}
	claimed := say
	claimed.Author = "bert"
	_, err = claims.ReviewConfig(t.Context(), "S", claimed)
	require.ErrorIs(t, err, versioning.ErrOnlyClaimed)
	_, err = open(t, path).ReviewConfig(t.Context(), "S", claimed)
	require.NoError(t, err, "a review under other rules")
	_, err = proven(t, path, "bert").ApproveConfig(t.Context(), "S", say)
	require.ErrorIs(t, err, versioning.ErrOnlyClaimed, "which is none under these")
	_, err = proven(t, path, "bert").ReviewConfig(t.Context(), "S", say)
	require.NoError(t, err)
	_, err = proven(t, path, "Anna").ApproveConfig(t.Context(), "S", say)
	require.ErrorIs(t, err, versioning.ErrSamePerson)
	_, err = proven(t, path, "bert").ApproveConfig(t.Context(), "S", say)
	require.NoError(t, err)
	_, err = claims.SignConfig(t.Context(), "S", versioning.Signing{CommitID: e.CommitID, Author: "bert", Meaning: "approval", Key: signingKey})
	require.ErrorIs(t, err, versioning.ErrOnlyClaimed)
}

// Who committed may be only claimed, as of a commit of the Python package: then two others decide.
func TestAClaimedCommitNeedsTwoOthers(t *testing.T) {
	path := newPath(t)
	e, err := open(t, path).CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), why)
	require.NoError(t, err)
	say := versioning.Approval{CommitID: e.CommitID, Reason: "read"}
	_, err = proven(t, path, "bert").ReviewConfig(t.Context(), "S", say)
	require.NoError(t, err)
	for _, same := range []string{"bert", "BERT"} {
		_, err = proven(t, path, same).ApproveConfig(t.Context(), "S", say)
		require.ErrorIs(t, err, versioning.ErrSamePerson, "who committed as anna may be bert")
	}
	_, err = proven(t, path, "chris").ApproveConfig(t.Context(), "S", say)
	require.NoError(t, err)
}

// An approval under looser rules is none under stricter ones, and one of an earlier commit is none of the newest.
func TestAnApprovalCounts(t *testing.T) {
	path := newPath(t)
	free := open(t, path)
	commit := func(o versioning.CommitOptions) versioning.Entry {
		e, err := free.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), o)
		require.NoError(t, err)
		return e
	}
	e := commit(why)
	approved := func(s *versioning.ConfigVersionStore) error {
		found, err := s.ApprovalOf(t.Context(), "S", e.CommitID)
		if err == nil {
			require.Equal(t, []string{"APPROVED", e.CommitID}, []string{string(found.Kind), found.CommitID})
		}
		return err
	}
	strict := open(t, path, versioning.WithTwoPersons())
	require.ErrorIs(t, approved(free), versioning.ErrNotApproved)
	say := versioning.Approval{CommitID: e.CommitID, Author: "bert", Reason: "read"}
	_, err := free.ReviewConfig(t.Context(), "S", say)
	require.NoError(t, err)
	require.ErrorIs(t, approved(free), versioning.ErrNotApproved, "it is only reviewed")
	_, err = free.ApproveConfig(t.Context(), "S", say)
	require.NoError(t, err)
	require.NoError(t, approved(free))
	require.ErrorIs(t, approved(strict), versioning.ErrNotApproved, "bert is only claimed")
	say.Author = ""
	_, err = proven(t, path, "bert").ReviewConfig(t.Context(), "S", say)
	require.NoError(t, err)
	_, err = proven(t, path, "chris").ApproveConfig(t.Context(), "S", say)
	require.NoError(t, err)
	require.NoError(t, approved(strict))

	_, err = free.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "B")), why)
	require.NoError(t, err)
	back := why
	back.AllowRollback = true
	commit(back)
	require.ErrorIs(t, approved(free), versioning.ErrNotApproved, "it was committed again")
	_, err = free.ApprovalOf(t.Context(), "S", "none")
	require.ErrorIs(t, err, imednet.ErrNotFound)
}
