//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A pipe in place of a file is read when somebody writes to it, and an interrupt ends the wait.
func TestAnInterruptEndsTheWaitForAPipe(t *testing.T) {
	dir := t.TempDir()
	silent, spoken := filepath.Join(dir, "silent"), filepath.Join(dir, "spoken")
	require.NoError(t, syscall.Mkfifo(silent, 0o600))
	require.NoError(t, syscall.Mkfifo(spoken, 0o600))
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	_, err := readInput(interrupted, silent)
	require.ErrorIs(t, err, context.Canceled)

	written := make(chan error, 1)
	go func() { written <- os.WriteFile(spoken, []byte("all of it"), 0o600) }()
	text, err := readInput(t.Context(), spoken)
	require.NoError(t, err)
	require.NoError(t, <-written)
	require.Equal(t, "all of it", string(text))

	_, err = readInput(t.Context(), filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = readInput(t.Context(), dir)
	require.Error(t, err, "a directory is no file")
	s := newShell(t)
	_, problem := s.run(exitInvalid, "config", "commit", "S1", os.DevNull, "-m", "nothing")
	require.Contains(t, problem, "the document is empty")
}
