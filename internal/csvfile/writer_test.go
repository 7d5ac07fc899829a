package csvfile_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/csvfile"
)

// TestEveryRowIsReadBack, also rows of one cell that is empty, in their order.
func TestEveryRowIsReadBack(t *testing.T) {
	var out strings.Builder
	w := csvfile.New(&out, false)
	var want [][]string
	for _, cell := range []string{"a", "", "b", "", "", "line\nbreak", "\"", "\\.", strings.Repeat("x", 10_000), ""} {
		require.NoError(t, w.Write([]string{cell}))
		want = append(want, []string{cell})
	}
	require.NoError(t, w.Flush())
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	require.NoError(t, err)
	require.Equal(t, want, rows)
}

func TestTextIsGuarded(t *testing.T) {
	guarded, unguarded := csvfile.New(nil, false), csvfile.New(nil, true)
	for text, want := range map[string]string{"=1": "'=1", "'a": "''a", "a": "a", "-5": "-5", "-x": "'-x", "": ""} {
		require.Equal(t, want, guarded.Text(text))
		require.Equal(t, text, unguarded.Text(text))
	}
}
