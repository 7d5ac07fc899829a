package ledger

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzLedgerFile reads any bytes as a ledger. What is accepted must be written in a form that
// reads the same again, entry by entry, and that is stable.
func FuzzLedgerFile(f *testing.F) {
	for _, name := range []string{"testdata/reference.json", "testdata/updated.golden.json"} {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`{"studies":{"S":{"streams":{"r":{"last_timestamp":"2026-05-22 12:00+02:00","metadata":{"a":1e400,"_imednet":{}}}}}}}`))
	f.Add([]byte(`{"x":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		state, err := decodeState(data)
		if err != nil {
			return
		}
		first, err := encodeState(state)
		require.NoError(t, err)
		again, err := decodeState(first)
		require.NoError(t, err, "%s", first)
		require.Equal(t, state.Keys(), again.Keys())
		for _, k := range state.Keys() {
			a, _ := state.Entry(k)
			b, _ := again.Entry(k)
			require.True(t, a.Equal(b), "%s", first)
			require.True(t, a.LastTimestamp.Equal(b.LastTimestamp))
		}
		second, err := encodeState(again)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	})
}
