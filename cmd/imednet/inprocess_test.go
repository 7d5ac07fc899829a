package main

import (
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// here is held while a command runs in this process, whose directory, environment and standard streams are
// then those of the command.
var here sync.Mutex

// alone reports whether commands can run in this process, which is three times as cheap as starting others:
// no other test runs beside this one, nor will. With IMEDNET_LONG=1 each command has a process of its own.
func alone(t *testing.T) (alone bool) {
	if os.Getenv("IMEDNET_LONG") == "1" {
		return false
	}
	defer func() { alone = recover() == nil }() // Setenv panics in a test that runs in parallel
	t.Setenv(asCommand, "1")
	return true
}

// runHere runs a command line as a process would: in the directory and with exactly the environment of the
// shell, and with pipes as standard output and standard error.
func (s *shell) runHere(args []string) (code int, stdout, stderr string) {
	s.t.Helper()
	here.Lock()
	defer here.Unlock()
	defer s.enter()()
	readOut := redirect(s.t, &os.Stdout)
	readErr := redirect(s.t, &os.Stderr)
	defer func() { stdout, stderr = readOut(), readErr() }()
	return run(append([]string{}, args...), os.Stdout, os.Stderr), "", "" // for nil, cobra would take those of this process
}

// enter makes directory and environment of this process those of the shell, until it leaves.
func (s *shell) enter() (leave func()) {
	s.t.Helper()
	dir, err := os.Getwd()
	require.NoError(s.t, err)
	environment := os.Environ()
	require.NoError(s.t, os.Chdir(s.dir))
	setEnvironment(s.env)
	return func() {
		setEnvironment(environment)
		require.NoError(s.t, os.Chdir(dir))
	}
}

// setEnvironment replaces all variables of this process. Of a name that is given twice, the last counts.
func setEnvironment(variables []string) {
	os.Clearenv()
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		os.Setenv(name, value)
	}
}

// redirect puts a pipe in place of a standard stream until read returns all that was written to it.
func redirect(t *testing.T, stream **os.File) (read func() string) {
	t.Helper()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	original, written := *stream, make(chan string)
	*stream = writer
	go func() {
		text, _ := io.ReadAll(reader)
		written <- string(text)
	}()
	return func() string {
		*stream = original
		writer.Close()
		defer reader.Close()
		return <-written
	}
}
