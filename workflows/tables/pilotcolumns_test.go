package tables_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestColumnsOfThePilotsWideTable: metadata, each variable of each form, and two more of each date.
func TestColumnsOfThePilotsWideTable(t *testing.T) {
	source := pilotSource(t)
	variables := studytest.All(t, source.Variables(t.Context(), "CDISCPILOT01", imednet.ListOptions{}))
	dates := 0
	for _, v := range variables {
		if v.Kind() == imednet.DateVariable {
			dates++
		}
	}
	for batch, err := range checked(t, source).Map(t.Context(), "CDISCPILOT01", tables.MapOptions{}).Batches() {
		require.NoError(t, err)
		require.EqualValues(t, 6+len(variables)+2*dates, batch.NumCols())
		require.EqualValues(t, 693, batch.NumCols())
		break
	}
	require.Len(t, variables, 617)
	require.Equal(t, 35, dates)
}
