package transit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/transit"
)

func TestPassing(t *testing.T) {
	for _, code := range []string{"08000", "08006", "40001", "40P01", "53300", "57P01", "57P03", "25P03"} {
		require.True(t, transit.Passing(code), code)
	}
	for _, code := range []string{"", "23505", "25006", "28P01", "40003", "42501", "53100", "57014"} {
		require.False(t, transit.Passing(code), code)
	}
}
