package pathname

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// reading is what engines read as the key of a directory, recorded by testdata/record_readings.py.
type reading struct {
	Key       string
	Directory string
	ByDefault map[string]any
	AsText    map[string]*string
}

// Four engines read every key back as the text that it is, with the option that docs/scale.md names.
func TestReadings(t *testing.T) {
	document, err := os.ReadFile("testdata/readings.json")
	require.NoError(t, err)
	var recorded struct {
		Versions    map[string]string
		Directories [][]reading
	}
	require.NoError(t, json.Unmarshal(document, &recorded))
	require.Len(t, recorded.Versions, 4)
	for _, directory := range recorded.Directories {
		for _, r := range directory {
			require.Equal(t, Directory(r.Key), r.Directory)
			for engine := range recorded.Versions {
				read, there := r.AsText[engine]
				require.True(t, there, "%s has not read %q", engine, r.Key)
				if r.Key == "" {
					require.Nil(t, read, engine)
					continue
				}
				require.NotNil(t, read, "%s: %q", engine, r.Key)
				require.Equal(t, r.Key, *read, engine)
			}
		}
	}
}
