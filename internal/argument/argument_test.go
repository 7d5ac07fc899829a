package argument

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

type client struct{}

func TestNilInAnyDressIsRefused(t *testing.T) {
	var typed *client
	var function func()
	for name, value := range map[string]any{"nil": nil, "typed": typed, "function": function} {
		err := Required("pkg.New", name, value)
		require.EqualError(t, err, "imednet: invalid argument of pkg.New: "+name+": is nil")
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid)
	}
	require.NoError(t, Required("pkg.New", "client", &client{}))
	require.NoError(t, Required("pkg.New", "client", client{}))
}
