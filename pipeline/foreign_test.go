package pipeline_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/pipeline"
)

// A file that has the name of one of a data set, and is no part of the one that stands there, is neither replaced
// nor removed: it is somebody else's.
func TestAFileOfSomebodyElseIsNotReplaced(t *testing.T) {
	for _, earlier := range []bool{false, true} {
		for _, name := range []string{"VS/records_chunk_00001", "_records_rejects"} {
			dir := t.TempDir()
			suffix := ""
			if earlier {
				_, err := newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{})
				require.NoError(t, err)
				suffix = ".r2"
			}
			suffix += map[bool]string{true: ".csv", false: ".jsonl"}[name != "_records_rejects"]
			place(t, dir, []string{name + suffix})
			theirs := filepath.Join(dir, name+suffix)
			require.NoError(t, os.WriteFile(theirs, []byte("theirs"), 0o600))
			before := filesIn(t, dir)
			_, err := newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{})
			require.ErrorContains(t, err, name+suffix)
			text, err := os.ReadFile(theirs)
			require.NoError(t, err)
			require.Equal(t, "theirs", string(text))
			require.Equal(t, before, filesIn(t, dir), "nothing was written")
			require.NoError(t, os.Remove(theirs))
			_, err = newPipeline(t).WriteCSV(t.Context(), mapperOver(t, demo(t)), "DEMO", dir, pipeline.DataSetOptions{})
			require.NoError(t, err)
		}
	}
}
