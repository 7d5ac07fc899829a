package rest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

func TestContract(t *testing.T) {
	for name, settings := range map[string]imednettest.Settings{
		"as documented": {},
		"lenient":       {ClampSize: true, RepeatAttributes: true, MixConnectors: true, QuoteAnything: true, StudyKeyInFilter: true, LooseAnswers: true, SiteRecords: true},
		"strict":        {RefusePagePastEnd: true, MaxItems: 100, PostStatus: 200},
	} {
		t.Run(name, func(t *testing.T) {
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
