package extraction_test

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/extraction"
)

// FuzzParseProfile demands that a profile that was read is written and read back as it was.
func FuzzParseProfile(f *testing.F) {
	f.Add([]byte(`{"name":"own","domains":{"AE":{"required":["aeTerm"],"optional":["aeSeverity"]}},"constraints":{"aeSeverity":["MILD"]}}`))
	f.Add([]byte(`{"name":" ","domains":{"ae":{}}}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		profile, err := extraction.ParseProfile(document)
		if err != nil {
			require.Zero(t, profile)
			return
		}
		written, err := json.Marshal(profile)
		require.NoError(t, err)
		again, err := extraction.ParseProfile(written)
		require.NoError(t, err, string(written))
		rewritten, err := json.Marshal(again, json.Deterministic(true))
		require.NoError(t, err)
		written, err = json.Marshal(profile, json.Deterministic(true))
		require.NoError(t, err)
		require.Equal(t, string(written), string(rewritten))
	})
}
