package shortfall

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRowsThatRemovalsDoNotExplain(t *testing.T) {
	for _, c := range []struct {
		held, missing int64
		suspicious    bool
	}{
		{0, 0, false}, {1, 0, false}, {1, 1, true}, {2, 1, false}, {10, 5, false}, {10, 6, true}, {45, 9, false},
		{44, 9, false}, {50, 10, false}, {49, 10, true}, {1000, 200, false}, {1000, 201, true}, {0, 1, true},
	} {
		require.Equal(t, c.suspicious, Suspicious(c.held, c.missing), "%d of %d", c.missing, c.held)
	}
	require.False(t, FarBelow(80, 100))
	require.True(t, FarBelow(79, 100))
	require.False(t, FarBelow(0, 0))
	require.False(t, FarBelow(120, 100))
}
