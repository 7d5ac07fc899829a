package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/verdict"
)

func TestFaultsComeFirst(t *testing.T) {
	require.Equal(t, "5 entries: intact", verdict.Of("5 entries", 0))
	require.Equal(t, "1 fault in 5 entries", verdict.Of("5 entries", 1))
	require.Equal(t, "2 faults in 5 entries", verdict.Of("5 entries", 2))
}

func TestTheFirstFaultIsNamed(t *testing.T) {
	first := imednet.Problem{Path: "runs/2", Message: "was changed"}
	require.Equal(t, "1 fault, at runs/2: was changed", verdict.First(1, first))
	require.Equal(t, "2 faults, the first at runs/2: was changed", verdict.First(2, first))
}
