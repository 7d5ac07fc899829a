package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGeneratedStudy(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "generated.txt"))
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, ""))
	require.Equal(t, string(want), out.String())
}

func TestFilesAreKept(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, run(t.Context(), &strings.Builder{}, dir))
	require.FileExists(t, filepath.Join(dir, "submission", "define.xml"))
}
