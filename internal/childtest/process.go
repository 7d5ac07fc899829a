package childtest

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Program is the path of the running test binary.
func Program() (string, error) { return os.Executable() }

// CopyForAnother is a copy of the running test binary that every user may run, for as long as the test runs.
func CopyForAnother(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "program")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	program, err := Program()
	require.NoError(t, err)
	text, err := os.ReadFile(program)
	require.NoError(t, err)
	path := filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(path, text, 0o755))
	return path
}

// Command is the child that does a task; it is not started yet, so that a test can change its
// environment or its user first. The end of the test kills it.
func Command(t testing.TB, task any) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(task)
	require.NoError(t, err)
	program, err := Program()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), taskVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	return cmd
}

// Process is a child that was started.
type Process struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

// Start starts the child that does a task.
func Start(t testing.TB, task any) *Process {
	t.Helper()
	return StartCommand(t, Command(t, task))
}

// StartCommand starts what [Command] made.
func StartCommand(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return &Process{cmd, bufio.NewScanner(out)}
}

// Next waits for the next line that the child says; ok is false when it says no more.
func (p *Process) Next() (line string, ok bool) {
	ok = p.lines.Scan()
	return p.lines.Text(), ok
}

// Kill kills the child (SIGKILL), which must not have ended yet, and returns what it said before it
// died and nobody had read.
func (p *Process) Kill(t testing.TB) (rest []string) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Kill())
	rest = p.rest()
	require.Error(t, p.cmd.Wait(), "the process ended before it was killed")
	return rest
}

// KillWhen kills the child as soon as a line is enough. A child that ends before that must not fail.
func (p *Process) KillWhen(t testing.TB, enough func(line string) bool) {
	t.Helper()
	for line, ok := p.Next(); ok; line, ok = p.Next() {
		if enough(line) {
			require.NoError(t, p.cmd.Process.Kill())
			p.rest()
			_ = p.cmd.Wait() // killed, or done just before
			return
		}
	}
	require.NoError(t, p.Wait())
}

// Wait waits for the end of the child and ignores what it still says.
func (p *Process) Wait() error {
	p.rest()
	return errors.Join(p.lines.Err(), p.cmd.Wait())
}

func (p *Process) rest() (lines []string) {
	for line, ok := p.Next(); ok; line, ok = p.Next() {
		lines = append(lines, line)
	}
	return lines
}
