package phi

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHas(t *testing.T) {
	s := Of("Date_of-Birth", "DM.INITIALS")
	require.True(t, s.Has("DM", "DATEOFBIRTH"))
	require.True(t, s.Has("AE", "date of birth"))
	require.True(t, s.Has("dm", "initials"))
	require.False(t, s.Has("AE", "INITIALS"))
	require.False(t, s.Has("DM", "BIRTH"))
}
