package triage_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
)

// A policy that calls the holder of a key otherwise makes nobody a second person, whatever the rules.
func TestOneKeyIsOnePerson(t *testing.T) {
	for _, rules := range [][]triage.Option{nil, {triage.WithTwoPersons()}} {
		path := newPath(t)
		as := func(who, key string) *triage.TriageStore {
			return open(t, path, append([]triage.Option{distinctIDs, triage.WithIdentity(imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
				return imednet.Identity{ID: who, Authenticated: key}, nil
			}))}, rules...)...)
		}
		anna := as("anna", "key file 90b17fe9cb836517")
		_, err := anna.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", Severity: "HIGH"})
		require.NoError(t, err)
		require.NoError(t, resolve(t, anna, ""))
		require.ErrorIs(t, confirm(t, as("anne", "key file 90b17fe9cb836517"), ""), triage.ErrSamePerson)
		require.NoError(t, confirm(t, as("bert", "key file b6d15f9de5ee228d"), ""))
	}
}
