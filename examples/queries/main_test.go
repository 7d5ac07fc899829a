package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func shown(t *testing.T, data, asOf string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, data, asOf))
	return out.String()
}

func TestGeneratedStudy(t *testing.T) {
	want, err := os.ReadFile("testdata/generated.txt")
	require.NoError(t, err)
	assert.Equal(t, string(want), shown(t, "", ""))
}

func TestPilotStudy(t *testing.T) {
	data := os.Getenv("IMEDNET_PILOT")
	if data == "" {
		t.Skip("IMEDNET_PILOT names no folder")
	}
	want, err := os.ReadFile("testdata/pilot.txt")
	require.NoError(t, err)
	assert.Equal(t, string(want), shown(t, data, ""))
	assert.Contains(t, shown(t, data, "2014-01-01"), "were raised later")
}

func TestWrongArguments(t *testing.T) {
	var out bytes.Buffer
	assert.Error(t, run(t.Context(), &out, "", "1 May"))
	assert.Error(t, run(t.Context(), &out, t.TempDir(), ""))
	assert.Empty(t, out.String())
}
