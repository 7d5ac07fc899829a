package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/docs"
)

// TestThePagesAreTrue types what README.md and the pages of docs tell a reader to type: all of one
// page in one shell, in an empty directory, with a home of its own, against a demo of its own. What
// a page shows as output must be what comes out.
func TestThePagesAreTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("the pages are held by whole runs")
	}
	if runtime.GOOS == "windows" {
		t.Skip("the commands of the pages are written for a POSIX shell")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash to run the commands of the pages")
	}
	pages, err := docs.Pages(filepath.Join("..", ".."))
	require.NoError(t, err)
	ran := 0
	for _, page := range pages {
		steps := stepsOf(page)
		if len(steps) == 0 {
			continue
		}
		ran += len(steps)
		t.Run(page.Path, func(t *testing.T) { typeAll(t, bash, page, steps) })
	}
	require.Greater(t, ran, 20, "the guide alone has more")
}

// step is a block that is run, and what the page shows of its output.
type step struct {
	line, shownLine int
	commands        string
	shown           *string
}

// stepsOf takes the blocks that are run out of a page: those marked sh, without the go commands
// that .ci/run types, and SQL for the warehouse.
func stepsOf(page docs.Page) []step {
	var steps []step
	for i, b := range page.Blocks {
		commands := commandsOf(b)
		if commands == "" {
			continue
		}
		s := step{line: b.Line, commands: commands}
		if next := i + 1; next < len(page.Blocks) && page.Blocks[next].Lang == "text" && page.Blocks[next].Follows {
			s.shown, s.shownLine = &page.Blocks[next].Text, page.Blocks[next].Line
		}
		steps = append(steps, s)
	}
	return steps
}

func commandsOf(b docs.Block) string {
	switch b.Lang {
	case "sh":
		var kept strings.Builder
		for line := range strings.Lines(b.Text) {
			if !strings.HasPrefix(line, "go ") {
				kept.WriteString(line)
			}
		}
		return strings.TrimLeft(kept.String(), "\n")
	case "sql":
		return "imednet warehouse query \"$(cat <<'STATEMENT'\n" + b.Text + "STATEMENT\n)\"\n"
	}
	return ""
}

// typeAll runs the steps in one shell, each with a file for its standard output.
func typeAll(t *testing.T, bash string, page docs.Page, steps []step) {
	demo, url, err := startDemo()
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+url, "LC_ALL=C.UTF-8", "NO_COLOR=1")
	out, work := filepath.Join(s.dir, "out"), filepath.Join(s.dir, "work")
	for _, dir := range []string{out, work} {
		require.NoError(t, os.Mkdir(dir, 0o700))
	}
	s.installCommand()

	var script strings.Builder
	for i, step := range steps {
		fmt.Fprintf(&script, "exec >'%s/%d'\n%s", out, i, step.commands)
	}
	cmd := exec.CommandContext(t.Context(), bash, "-euo", "pipefail", "-c", script.String())
	cmd.Env, cmd.Dir = s.env, work
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	failed := cmd.Run()
	for i, step := range steps {
		text, err := os.ReadFile(filepath.Join(out, fmt.Sprint(i)))
		require.NoError(t, err, "%s: not reached because an earlier command failed: %s", page.Path, &stderr)
		last := i == len(steps)-1 || !exists(filepath.Join(out, fmt.Sprint(i+1)))
		if failed != nil && last {
			t.Fatalf("%s:%d: %v\n%s\n%s\n%s", page.Path, step.line, failed, step.commands, text, &stderr)
		}
		if step.shown != nil && !docs.Matches(*step.shown, string(text)) {
			t.Errorf("%s:%d shows\n%s\nbut this came out of\n%s\n%s", page.Path, step.shownLine, *step.shown, step.commands, text)
		}
	}
	for _, key := range []string{imednettest.APIKey, imednettest.SecurityKey} {
		require.NotContains(t, stderr.String(), key)
	}
	require.NotRegexp(t, `\b0[1-9]-[0-9]{3}\b`, stderr.String(), "a subject key of the demo")
}

// TestTheReadmeNamesTheEngines compares the versions of SQLite and DuckDB with those that are linked.
func TestTheReadmeNamesTheEngines(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	lite, _, _ := sqlite3.Version()
	require.Contains(t, string(readme), "| SQLite "+lite+" |")
	db, err := sql.Open("duckdb", "")
	require.NoError(t, err)
	defer db.Close()
	var duck string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT version()").Scan(&duck))
	require.Contains(t, string(readme), "| DuckDB "+duck+" |")
}

// installCommand puts imednet on the path of the shell.
func (s *shell) installCommand() {
	s.t.Helper()
	self, err := childtest.Program()
	require.NoError(s.t, err)
	bin := filepath.Join(s.dir, "bin")
	require.NoError(s.t, os.Mkdir(bin, 0o700))
	require.NoError(s.t, os.Symlink(self, filepath.Join(bin, "imednet")))
	s.env = append(s.env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
