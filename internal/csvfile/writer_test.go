package csvfile_test

import (
	"encoding/csv"
	"math/rand/v2"
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

// TestCellsAtPlacesAreTheWholeRow compares rows of a few cells with the same rows written whole.
func TestCellsAtPlacesAreTheWholeRow(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "a", "x,y", "line\nbreak\n", "\"", " lead", "\\.", "\n", strings.Repeat("z", 5000)}
	for range 2000 {
		width := 1 + random.IntN(12)
		if random.IntN(20) == 0 {
			width = 10_000
		}
		row := make([]string, width)
		var places []int
		var cells []string
		for place := range row {
			if random.IntN(1+width/4) == 0 {
				row[place] = texts[random.IntN(len(texts))]
				places, cells = append(places, place), append(cells, row[place])
			}
		}
		var whole, sparse strings.Builder
		for out, write := range map[*strings.Builder]func(*csvfile.Writer) error{
			&whole:  func(w *csvfile.Writer) error { return w.Write(row) },
			&sparse: func(w *csvfile.Writer) error { return w.WriteAt(width, places, cells) },
		} {
			w := csvfile.New(out, false)
			require.NoError(t, write(w))
			require.NoError(t, w.Flush())
		}
		require.True(t, whole.String() == sparse.String(), "%d cells at %v: %q", width, places, cells)
	}
}

func TestTextIsGuarded(t *testing.T) {
	guarded, unguarded := csvfile.New(nil, false), csvfile.New(nil, true)
	for text, want := range map[string]string{"=1": "'=1", "'a": "''a", "a": "a", "-5": "-5", "-x": "'-x", "": ""} {
		require.Equal(t, want, guarded.Text(text))
		require.Equal(t, text, unguarded.Text(text))
	}
}
