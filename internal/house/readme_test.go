package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryCommandOfTheReadmeRunsInCI keeps the README's shell blocks and .ci/run in step: what a
// new user is told to type is what is run before a change lands.
func TestEveryCommandOfTheReadmeRunsInCI(t *testing.T) {
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	script, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	require.NoError(t, err)
	ran := map[string]bool{}
	for line := range strings.Lines(string(script)) {
		ran[strings.TrimSpace(line)] = true
	}
	commands := shellCommands(string(readme))
	require.GreaterOrEqual(t, len(commands), 2, "the README begins with two commands")
	require.Equal(t, []string{"go run ./examples/quickstart", "go test ./..."}, commands[:2])
	for _, command := range commands {
		require.True(t, ran[command], "%q stands in the README and is not run by .ci/run", command)
	}
}

// shellCommands returns the lines of the blocks marked sh, in order.
func shellCommands(markdown string) []string {
	var commands []string
	inside := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		switch {
		case line == "```sh":
			inside = true
		case line == "```":
			inside = false
		case inside && line != "":
			commands = append(commands, line)
		}
	}
	return commands
}
