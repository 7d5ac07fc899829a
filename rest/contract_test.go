package rest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

func TestContract(t *testing.T) {
	imednettest.TestClient(t, func(t *testing.T, s *imednettest.Server) imednet.Client {
		c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, s)), rest.WithClock(newClock()))
		require.NoError(t, err)
		t.Cleanup(c.CloseIdleConnections)
		return c
	})
}
