package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imednetgo/imednet/internal/docs"
	"github.com/stretchr/testify/require"
)

var root = filepath.Join("..", "..")

func pages(t *testing.T) []docs.Page {
	t.Helper()
	all, err := docs.Pages(root)
	require.NoError(t, err)
	require.Greater(t, len(all), 3)
	return all
}

// TestEveryGoCommandOfThePagesRunsInCI keeps the pages and .ci/run in step: the go commands that a
// new user is told to type are run before a change lands. The other commands are run by the tests of
// cmd/imednet.
func TestEveryGoCommandOfThePagesRunsInCI(t *testing.T) {
	script, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	require.NoError(t, err)
	ran := map[string]bool{}
	for line := range strings.Lines(string(script)) {
		ran[strings.TrimSpace(line)] = true
	}
	for _, page := range pages(t) {
		commands := goCommands(page)
		if page.Path == "README.md" {
			require.GreaterOrEqual(t, len(commands), 2, "the README begins with two commands")
			require.Equal(t, []string{"go run ./examples/quickstart", "go test ./..."}, commands[:2])
		}
		for _, command := range commands {
			require.True(t, ran[command], "%q stands in %s and is not run by .ci/run", command, page.Path)
		}
	}
}

// goCommands returns the lines of the blocks marked sh that begin with "go ", in order.
func goCommands(page docs.Page) []string {
	var commands []string
	for _, b := range page.Blocks {
		if b.Lang != "sh" {
			continue
		}
		for line := range strings.Lines(b.Text) {
			if strings.HasPrefix(line, "go ") {
				commands = append(commands, strings.TrimSpace(line))
			}
		}
	}
	return commands
}
