package rest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// The client keeps the contract whichever way a server takes what the API leaves open, and whichever
// two of its ways meet.
func TestContract(t *testing.T) {
	for i, settings := range imednettest.SettingsPairs() {
		if testing.Short() && i > 1 {
			break
		}
		name, err := json.Marshal(settings)
		require.NoError(t, err)
		t.Run(string(name), func(t *testing.T) {
			imednettest.TestClient(t, func(t *testing.T, s *imednettest.Server) imednet.Client {
				s.Configure(settings)
				c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, s)), rest.WithClock(newClock()))
				require.NoError(t, err)
				t.Cleanup(c.CloseIdleConnections)
				return c
			})
		})
	}
}
