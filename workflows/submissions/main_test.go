package submissions_test

import (
	"testing"

	"github.com/imednetgo/imednet/internal/testheap"
)

func TestMain(m *testing.M) {
	testheap.Grow()
	m.Run()
}
