package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// output runs the example and compares what it prints with a file.
func output(t *testing.T, dir, want string) {
	t.Helper()
	var b strings.Builder
	require.NoError(t, run(t.Context(), &b, dir))
	golden, err := os.ReadFile(want)
	require.NoError(t, err)
	require.Equal(t, string(golden), b.String())
}

func TestGeneratedStudy(t *testing.T) { output(t, "", "testdata/demo.txt") }

func TestPilotStudy(t *testing.T) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT names no pilot study")
	}
	output(t, dir, "testdata/cdiscpilot01.txt")
}

func TestMissingFolder(t *testing.T) {
	require.Error(t, run(t.Context(), &strings.Builder{}, t.TempDir()+"/none"))
}
