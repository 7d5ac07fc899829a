package lake_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTwoWritersOfOneTag set it at the same time, as often as a schedule may: both see that it stands.
func TestTwoWritersOfOneTag(t *testing.T) {
	w := newWorld(t, 30)
	w.sync()
	other, _ := w.open()
	for i := range 5 {
		tag := "cut-" + string(rune('a'+i))
		done := make(chan error)
		go func() { _, err := other.Tag(t.Context(), w.study.Key(), tag, 0); done <- err }()
		_, err := w.lake.Tag(t.Context(), w.study.Key(), tag, 0)
		require.NoError(t, <-done)
		require.NoError(t, err)
	}
	tags, err := w.lake.Tags(t.Context(), w.study.Key())
	require.NoError(t, err)
	require.Len(t, tags, 5)
}
