package house

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

var requiredModule = regexp.MustCompile(`(?m)^\t(\S+) (v\S+)( // indirect)?$`)

// modules returns the direct requirements of go.mod.
func modules(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	direct := map[string]string{}
	for _, m := range requiredModule.FindAllStringSubmatch(string(text), -1) {
		if m[3] == "" {
			direct[m[1]] = m[2]
		}
	}
	require.Greater(t, len(direct), 10)
	return direct
}

// TestVersionsOfTheReadme compares the versions that the README names with go.mod.
func TestVersionsOfTheReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	named := regexp.MustCompile("\\| `(\\S+)` (v\\S+) \\|").FindAllStringSubmatch(string(text), -1)
	require.Len(t, named, 4)
	direct := modules(t)
	for _, m := range named {
		require.Equal(t, direct[m[1]], m[2], m[1])
	}
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	minimum := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(goMod))[1]
	newest := newestGo(t)
	require.Contains(t, string(text), "| Go | "+minimum+", "+newest+" |")
	require.Contains(t, string(text), "Both require Go "+minimum+" or "+newest+" ")
}

// newestGo is the newest release that the checks build and test with.
func newestGo(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	require.NoError(t, err)
	release := regexp.MustCompile(`(?m)^newest=go(\d+\.\d+)\.\d+$`).FindStringSubmatch(string(text))
	require.NotNil(t, release, "no toolchain in .ci/run")
	return release[1]
}

var dependencyRow = regexp.MustCompile("(?m)^\\| `(\\S+)` \\| [^|]+ \\| [^|]+ \\| [^|]+ \\|$")

// TestEveryDependencyIsExplained compares the direct dependencies with the rows of their page.
func TestEveryDependencyIsExplained(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	require.NoError(t, err)
	explained := map[string]bool{}
	for _, row := range dependencyRow.FindAllStringSubmatch(string(text), -1) {
		require.False(t, explained[row[1]], "%s stands twice", row[1])
		explained[row[1]] = true
	}
	for module := range modules(t) {
		require.True(t, explained[module], "docs/dependencies.md says nothing about %s", module)
		delete(explained, module)
	}
	require.Empty(t, explained, "docs/dependencies.md explains what go.mod does not require")
}

var metricName = regexp.MustCompile(`imednet_sync_[a-z_]+`)

// TestMetricsOfThePagesExist compares the metrics that operations.md names with what is written.
func TestMetricsOfThePagesExist(t *testing.T) {
	written, err := os.ReadFile(filepath.Join(root, "cache", "testdata", "worker_metrics.golden.txt"))
	require.NoError(t, err)
	page, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	require.NoError(t, err)
	exist, named := map[string]bool{}, map[string]bool{}
	for _, name := range metricName.FindAllString(string(written), -1) {
		exist[name] = true
	}
	for _, name := range metricName.FindAllString(string(page), -1) {
		named[name] = true
	}
	require.Equal(t, exist, named, "what is written is explained, and what is explained is written")
}
