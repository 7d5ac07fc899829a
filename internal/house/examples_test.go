package house

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exampleRow is a row of the table in examples/README.md: the program, and the packages it uses.
var exampleRow = regexp.MustCompile(`(?m)^\| \[(\w+)\]\((\w+)\) \| .+ \| ([^|]+) \|$`)

var quoted = regexp.MustCompile("`([\\w/]+)`")

// TestEveryExampleStandsInTheTable compares the table with the programs, and sees to it that each
// has a test.
func TestEveryExampleStandsInTheTable(t *testing.T) {
	used, tested := examples(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "README.md"))
	require.NoError(t, err)
	listed := map[string]bool{}
	for _, row := range exampleRow.FindAllStringSubmatch(string(text), -1) {
		name := row[1]
		require.Equal(t, name, row[2], "the link of %s leads to another folder", name)
		require.False(t, listed[name], "%s stands in the table twice", name)
		listed[name] = true
		var packages []string
		for _, p := range quoted.FindAllStringSubmatch(row[3], -1) {
			packages = append(packages, p[1])
		}
		require.Equal(t, slices.Sorted(maps.Keys(used[name])), packages, "the packages of %s", name)
	}
	for name := range used {
		require.True(t, listed[name], "%s does not stand in examples/README.md", name)
		require.True(t, tested[name], "%s has no test", name)
	}
	require.Len(t, listed, len(used), "the table has a program that is not there")
}

// examples returns the packages that each program uses, and which programs have a test.
func examples(t *testing.T) (used map[string]map[string]bool, tested map[string]bool) {
	used, tested = map[string]map[string]bool{}, map[string]bool{}
	for _, s := range sources(t) {
		name, inside := strings.CutPrefix(s.dir, "examples/")
		if !inside {
			continue
		}
		if used[name] == nil {
			used[name] = map[string]bool{}
		}
		if s.isTest() {
			tested[name] = true
			continue
		}
		for _, imp := range s.file.Imports {
			path, ours := strings.CutPrefix(strings.Trim(imp.Path.Value, `"`), module+"/")
			if ours && path != "imednettest" {
				used[name][path] = true
			}
		}
	}
	require.NotEmpty(t, used)
	return used, tested
}
