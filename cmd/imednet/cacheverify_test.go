package main

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
)

// TestAVerificationInJSONCountsFormerStates: what nothing shows to be as it was kept is told to programs as to people.
func TestAVerificationInJSONCountsFormerStates(t *testing.T) {
	var out bytes.Buffer
	a := &app{out: &out, json: true}
	require.NoError(t, a.printVerification(cache.VerifyReport{StudyKey: "S", Former: 7, Undigested: 2}))
	var shown struct{ Former, Undigested int64 }
	require.NoError(t, json.Unmarshal(out.Bytes(), &shown, json.MatchCaseInsensitiveNames(true)))
	require.Equal(t, []int64{7, 2}, []int64{shown.Former, shown.Undigested})
}
