package versioning_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

// Draft, reviewed, approved: by another person than the author, in this order, and anew after the
// configuration was committed again.
func TestTwoPersons(t *testing.T) {
	s := open(t, newPath(t))
	first, err := s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), why)
	require.NoError(t, err)
	say := func(do func(versioning.Approval) (versioning.Entry, error), commit, author string) error {
		e, err := do(versioning.Approval{CommitID: commit, Author: author, Reason: "read"})
		if err == nil {
			require.NoError(t, e.Fault)
			require.Equal(t, []string{commit, author, "1.0.0"}, []string{e.CommitID, e.Author, e.VersionTag})
		}
		return err
	}
	review := func(a versioning.Approval) (versioning.Entry, error) { return s.ReviewConfig(t.Context(), "S", a) }
	approve := func(a versioning.Approval) (versioning.Entry, error) { return s.ApproveConfig(t.Context(), "S", a) }
	require.ErrorIs(t, say(review, "none", "bert"), imednet.ErrNotFound)
	require.ErrorIs(t, say(approve, first.CommitID, "bert"), versioning.ErrNotReviewed)
	require.ErrorIs(t, say(review, first.CommitID, "anna"), versioning.ErrSamePerson)
	require.NoError(t, say(review, first.CommitID, "bert"))
	_, err = s.ApprovedConfig(t.Context(), "S")
	require.ErrorIs(t, err, imednet.ErrNotFound)
	require.ErrorIs(t, say(approve, first.CommitID, "anna"), versioning.ErrSamePerson)
	require.NoError(t, say(approve, first.CommitID, "bert"))

	second, err := s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "B")), why)
	require.NoError(t, err)
	approved, err := s.ApprovedConfig(t.Context(), "S")
	require.NoError(t, err)
	require.Equal(t, first.CommitID, approved.CommitID, "a draft is not in force")
	head, err := s.Head(t.Context(), "S")
	require.NoError(t, err)
	require.Equal(t, second.CommitID, head.CommitID)

	back := why
	back.AllowRollback = true
	_, err = s.CommitConfig(t.Context(), "S", config("S", rule("aeTerm", "A")), back)
	require.NoError(t, err)
	require.ErrorIs(t, say(approve, first.CommitID, "bert"), versioning.ErrNotReviewed, "the review was of an earlier commit")
	_, err = s.Verify(t.Context(), versioning.VerifyOptions{})
	require.NoError(t, err)
}

func TestSignatures(t *testing.T) {
	s := open(t, newPath(t))
	e, err := s.CommitConfig(t.Context(), "S", config("S"), why)
	require.NoError(t, err)
	signed, err := s.SignConfig(t.Context(), "S", versioning.Signing{CommitID: e.CommitID, Author: "bert", Meaning: "approval", Key: signingKey})
	require.NoError(t, err)
	public := signingKey.Public().(ed25519.PublicKey)
	require.NoError(t, signed.Details.Signature.Verify(public))
	require.Equal(t, e.Hash, signed.Details.Signature.Hash)
	_, err = s.SignConfig(t.Context(), "S", versioning.Signing{CommitID: e.CommitID, Author: "bert", Meaning: "approval"})
	require.ErrorAs(t, err, new(*imednet.ValidationError))

	_, err = s.Verify(t.Context(), versioning.VerifyOptions{Keys: []ed25519.PublicKey{public}})
	require.NoError(t, err)
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32)).Public().(ed25519.PublicKey)
	_, err = s.Verify(t.Context(), versioning.VerifyOptions{Keys: []ed25519.PublicKey{other}})
	require.ErrorIs(t, err, versioning.ErrIntegrity)
}
