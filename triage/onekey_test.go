package triage_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/triage"
)

// A policy that calls the holder of a key, or the subject of a token, otherwise makes nobody a second person, whatever the rules.
func TestOneKeyIsOnePerson(t *testing.T) {
	for _, proof := range []string{"key file 90b17fe9cb836517", "oidc https://login.example.org subject 90b17fe9cb836517"} {
		oneIsOne(t, proof)
	}
}

func oneIsOne(t *testing.T, proof string) {
	for _, rules := range [][]triage.Option{nil, {triage.WithTwoPersons()}} {
		path := newPath(t)
		as := func(who, key string) *triage.TriageStore {
			return open(t, path, append([]triage.Option{distinctIDs, triage.WithIdentity(imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
				return imednet.Identity{ID: who, Authenticated: key}, nil
			}))}, rules...)...)
		}
		anna := as("anna", proof)
		_, err := anna.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", Severity: "HIGH"})
		require.NoError(t, err)
		require.NoError(t, resolve(t, anna, ""))
		require.ErrorIs(t, confirm(t, as("anne", proof), ""), triage.ErrSamePerson)
		require.NoError(t, confirm(t, as("bert", "key file b6d15f9de5ee228d"), ""))
	}
}
