package house

import (
	"go/ast"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// childHome is the package that starts the test binary again as another process.
const childHome = "internal/childtest"

// TestChildProcessesAreStartedOneWay finds a test that starts its own binary by itself.
func TestChildProcessesAreStartedOneWay(t *testing.T) {
	found := false
	for _, s := range sources(t) {
		calls := callsOf(s.file)
		if s.dir == childHome {
			found = found || slices.Contains(calls, "os.Executable")
			continue
		}
		if !s.isTest() {
			continue
		}
		names := slices.Contains(calls, "os.Executable") || startsItself(s.file)
		require.False(t, names, "%s: start children by %s", s.path, childHome)
	}
	require.True(t, found, "%s starts nothing any more", childHome)
}

// startsItself reports whether a file names its own binary by its first argument. (Arguments beyond
// the first are no program.)
func startsItself(file *ast.File) (itself bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		index, ok := n.(*ast.IndexExpr)
		if !ok {
			return true
		}
		list, isSelector := index.X.(*ast.SelectorExpr)
		at, isNumber := index.Index.(*ast.BasicLit)
		itself = itself || isSelector && isNumber && list.Sel.Name == "Args" && at.Value == "0"
		return true
	})
	return itself
}
