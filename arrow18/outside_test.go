package arrow18_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProgramsOutsideTheTree builds and runs programs of another module, because what two Arrow
// generations break, they break when a program is linked or started. It needs nothing but the
// module cache.
func TestProgramsOutsideTheTree(t *testing.T) {
	if testing.Short() || os.Getenv("IMEDNET_LONG") == "" {
		t.Skip("links two large programs; IMEDNET_LONG=1 does")
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	for _, program := range []string{"v18array", "v18parquet"} {
		t.Run(program, func(t *testing.T) {
			dir := outsideModule(t, root, filepath.Join("testdata", program, "main.go"))
			run := exec.CommandContext(t.Context(), "go", "run", ".")
			run.Dir = dir
			run.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GOPROXY=off")
			out, err := run.CombinedOutput()
			require.NoError(t, err, string(out))
			require.Equal(t, "rows agree: true\n", string(out))
		})
	}
}

// outsideModule makes a module that depends on this one with the versions that this one has.
func outsideModule(t *testing.T, root, program string) string {
	t.Helper()
	dir := t.TempDir()
	copyFile := func(from, to string, change func(string) string) {
		content, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, to), []byte(change(string(content))), 0o600))
	}
	same := func(s string) string { return s }
	copyFile(filepath.Join(root, "go.sum"), "go.sum", same)
	copyFile(program, "main.go", same)
	copyFile(filepath.Join(root, "go.mod"), "go.mod", func(mod string) string {
		const name = "module github.com/imednetgo/imednet\n"
		require.True(t, strings.HasPrefix(mod, name))
		return "module example.org/outside\n" + strings.TrimPrefix(mod, name) +
			"\nrequire github.com/imednetgo/imednet v0.0.0\n\nreplace github.com/imednetgo/imednet => " + root + "\n"
	})
	return dir
}
