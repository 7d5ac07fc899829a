package triage_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
)

// distinctIDs are distinct also among stores that share a file.
var distinctIDs = triage.WithIDs(func() (string, error) { return uuid.NewString(), nil })

// proven opens a queue in which two persons decide, as who is identified; nobody is where who is "".
func proven(t *testing.T, path, who string) *triage.TriageStore {
	o := []triage.Option{triage.WithTwoPersons(), distinctIDs}
	if who != "" {
		o = append(o, triage.WithIdentity(imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
			return imednet.Identity{ID: who, DisplayName: "J. Doe", Authenticated: "oidc"}, nil
		})))
	}
	return open(t, path, o...)
}

func resolve(t *testing.T, s *triage.TriageStore, user string) error {
	t.Helper()
	for _, to := range []triage.Status{triage.StatusUnderReview, triage.StatusResolved} {
		if _, err := s.UpdateStatus(t.Context(), triage.StatusUpdate{ItemID: "a", Version: triage.AnyVersion, To: to, UserID: user, Comment: "because"}); err != nil {
			return err
		}
	}
	return nil
}

func confirm(t *testing.T, s *triage.TriageStore, user string) error {
	t.Helper()
	_, err := s.ConfirmItem(t.Context(), triage.Confirmation{ItemID: "a", Version: triage.AnyVersion, UserID: user, Comment: "seen"})
	return err
}

func TestTwoPersonsWhoAreIdentified(t *testing.T) {
	path := newPath(t)
	claims := proven(t, path, "")
	_, err := claims.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", UserID: "nightly", Severity: "HIGH"})
	require.NoError(t, err, "whoever decides nothing may be claimed")
	_, err = claims.UpdateStatus(t.Context(), triage.StatusUpdate{ItemID: "a", Version: triage.AnyVersion, To: triage.StatusResolved, UserID: "anna", Comment: "because"})
	require.ErrorIs(t, err, triage.ErrOnlyClaimed)
	item, err := claims.TriageItem(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, triage.StatusNew, item.Status, "nothing was written")

	require.NoError(t, resolve(t, proven(t, path, "anna"), ""))
	for _, same := range []string{"anna", "ANNA", "Anna", "ａnna"} {
		require.ErrorIs(t, confirm(t, proven(t, path, same), ""), triage.ErrSamePerson, same)
	}
	require.ErrorIs(t, confirm(t, claims, "bert"), triage.ErrOnlyClaimed)
	require.ErrorIs(t, confirm(t, open(t, path, distinctIDs), "ANNA"), triage.ErrSamePerson, "spelling makes nobody a second person, whatever the rules")
	require.NoError(t, confirm(t, proven(t, path, "bert"), ""), "J. Doe both: names are not identities")
}

// What was resolved under other rules is not confirmed by one person who claims to be two.
func TestAClaimIsNotConfirmed(t *testing.T) {
	path := newPath(t)
	free := open(t, path, distinctIDs)
	_, err := free.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", UserID: "nightly", Severity: "HIGH"})
	require.NoError(t, err)
	require.NoError(t, resolve(t, free, "anna"))
	require.ErrorIs(t, confirm(t, proven(t, path, "bert"), ""), triage.ErrOnlyClaimed)
	require.NoError(t, resolve(t, proven(t, path, "anna"), ""), "reopened, and resolved anew")
	require.NoError(t, confirm(t, proven(t, path, "bert"), ""))
}
