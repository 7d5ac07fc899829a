package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/internal/qualification/scenarios"
	"github.com/imednetgo/imednet/internal/testheap"
)

// asCommand makes this test binary behave as the command itself, so that every test drives a
// separate process.
const asCommand = "IMEDNET_TEST_AS_COMMAND"

// demoURL is the demo that the tests only read from.
var demoURL string

func TestMain(m *testing.M) {
	if code, isChild := qualification.RunAsChild(scenarios.Children()); isChild {
		os.Exit(code)
	}
	if os.Getenv(asCommand) != "" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	flag.Parse()
	testheap.Grow()
	os.Exit(complete(withDemo(m.Run)))
}

func withDemo(tests func() int) int {
	demo, url, err := startDemo("--records", "500")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	demoURL = url
	code := tests()
	if err := stopDemo(demo); err != nil {
		fmt.Fprintln(os.Stderr, "demo did not end in good order:", err)
		return 1
	}
	return code
}

// startDemo starts `imednet demo` and returns what it announced.
func startDemo(args ...string) (*exec.Cmd, string, error) {
	cmd, announced, err := announcedDemo(args...)
	return cmd, announced.BaseURL, err
}

// announcement is what a demo says as JSON.
type announcement struct{ BaseURL, Authority string }

func announcedDemo(args ...string) (*exec.Cmd, announcement, error) {
	cmd := newCommand(append([]string{"demo", "--json"}, args...)...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, announcement{}, err
	}
	if err := cmd.Start(); err != nil {
		return nil, announcement{}, err
	}
	var announced announcement
	err = json.NewDecoder(out).Decode(&announced)
	return cmd, announced, err
}

// newCommand is the command line of another process, which needs asCommand in its environment.
func newCommand(args ...string) *exec.Cmd {
	program, err := childtest.Program()
	if err != nil {
		panic(err)
	}
	return exec.Command(program, args...)
}

func stopDemo(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return cmd.Wait()
}

// shell is a user's: a home directory of its own, the demo's keys, and files in a directory.
type shell struct {
	t     *testing.T
	dir   string
	env   []string
	alone bool
}

func newShell(t *testing.T, env ...string) *shell {
	dir := t.TempDir()
	return &shell{t: t, alone: alone(t), dir: dir, env: append([]string{
		asCommand + "=1", "HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir, testheap.Setting, "IMEDNET_BASE_URL=" + demoURL,
		"IMEDNET_API_KEY=" + imednettest.APIKey, "IMEDNET_SECURITY_KEY=" + imednettest.SecurityKey}, env...)}
}

func (s *shell) command(args ...string) *exec.Cmd {
	cmd := newCommand(args...)
	cmd.Env, cmd.Dir = s.env, s.dir
	return cmd
}

// run runs a command line and returns what it printed, which never holds a key.
func (s *shell) run(code int, args ...string) (out, errOut string) {
	s.t.Helper()
	got, out, errOut := s.outcome(args)
	require.Equal(s.t, code, got, "%v\n%s%s", args, out, errOut)
	if code == exitOK || out != "" {
		noteRun(args)
	}
	for _, key := range []string{imednettest.APIKey, imednettest.SecurityKey} {
		require.NotContains(s.t, out+errOut, key, "%v", args)
	}
	return out, errOut
}

// outcome runs a command line in this process, or, beside other tests, in one of its own.
func (s *shell) outcome(args []string) (code int, out, errOut string) {
	s.t.Helper()
	if s.alone {
		return s.runHere(args)
	}
	var stdout, stderr bytes.Buffer
	cmd := s.command(args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		require.ErrorAs(s.t, err, new(*exec.ExitError), "%v", args)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// ok runs a command line that succeeds.
func (s *shell) ok(args ...string) string {
	s.t.Helper()
	out, _ := s.run(exitOK, args...)
	return out
}

// json runs a command line with --json and reads its one document.
func (s *shell) json(v any, args ...string) {
	s.t.Helper()
	decoder := json.NewDecoder(strings.NewReader(s.ok(append(args, "--json")...)))
	require.NoError(s.t, decoder.Decode(v), "%v", args)
	require.ErrorIs(s.t, decoder.Decode(new(any)), io.EOF, "%v writes one document", args)
}

func (s *shell) write(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(s.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
