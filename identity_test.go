package imednet_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestAFunctionSaysWhoActs(t *testing.T) {
	who := imednet.Identity{ID: "jdoe", DisplayName: "Jane Doe", Roles: []string{"monitor"}, Authenticated: "oidc"}
	type asked struct{}
	var identifier imednet.Identifier = imednet.IdentifierFunc(func(ctx context.Context) (imednet.Identity, error) {
		if ctx.Value(asked{}) == nil {
			return imednet.Identity{}, imednet.ErrNotIdentified
		}
		return who, nil
	})
	got, err := identifier.Identify(context.WithValue(t.Context(), asked{}, true))
	require.NoError(t, err)
	require.Equal(t, who, got)
	_, err = identifier.Identify(t.Context())
	require.ErrorIs(t, err, imednet.ErrNotIdentified)
}
