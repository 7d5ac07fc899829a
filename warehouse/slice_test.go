package warehouse_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

const (
	everyState = `SELECT record_id, version, state, decode(payload) FROM bronze_records ORDER BY version`
	everyCell  = `SELECT * FROM bronze_cell_changes ORDER BY version, variable_name, occurrence`
)

// drawnHistory has records whose ids come in order at first and then in any, and of some several states.
func drawnHistory(t *testing.T, r *rand.Rand, states int) (versions []imednet.RecordVersion) {
	for v := range states {
		id := int64(v + 1)
		if v > states/3 || r.IntN(10) == 0 {
			id = 1 + r.Int64N(int64(states))
		}
		data := fmt.Sprintf(`{"A":"%d","B":"%d"}`, r.IntN(3), r.IntN(3))
		versions = append(versions, version(imednet.MirrorVersion(v+1), imednet.RecordActive, record(t, id, v, data)))
	}
	return versions
}

// TestSlicesDoNotShow: how many states are compared at a time, and in how many runs, makes no difference to what the
// warehouse holds.
func TestSlicesDoNotShow(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 2))
	for range 2 {
		history := drawnHistory(t, r, 40)
		var states, cells []string
		for _, rows := range []int{1000, 3} {
			d := open(t, warehouse.WithSliceRows(rows))
			src := &chronicle{}
			for _, until := range []int{rows % 30, len(history)} {
				src.versions = history[:until]
				_, err := d.IngestRecords(t.Context(), src, "S1", warehouse.RecordOptions{})
				require.NoError(t, err)
			}
			if states == nil {
				states, cells = table(t, d, everyState), table(t, d, everyCell)
			}
			require.Equal(t, states, table(t, d, everyState), rows)
			require.Equal(t, cells, table(t, d, everyCell), rows)
		}
		require.NotEmpty(t, cells)
	}
}
