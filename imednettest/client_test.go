package imednettest_test

import (
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

func TestInMemoryClientPassesTheContract(t *testing.T) {
	imednettest.TestClient(t, func(t *testing.T, s *imednettest.Server) imednet.Client { return s.Client() })
}
